using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>Samples of the last half hour, in memory only. Thread-safe.</summary>
internal sealed class StatisticsHistory
{
    private const int Points = 360;
    private const int PointsServedOfQueue = 72;
    private const int MostQueues = 512;

    private readonly Lock _gate = new();
    private readonly Ring<HistorySample> _broker = new(Points);         // under the gate
    private readonly List<(QueueName Name, Ring<QueueSample> Ring)> _queues = []; // under the gate, first seen first

    /// <summary>Time between two samples.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Adds one sample of everything. A queue that is not in it loses what was known of it, and the first 512 that were seen are kept.</summary>
    public void Add(HistorySample broker, IReadOnlyDictionary<QueueName, (long Depth, long Leased)> queues)
    {
        lock (_gate)
        {
            _broker.Add(broker);
            _queues.RemoveAll(known => !queues.ContainsKey(known.Name));
            HashSet<QueueName> tracked = [.. _queues.Select(static known => known.Name)];
            foreach (QueueName name in queues.Keys)
            {
                if (_queues.Count == MostQueues) break;
                if (tracked.Add(name)) _queues.Add((name, new Ring<QueueSample>(Points)));
            }

            foreach ((QueueName name, Ring<QueueSample> ring) in _queues) ring.Add(new QueueSample(broker.AtSeconds, queues[name].Depth, queues[name].Leased));
        }
    }

    public HistoryReading Read()
    {
        lock (_gate) return new HistoryReading(Interval, [.. _broker.Items], [.. _queues.Select(static queue => new QueueHistory(queue.Name, Thin(queue.Ring.Items)))]);
    }

    /// <summary>Every n-th, counted from the newest, so that there are no more than are served.</summary>
    private static QueueSample[] Thin(IReadOnlyCollection<QueueSample> samples)
    {
        int step = (samples.Count + PointsServedOfQueue - 1) / PointsServedOfQueue;
        return [.. samples.Where((_, index) => (samples.Count - 1 - index) % step == 0)];
    }
}
