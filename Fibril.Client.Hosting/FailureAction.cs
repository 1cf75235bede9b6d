namespace Fibril.Client.Hosting;

/// <summary>What becomes of a message whose consumer failed.</summary>
public readonly record struct FailureAction
{
    private FailureAction(TimeSpan? retryAfter) => RetryAfter = retryAfter;

    /// <summary>The message failed for good: a queue's dead-letter policy decides what becomes of it, a stream's record is passed over.</summary>
    public static FailureAction Fail { get; } = new(retryAfter: null);

    /// <summary>Time until the next attempt; null for none.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The message is tried again. A queue counts the retries and fails the message when it has had enough of them.</summary>
    /// <param name="delay">Zero or more; precise to a millisecond.</param>
    public static FailureAction Retry(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new FailureAction(delay);
    }
}
