namespace Fibril.Broker.Partitions;

/// <summary>Pauses between tries of what failed: one second, then twice as long each time, thirty seconds at most. Not thread-safe.</summary>
internal sealed class GrowingPause
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <summary>How long to wait now, after another failure.</summary>
    public TimeSpan Next()
    {
        TimeSpan pause = _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }

    /// <summary>It succeeded: the next failure starts anew.</summary>
    public void Reset() => _next = First;
}
