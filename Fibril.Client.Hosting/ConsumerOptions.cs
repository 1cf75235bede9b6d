namespace Fibril.Client.Hosting;

/// <summary>What all hosted consumers have in common.</summary>
public abstract class ConsumerOptions
{
    private const int MostDoublings = 30;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private protected ConsumerOptions()
    {
    }

    /// <summary>
    /// Most messages per partition that are taken and not settled, the ones being handled included; 1 to 1,048,576. Default null: twice as many as
    /// are handled at a time.
    /// </summary>
    public int? Prefetch { get; set; }

    /// <summary>Time until the first retry; it doubles with each further one. 0 to 1 day, default 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time until a retry. 0 to 1 day, default 5 min.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Decides about a message whose consumer failed; given the message, how often it was tried before, and the exception. Default null: a payload
    /// that cannot be read fails for good, everything else is tried again after <see cref="RetryDelay"/>. Must be thread-safe.
    /// </summary>
    public Func<ReceivedMessage, int, Exception, FailureAction>? OnFailure { get; set; }

    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    internal virtual void Validate()
    {
        CheckDelay(RetryDelay, nameof(RetryDelay));
        CheckDelay(MaxRetryDelay, nameof(MaxRetryDelay));
    }

    internal FailureAction Decide(ReceivedMessage message, int retries, Exception failure)
    {
        if (OnFailure is { } decide) return decide(message, retries, failure);
        return failure is FibrilSerializationException ? FailureAction.Fail : FailureAction.Retry(DelayAfter(retries));
    }

    private TimeSpan DelayAfter(int retries)
    {
        double delay = RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(retries, MostDoublings));
        return TimeSpan.FromMilliseconds(Math.Min(delay, MaxRetryDelay.TotalMilliseconds));
    }

    private static void CheckDelay(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero || value > LongestDelay)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; use {TimeSpan.Zero} to {LongestDelay}.");
    }
}
