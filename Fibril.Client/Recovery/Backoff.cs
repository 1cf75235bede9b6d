namespace Fibril.Client.Recovery;

/// <summary>Delays between attempts: each about twice as long as the one before, up to a longest one, and never two clients alike. A value: copy with care.</summary>
internal struct Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    private int _attempts;

    /// <summary>The next delay: between a half and the whole of what it has grown to.</summary>
    public TimeSpan Next(Random random)
    {
        TimeSpan delay = _attempts < 16 ? First * (1 << _attempts) : Longest;
        _attempts++;
        return Min(delay, Longest) * (0.5 + (random.NextDouble() / 2));
    }

    public void Reset() => _attempts = 0;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
