namespace Fibril.Cli.Consuming;

/// <summary>How a queue is consumed.</summary>
internal sealed record ConsumeRequest
{
    /// <summary>Prefetch of the modes that take many messages: enough to keep the connection busy.</summary>
    public const int LargePrefetch = 4096;

    /// <summary>Prefetch when messages are only looked at: none comes again as long as those before it are kept.</summary>
    public const int LookPrefetch = 1 << 16;

    public const int MostPrefetch = 1 << 20;

    private const int LargeCount = 100;

    public required string Topic { get; init; }

    public string? Group { get; init; }

    /// <summary>Messages to take; null for no limit.</summary>
    public long? Count { get; init; }

    /// <summary>False gives every message back.</summary>
    public bool Acknowledges { get; init; } = true;

    /// <summary>What becomes of messages that were written; counts when <see cref="Acknowledges"/>.</summary>
    public Settlement Settlement { get; init; }

    /// <summary>Command to run for each message instead of writing it; null for none.</summary>
    public string? Command { get; init; }

    /// <summary>The exclusive consumer group to join; null for none.</summary>
    public string? ConsumerGroup { get; init; }

    /// <summary>Longest wait for a message; null waits until interrupted.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>True when it is as it should be that no message comes.</summary>
    public bool EndsWhenEmpty { get; init; }

    /// <summary>What every message has to be; null for anything.</summary>
    public byte[]? Expected { get; init; }

    public bool IsJson { get; init; }

    public bool ShowsHeaders { get; init; }

    /// <summary>As given; null leaves it to <see cref="Prefetch"/>.</summary>
    public int? GivenPrefetch { get; init; }

    /// <summary>True when so many messages are taken that it is worth saying how it goes.</summary>
    public bool IsBulk => Count is null or >= LargeCount;

    /// <summary>Messages that the broker hands out in advance, per partition. One at a time unless many are wanted: others may want them too.</summary>
    public int Prefetch => GivenPrefetch
        ?? (Command is not null ? 1
            : !Acknowledges ? (int)Math.Min(Count ?? LookPrefetch, MostPrefetch)
            : IsBulk ? (int)Math.Min(Count ?? LargePrefetch, LargePrefetch)
            : 1);

    /// <summary>True when the queue may have seemed to be empty only because so many messages were looked at and none was acknowledged.</summary>
    public bool MayHaveMissed(long looked) => !Acknowledges && EndsWhenEmpty && looked >= Prefetch && looked < (Count ?? long.MaxValue);
}
