using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>One queue over time: the last half hour, and the last day less finely. At most 8 KB. Not thread-safe.</summary>
internal sealed class QueueSeries(QueueName name)
{
    private static readonly TimeSpan CoarseInterval = TimeSpan.FromMinutes(5);

    private readonly Ring<Point> _fine = new(StatisticsHistory.Points);
    private readonly Ring<Point> _coarse = new((int)(TimeSpan.FromDays(1) / CoarseInterval));
    private Point _last;
    private QueueNow _now;

    public QueueName Name => name;

    /// <summary>Samples since the queue was last active; 0 while it is.</summary>
    public int IdleSamples { get; private set; }

    /// <summary>Messages in it, as of the last sample.</summary>
    public long Weight => _now.Depth + _now.Leased;

    public void Add(long atSeconds, QueueNow now)
    {
        var point = new Point((uint)atSeconds, Cut(now.Depth), Cut(now.Leased));
        long interval = (long)CoarseInterval.TotalSeconds;
        if (_fine.Count > 0 && _last.At / interval != point.At / interval) _coarse.Add(_last);
        _fine.Add(point);
        (_last, _now) = (point, now);
        IdleSamples = now.IsActive ? 0 : IdleSamples + 1;
    }

    /// <param name="query">Which part of it.</param>
    /// <param name="most">Most samples: every n-th is served then, counted from the newest.</param>
    public QueueHistory Read(HistoryQuery query, int most)
    {
        (Ring<Point> ring, TimeSpan interval) = query.Range == HistoryRange.HalfHour ? (_fine, StatisticsHistory.Interval) : (_coarse, CoarseInterval);
        int first = 0;
        while (first < ring.Count && ring[first].At <= query.SinceSeconds) first++;
        int count = ring.Count - first;
        int step = count <= most ? 1 : (count + most - 1) / most;
        var samples = new List<QueueSample>(Math.Min(count, most));
        for (int i = first + ((count - 1) % step); i < ring.Count; i += step) samples.Add(new QueueSample(ring[i].At, ring[i].Depth, ring[i].Leased));
        return new QueueHistory(name, interval * step, samples);
    }

    private static uint Cut(long count) => (uint)Math.Min(count, uint.MaxValue);

    // Half as large as what is served: there are many of them.
    private readonly record struct Point(uint At, uint Depth, uint Leased);
}
