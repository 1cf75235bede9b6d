using Fibril.Protocol;

namespace Fibril.Client;

/// <summary>Something that happened to a client by itself. See <see cref="FibrilClient.WatchEventsAsync"/>.</summary>
public abstract class FibrilClientEvent
{
    private protected FibrilClientEvent(DateTimeOffset at) => At = at;

    /// <summary>When this client learnt of it, by its own clock.</summary>
    public DateTimeOffset At { get; }
}

/// <summary>Something that happened between the client and one broker.</summary>
public abstract class BrokerEvent : FibrilClientEvent
{
    private protected BrokerEvent(DateTimeOffset at, string endpoint)
        : base(at) => Endpoint = endpoint;

    /// <summary>The broker, as <c>host:port</c>.</summary>
    public string Endpoint { get; }
}

/// <summary>
/// A broker will stop. It serves on for about the grace time, and nothing is closed because of this notice: what the application does about it
/// is its own decision.
/// </summary>
public sealed class BrokerGoingAway : BrokerEvent
{
    internal BrokerGoingAway(DateTimeOffset at, string endpoint, TimeSpan grace, string message)
        : base(at, endpoint)
    {
        Grace = grace;
        Message = message;
    }

    /// <summary>How long the broker expects to go on serving.</summary>
    public TimeSpan Grace { get; }

    /// <summary>The operator's words.</summary>
    public string Message { get; }
}

/// <summary>A connection was lost. Not raised when the client closes it.</summary>
public sealed class BrokerDisconnected : BrokerEvent
{
    internal BrokerDisconnected(DateTimeOffset at, string endpoint, FibrilException reason)
        : base(at, endpoint) => Reason = reason;

    /// <summary>Why.</summary>
    public FibrilException Reason { get; }
}

/// <summary>A connection was made again, by itself or by <see cref="FibrilClient.ReconnectAsync"/>.</summary>
public sealed class BrokerReconnected : BrokerEvent
{
    internal BrokerReconnected(DateTimeOffset at, string endpoint, ResumeOutcome outcome)
        : base(at, endpoint) => Outcome = outcome;

    /// <summary>What became of the session. Deliveries from before can only be settled after <see cref="ResumeOutcome.Resumed"/>.</summary>
    public ResumeOutcome Outcome { get; }
}

/// <summary>A consumer group gave this client other partitions. Informational: the broker delivers accordingly in any case.</summary>
public sealed class PartitionsAssigned : BrokerEvent
{
    internal PartitionsAssigned(DateTimeOffset at, string endpoint, AssignmentChangedMessage notice)
        : base(at, endpoint)
    {
        Topic = notice.Topic;
        Group = notice.Group;
        ConsumerGroup = notice.ConsumerGroup;
        Generation = (long)notice.Generation;
        Assigned = [.. notice.Assigned.Select(static partition => (int)partition)];
        Added = [.. notice.Added.Select(static partition => (int)partition)];
        Revoked = [.. notice.Revoked.Select(static partition => (int)partition)];
    }

    /// <summary>Topic of the queue.</summary>
    public string Topic { get; }

    /// <summary>Namespace of the queue; null for none.</summary>
    public string? Group { get; }

    /// <summary>Name of the consumer group.</summary>
    public string ConsumerGroup { get; }

    /// <summary>Grows with every assignment of the consumer group: an older one than the last seen is out of date.</summary>
    public long Generation { get; }

    /// <summary>All partitions that this client has now.</summary>
    public IReadOnlyList<int> Assigned { get; }

    /// <summary>Those it did not have before.</summary>
    public IReadOnlyList<int> Added { get; }

    /// <summary>Those it has no longer. What was delivered from them can still be settled while its lease lasts.</summary>
    public IReadOnlyList<int> Revoked { get; }
}
