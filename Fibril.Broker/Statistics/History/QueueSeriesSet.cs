using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>The queues that are followed over time: at most 512, and rather those where something goes on than those that were seen first. Not thread-safe.</summary>
internal sealed class QueueSeriesSet
{
    public const int MostQueues = 512;

    private const int PointsServedOfQueue = 72;
    private const long FewMessages = 100;

    private readonly List<QueueSeries> _tracked = []; // in the order in which they were first seen

    /// <summary>Adds a sample of each. A queue that is not in it loses what was known of it.</summary>
    public void Add(long atSeconds, IReadOnlyDictionary<QueueName, QueueNow> queues)
    {
        _tracked.RemoveAll(series => !queues.ContainsKey(series.Name));
        Choose(queues);
        foreach (QueueSeries series in _tracked) series.Add(atSeconds, queues[series.Name]);
    }

    public IReadOnlyList<QueueHistory> Read(HistoryQuery query)
    {
        if (!query.WithQueues || query.Range == HistoryRange.Month) return [];
        if (query.Queue is not { } name) return [.. _tracked.Select(series => series.Read(query, PointsServedOfQueue))];
        return [.. _tracked.Where(series => series.Name == name).Select(series => series.Read(query, int.MaxValue))];
    }

    private void Choose(IReadOnlyDictionary<QueueName, QueueNow> queues)
    {
        if (_tracked.Count == queues.Count) return;
        HashSet<QueueName> tracked = [.. _tracked.Select(static series => series.Name)];
        var waiting = new Queue<KeyValuePair<QueueName, QueueNow>>(
            queues.Where(queue => queue.Value.IsActive && !tracked.Contains(queue.Key)).OrderByDescending(static queue => queue.Value.Depth + queue.Value.Leased));
        while (_tracked.Count < MostQueues && waiting.TryDequeue(out KeyValuePair<QueueName, QueueNow> next)) _tracked.Add(new QueueSeries(next.Key));
        if (waiting.Count > 0) Replace(waiting);
        else AddIdle(queues, tracked);
    }

    private void AddIdle(IReadOnlyDictionary<QueueName, QueueNow> queues, HashSet<QueueName> tracked)
    {
        foreach ((QueueName name, QueueNow now) in queues)
        {
            if (_tracked.Count == MostQueues) return;
            if (!now.IsActive && !tracked.Contains(name)) _tracked.Add(new QueueSeries(name));
        }
    }

    /// <summary>The busiest that wait take the places of those that matter least, as long as the difference is worth what is forgotten by that.</summary>
    private void Replace(Queue<KeyValuePair<QueueName, QueueNow>> waiting)
    {
        var least = new Queue<QueueSeries>(_tracked.OrderByDescending(static series => series.IdleSamples).ThenBy(static series => series.Weight));
        HashSet<QueueSeries> gone = [];
        List<QueueSeries> come = [];
        while (waiting.TryDequeue(out KeyValuePair<QueueName, QueueNow> next) && least.TryDequeue(out QueueSeries? series) && IsWorth(next.Value, series))
        {
            gone.Add(series);
            come.Add(new QueueSeries(next.Key));
        }

        _tracked.RemoveAll(gone.Contains);
        _tracked.AddRange(come);
    }

    /// <summary>A queue where nothing goes on gives way at once; another one only to a much fuller one, so that they do not take turns.</summary>
    private static bool IsWorth(QueueNow next, QueueSeries series) =>
        next.IsActive && (series.IdleSamples > 0 || next.Depth + next.Leased > (2 * series.Weight) + FewMessages);
}
