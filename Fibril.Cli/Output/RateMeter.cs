namespace Fibril.Cli.Output;

/// <summary>How fast a counter grows, over the last few seconds. Not thread-safe.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, long Count)> _samples = new([(time.GetTimestamp(), 0)]);

    /// <summary>Notes what the counter shows now and describes its speed.</summary>
    public string Add(long count)
    {
        long now = time.GetTimestamp();
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > Window) _samples.Dequeue();
        (long since, long before) = _samples.Peek();
        _samples.Enqueue((now, count));
        return Amounts.Rate(count - before, time.GetElapsedTime(since, now));
    }
}
