namespace Fibril.Broker.Queues.Failures;

/// <summary>The newest intervals of time, which begin at whole multiples of their length. Immutable.</summary>
/// <param name="Count">How many.</param>
/// <param name="LengthMs">Of each, in milliseconds.</param>
/// <param name="NowMs">A moment in the last one, Unix milliseconds.</param>
internal sealed record CountedIntervals(int Count, long LengthMs, long NowMs)
{
    /// <summary>When the first one begins, Unix milliseconds.</summary>
    public long FromMs => ((NowMs / LengthMs) - Count + 1) * LengthMs;

    /// <summary>The interval of a time; null when it is in none of them.</summary>
    public int? IndexOf(long atMs)
    {
        long index = atMs < FromMs ? -1 : (atMs - FromMs) / LengthMs;
        return index >= 0 && index < Count ? (int)index : null;
    }
}
