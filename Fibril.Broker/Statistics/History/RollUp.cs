namespace Fibril.Broker.Statistics.History;

/// <summary>Makes one sample of all that fall into the same interval. Intervals begin behind a full one of the clock and end with the next. Not thread-safe.</summary>
internal sealed class RollUp(TimeSpan interval)
{
    private readonly long _seconds = (long)interval.TotalSeconds;
    private HistorySample _gathered;
    private int _count;
    private long _end;

    /// <summary>Takes in the next sample.</summary>
    /// <returns>Those that are complete by now, the oldest first; each is of the end of its interval.</returns>
    public IReadOnlyList<HistorySample> Add(in HistorySample sample)
    {
        var complete = new List<HistorySample>(1);
        long end = (sample.AtSeconds + _seconds - 1) / _seconds * _seconds;
        if (_count > 0 && end != _end) complete.Add(Close()); // a gap, or a clock that was set
        _gathered = _count == 0 ? sample : _gathered.With(sample, _count);
        _end = end;
        _count++;
        if (sample.AtSeconds == end) complete.Add(Close());
        return complete;
    }

    private HistorySample Close()
    {
        _count = 0;
        return _gathered with { AtSeconds = _end };
    }
}
