using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Admin.Views;

/// <summary>An open connection (admin-api 8.1).</summary>
/// <param name="Id">Unique over all connections.</param>
/// <param name="Peer">Where it comes from.</param>
/// <param name="Uptime">How long it is open, in seconds.</param>
/// <param name="Authenticated">False before its login.</param>
/// <param name="Subs">Subscriptions of its session.</param>
/// <param name="Published">Messages that it has published.</param>
/// <param name="User">As whom it has logged in.</param>
/// <param name="ClientName">What the client calls itself.</param>
/// <param name="ClientVersion">Its version.</param>
/// <param name="Session">The session that it is attached to, or was.</param>
/// <param name="Attached">False for one whose session goes on with a newer connection.</param>
/// <param name="PendingBytes">Bytes that wait to be sent to it.</param>
internal sealed record ConnectionView(
    Guid Id, string Peer, long Uptime, bool Authenticated, int Subs, long Published, string? User, string ClientName, string ClientVersion, Guid? Session,
    bool Attached, long PendingBytes)
{
    public static ConnectionView Of(ConnectionReport report) => new(
        report.Id, report.Peer?.ToString() ?? "", (long)report.Age.TotalSeconds, report.UserName is not null, report.SubscriptionCount, report.PublishedCount,
        report.UserName, report.ClientName, report.ClientVersion, report.SessionId, report.IsAttached, report.PendingBytes);
}

/// <summary>A live subscription (admin-api 8.2).</summary>
/// <param name="ConnId">The connection it belongs to; of a dormant session, the session's id.</param>
/// <param name="SubId">Unique in its session.</param>
/// <param name="Topic">What it is subscribed to.</param>
/// <param name="Group">What it is subscribed to.</param>
/// <param name="Uptime">How long it exists, in seconds.</param>
/// <param name="AutoAck">True when deliveries are settled by being sent.</param>
/// <param name="Kind"><c>queue</c> or <c>stream</c>.</param>
/// <param name="Partition">What it is subscribed to.</param>
/// <param name="Prefetch">Most unsettled deliveries.</param>
/// <param name="Inflight">Deliveries that are not settled.</param>
/// <param name="ConsumerGroup">The exclusive consumer group.</param>
/// <param name="DurableName">The durable cursor.</param>
/// <param name="State"><c>active</c>, <c>dormant</c> while its session has no connection, or <c>unclaimed</c> after a resume until the client says that it still wants it.</param>
/// <param name="User">Whose session it is.</param>
internal sealed record SubscriptionView(
    string ConnId, string SubId, string Topic, string? Group, long Uptime, bool AutoAck, string Kind, int Partition, long? Prefetch, int? Inflight,
    string? ConsumerGroup, string? DurableName, string State, string User)
{
    public static SubscriptionView Of(SessionReport session, SubscriptionReport report) => new(
        (session.ConnectionId ?? session.Id).ToString(), report.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        report.Partition.Queue.Topic, report.Partition.Queue.Group, (long)report.Age.TotalSeconds, report.AutoAck, report.IsStream ? "stream" : "queue",
        report.Partition.Partition, report.Prefetch, report.InFlight, report.ConsumerGroup, report.DurableName,
        session.ConnectionId is null ? "dormant" : report.IsClaimed ? "active" : "unclaimed", session.UserName);
}

/// <summary>The exclusive consumer groups (admin-api 8.3).</summary>
internal sealed record CohortsView(IReadOnlyList<CohortView> Cohorts);

/// <summary>One exclusive consumer group.</summary>
/// <param name="Topic">Its queue.</param>
/// <param name="Group">Its queue.</param>
/// <param name="ConsumerGroup">Its id.</param>
/// <param name="Members">By id.</param>
/// <param name="Generation">Of the plan in force.</param>
/// <param name="Uncovered">Partitions that no member is subscribed to.</param>
/// <param name="UnderProvisioned">True when the members' targets together are below the number of partitions.</param>
internal sealed record CohortView(
    string Topic,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Group,
    string ConsumerGroup, IReadOnlyList<CohortMemberView> Members, ulong Generation, IReadOnlyList<int> Uncovered, bool UnderProvisioned)
{
    public static CohortView Of(CohortReport report) => new(
        report.Queue.Topic, report.Queue.Group, report.Cohort,
        [.. report.Members.Select(static member => new CohortMemberView(member.Id, member.Target, member.Subscribed, member.Assigned))],
        report.Generation, report.Uncovered, report.IsUnderProvisioned);
}

/// <summary>One member.</summary>
/// <param name="Member">Its id.</param>
/// <param name="Target">Partitions it would like at most.</param>
/// <param name="Partitions">Those it is subscribed to.</param>
/// <param name="Assigned">Those it has.</param>
internal sealed record CohortMemberView(
    Guid Member,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] int? Target,
    IReadOnlyList<int> Partitions, IReadOnlyList<int> Assigned);

/// <summary>The body of <c>POST /admin/api/connections/{id}/close</c>.</summary>
internal sealed record CloseConnectionBody(string? Reason = null);
