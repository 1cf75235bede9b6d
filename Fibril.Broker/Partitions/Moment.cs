namespace Fibril.Broker.Partitions;

/// <summary>The two clocks of one decision: the wall clock for what is stored or was promised, the timer clock for leases.</summary>
internal readonly record struct Moment(long UnixMs, long Timestamp)
{
    public static Moment Of(TimeProvider time) => new(time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp());
}
