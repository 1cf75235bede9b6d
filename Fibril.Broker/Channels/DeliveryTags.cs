namespace Fibril.Broker.Channels;

/// <summary>Hands out delivery tags, unique in the process and never equal to one of an earlier process (M-34). Thread-safe.</summary>
/// <remarks>
/// Tags start at the millisecond the broker started in, with room for two million a second, and stay below 2^53 for clients that count
/// in doubles.
/// </remarks>
internal sealed class DeliveryTags(TimeProvider time)
{
    private const int BitsPerMillisecond = 11;

    private long _next = time.GetUtcNow().ToUnixTimeMilliseconds() << BitsPerMillisecond;

    /// <summary>The first of <paramref name="count"/> tags that nobody else gets.</summary>
    public ulong Reserve(int count) => (ulong)(Interlocked.Add(ref _next, count) - count);
}
