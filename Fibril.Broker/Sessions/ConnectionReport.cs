using System.Net;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Sessions;

/// <summary>An open connection at one moment, as operators see it.</summary>
/// <param name="Id">Unique over all connections.</param>
/// <param name="Peer">Where it comes from.</param>
/// <param name="Age">How long it is open.</param>
/// <param name="UserName">As whom it has logged in; null before that.</param>
/// <param name="ClientName">What the client calls itself; blank before it has said so.</param>
/// <param name="ClientVersion">Its version.</param>
/// <param name="SessionId">The session that it is attached to, or was; null before the login.</param>
/// <param name="IsAttached">False for one whose session goes on with a newer connection.</param>
/// <param name="SubscriptionCount">Subscriptions of its session, when it is attached to that.</param>
/// <param name="PublishedCount">Messages that it has published.</param>
/// <param name="PendingBytes">Bytes that wait to be sent to it.</param>
internal sealed record ConnectionReport(
    Guid Id, IPEndPoint? Peer, TimeSpan Age, string? UserName, string ClientName, string ClientVersion, Guid? SessionId, bool IsAttached,
    int SubscriptionCount, long PublishedCount, long PendingBytes);

/// <summary>A session at one moment, as operators see it.</summary>
/// <param name="Id">Of the resume identity; no secret.</param>
/// <param name="UserName">Who opened it.</param>
/// <param name="ConnectionId">The connection it is attached to; null while it is dormant.</param>
/// <param name="Subscriptions">What it is subscribed to.</param>
internal sealed record SessionReport(Guid Id, string UserName, Guid? ConnectionId, IReadOnlyList<SubscriptionReport> Subscriptions);

/// <summary>A subscription at one moment, as operators see it.</summary>
/// <param name="Id">Unique in its session.</param>
/// <param name="Partition">What it is subscribed to.</param>
/// <param name="IsStream">True for a reader of a stream.</param>
/// <param name="Age">How long it exists.</param>
/// <param name="AutoAck">True when deliveries are settled by being sent.</param>
/// <param name="IsClaimed">False while its session has no connection, or has not said yet that it still wants it.</param>
internal sealed record SubscriptionReport(ulong Id, PartitionId Partition, bool IsStream, TimeSpan Age, bool AutoAck, bool IsClaimed)
{
    /// <summary>Most unsettled deliveries; null for a reader of a stream.</summary>
    public long? Prefetch { get; init; }

    /// <summary>Deliveries that are not settled; null for a reader of a stream.</summary>
    public int? InFlight { get; init; }

    /// <summary>The exclusive consumer group it is a member of; null for none.</summary>
    public string? ConsumerGroup { get; init; }

    /// <summary>Its member of that group.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>Its durable cursor; null for none.</summary>
    public string? DurableName { get; init; }
}
