namespace Fibril.Broker.Statistics.History;

/// <summary>
/// Samples at full intervals of the clock, each in the place that its time has in a circle: a gap leaves its places alone, and the newest takes
/// that of the one which is too old by now. Not thread-safe.
/// </summary>
internal sealed class HistoryTier
{
    private readonly HistorySample[] _places;
    private readonly long _seconds;
    private long _newest = long.MinValue;

    /// <param name="shape">How fine, and how far back.</param>
    public HistoryTier(HistoryShape shape)
    {
        Shape = shape;
        _seconds = shape.Seconds;
        _places = new HistorySample[shape.Capacity];
    }

    public HistoryShape Shape { get; }

    public void Put(in HistorySample sample)
    {
        _places[Shape.PlaceOf(sample.AtSeconds)] = sample;
        _newest = sample.AtSeconds;
    }

    /// <summary>The oldest first.</summary>
    /// <param name="sinceSeconds">Only those after this.</param>
    public IReadOnlyList<HistorySample> After(long sinceSeconds)
    {
        var found = new List<HistorySample>();
        if (_newest == long.MinValue) return found;
        for (long at = _newest - ((Shape.Capacity - 1) * _seconds); at <= _newest; at += _seconds)
        {
            if (at <= 0 || at <= sinceSeconds) continue;
            ref readonly HistorySample sample = ref _places[Shape.PlaceOf(at)];
            if (sample.AtSeconds == at) found.Add(sample); // else it is of an earlier round, or of none
        }

        return found;
    }
}

/// <summary>How fine a part of the history is, and how far it goes back.</summary>
/// <param name="Interval">Between two samples, in full seconds.</param>
/// <param name="Capacity">Most samples.</param>
internal sealed record HistoryShape(TimeSpan Interval, int Capacity)
{
    /// <summary>24 hours.</summary>
    public static HistoryShape Minutes { get; } = new(TimeSpan.FromMinutes(1), 24 * 60);

    /// <summary>30 days.</summary>
    public static HistoryShape Quarters { get; } = new(TimeSpan.FromMinutes(15), 30 * 24 * 4);

    public long Seconds => (long)Interval.TotalSeconds;

    /// <summary>Where the sample of this time belongs, in memory and in its file.</summary>
    public int PlaceOf(long atSeconds) => (int)(atSeconds / Seconds % Capacity);
}
