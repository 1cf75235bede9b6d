using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>What becomes of a message that has arrived where it was to go.</summary>
internal enum SettlementKind
{
    /// <summary>It is done.</summary>
    Complete,

    /// <summary>It goes back to the queue.</summary>
    Retry,

    /// <summary>It becomes a dead letter, or what else the queue does with those that fail.</summary>
    Fail,
}

/// <summary>Settles messages in one way.</summary>
/// <param name="Kind">Which.</param>
/// <param name="RetryDelay">How long a message that goes back has to wait; null for not at all.</param>
internal readonly record struct Settlement(SettlementKind Kind, TimeSpan? RetryDelay)
{
    public ValueTask ApplyAsync(ReceivedMessage message) => Kind switch
    {
        SettlementKind.Fail => message.FailAsync(),
        SettlementKind.Retry when RetryDelay is { } delay => message.RetryAfterAsync(delay),
        SettlementKind.Retry => message.RetryAsync(),
        _ => message.CompleteAsync(),
    };
}
