using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>
/// How the broker did: half an hour finely, a day and a month ever less so. 1 MB of samples of the broker and 4 MB of those of queues, at most.
/// Thread-safe.
/// </summary>
internal sealed class StatisticsHistory
{
    /// <summary>Samples of the last half hour.</summary>
    public const int Points = 360;

    private readonly Lock _gate = new();
    private readonly Ring<HistorySample> _fine = new(Points);                   // under the gate, as all below
    private readonly HistoryTier _minutes = new(HistoryShape.Minutes);
    private readonly HistoryTier _quarters = new(HistoryShape.Quarters);
    private readonly RollUp _toMinutes = new(HistoryShape.Minutes.Interval);
    private readonly RollUp _toQuarters = new(HistoryShape.Quarters.Interval);
    private readonly QueueSeriesSet _queues = new();

    /// <summary>Time between two of the finest samples.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Puts back what was kept of an earlier run, the oldest first.</summary>
    /// <returns>Coarser samples that the earlier run did not come to complete.</returns>
    public IReadOnlyList<TieredSample> Restore(IReadOnlyList<HistorySample> minutes, IReadOnlyList<HistorySample> quarters)
    {
        lock (_gate)
        {
            foreach (HistorySample quarter in quarters) _quarters.Put(quarter);
            long known = quarters.Count == 0 ? long.MinValue : quarters[^1].AtSeconds;
            var complete = new List<TieredSample>();
            foreach (HistorySample minute in minutes)
            {
                _minutes.Put(minute);
                if (minute.AtSeconds > known) AddToQuarters(minute, complete);
            }

            return complete;
        }
    }

    /// <summary>Adds one sample of everything.</summary>
    /// <returns>Coarser samples that are complete by it, to be kept.</returns>
    public IReadOnlyList<TieredSample> Add(HistorySample broker, IReadOnlyDictionary<QueueName, QueueNow> queues)
    {
        lock (_gate)
        {
            _fine.Add(broker);
            _queues.Add(broker.AtSeconds, queues);
            var complete = new List<TieredSample>();
            foreach (HistorySample minute in _toMinutes.Add(broker))
            {
                _minutes.Put(minute);
                complete.Add(new TieredSample(HistoryShape.Minutes, minute));
                AddToQuarters(minute, complete);
            }

            return complete;
        }
    }

    public HistoryReading Read(HistoryQuery query)
    {
        lock (_gate)
        {
            TimeSpan interval = query.Range switch { HistoryRange.HalfHour => Interval, HistoryRange.Day => _minutes.Shape.Interval, _ => _quarters.Shape.Interval };
            return new HistoryReading(interval, query is { Queue: null, WithBroker: true } ? Samples(query) : [], _queues.Read(query));
        }
    }

    private IReadOnlyList<HistorySample> Samples(HistoryQuery query) => query.Range switch
    {
        HistoryRange.HalfHour => [.. Enumerable.Range(0, _fine.Count).Select(i => _fine[i]).Where(sample => sample.AtSeconds > query.SinceSeconds)],
        HistoryRange.Day => _minutes.After(query.SinceSeconds),
        _ => _quarters.After(query.SinceSeconds),
    };

    private void AddToQuarters(in HistorySample minute, List<TieredSample> complete)
    {
        foreach (HistorySample quarter in _toQuarters.Add(minute))
        {
            _quarters.Put(quarter);
            complete.Add(new TieredSample(HistoryShape.Quarters, quarter));
        }
    }
}

/// <summary>A sample, and which part of the history it belongs to.</summary>
internal readonly record struct TieredSample(HistoryShape Shape, HistorySample Sample);
