using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Consuming;

/// <summary>What a subscription asks for, of any partition and any broker. Immutable.</summary>
internal sealed class SubscriptionSpec
{
    public required QueueAddress Channel { get; init; }

    public required ChannelKind Kind { get; init; }

    public required uint Prefetch { get; init; }

    public bool AutoAck { get; init; }

    /// <summary>True for connections that nobody else uses, one per broker.</summary>
    public bool OwnConnections { get; init; }

    /// <summary>
    /// True: its connections, which nobody else uses, are not read while there is no room for what they bring. The broker would not bring it again,
    /// or never waits for settlements.
    /// </summary>
    public bool HoldsUpConnections => !IsLeased;

    public bool AutoRenew { get; init; }

    public TimeSpan AutoRenewLimit { get; init; }

    /// <summary>True: what can be brought back is brought back.</summary>
    public bool IsSupervised { get; init; }

    /// <summary>True: the broker's advice to subscribe again is followed.</summary>
    public bool FollowsRecreateAdvice { get; init; }

    /// <summary>The exclusive consumer group; null to compete.</summary>
    public string? Cohort { get; init; }

    public uint? CohortTarget { get; init; }

    /// <summary>Name of the broker's cursor; null for a stream subscription whose place is this client's, and for queues.</summary>
    public string? DurableName { get; init; }

    public StreamStart Start { get; init; }

    public IReadOnlyList<FilterClause> Filter { get; init; } = [];

    public bool IsStream => Kind == ChannelKind.Stream;

    /// <summary>True when what was sent is settled for good, so that nobody sends it again.</summary>
    public bool IsSettledWhenSent => AutoAck && (!IsStream || DurableName is not null);

    /// <summary>True when what is neither read nor settled in time is given to someone else.</summary>
    public bool IsLeased => !AutoAck && !IsStream;

    /// <summary>True when what was delivered and not settled comes again after the subscription was made anew.</summary>
    public bool IsRedelivered => !AutoAck && (!IsStream || DurableName is not null);

    /// <summary>True when both are the same subscription to the broker, so that one can take the other's place.</summary>
    public bool IsLike(SubscriptionSpec other) =>
        !IsStream && !other.IsStream && Channel.Equals(other.Channel) && Prefetch == other.Prefetch && AutoAck == other.AutoAck
        && Cohort == other.Cohort && CohortTarget == other.CohortTarget;

    public override string ToString() => $"the subscription to {Describe()}";

    /// <summary>The channel in the words of its kind.</summary>
    public string Describe() => IsStream ? $"stream '{Channel.Topic}'" : Channel.ToString();
}
