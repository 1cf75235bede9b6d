namespace Fibril.Cli.Commands.Bench;

/// <summary>Collects durations and sorts them at the end. Bounded: beyond its capacity every second one is kept, then every fourth, and so on. Not thread-safe.</summary>
internal sealed class Percentiles(int capacity)
{
    private readonly List<TimeSpan> _kept = [];
    private long _seen;
    private long _step = 1;
    private bool _isSorted;

    public long Count => _seen;

    public TimeSpan Max { get; private set; }

    public void Add(TimeSpan duration)
    {
        if (duration > Max) Max = duration;
        if (_seen++ % _step != 0) return;
        _kept.Add(duration);
        _isSorted = false;
        if (_kept.Count < capacity) return;
        for (int index = 0; index < _kept.Count / 2; index++) _kept[index] = _kept[index * 2];
        _kept.RemoveRange(_kept.Count / 2, _kept.Count - (_kept.Count / 2));
        _step *= 2;
    }

    /// <param name="share">0 to 1.</param>
    /// <returns>Zero when nothing was added.</returns>
    public TimeSpan At(double share)
    {
        if (_kept.Count == 0) return TimeSpan.Zero;
        if (!_isSorted) _kept.Sort();
        _isSorted = true;
        return _kept[Math.Min((int)(share * _kept.Count), _kept.Count - 1)];
    }
}
