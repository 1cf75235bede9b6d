namespace Fibril.Dashboard.Api.Models;

/// <summary>An open connection: <c>GET /admin/api/connections</c>.</summary>
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
public sealed record ConnectionRow(
    string Id, string Peer, long Uptime, bool Authenticated, int Subs, long Published, string? User, string ClientName, string ClientVersion, string? Session, bool Attached, long PendingBytes)
{
    /// <summary>What the client calls itself, with its version.</summary>
    public string Client => $"{ClientName} {ClientVersion}".Trim();

    public TimeSpan Age => TimeSpan.FromSeconds(Uptime);
}

/// <summary>A live subscription: <c>GET /admin/api/subscriptions</c>.</summary>
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
/// <param name="State"><c>active</c>, <c>dormant</c> or <c>unclaimed</c>.</param>
/// <param name="User">Whose session it is.</param>
public sealed record SubscriptionRow(
    string ConnId, string SubId, string Topic, string? Group, long Uptime, bool AutoAck, string Kind, int Partition, long? Prefetch, int? Inflight, string? ConsumerGroup,
    string? DurableName, string State, string User)
{
    /// <summary>Which row is which.</summary>
    public string Key => $"{ConnId}/{SubId}";

    public bool IsStream => Kind == "stream";

    public bool IsDormant => State == "dormant";

    /// <summary>It holds as much as it may, so it is sent nothing more.</summary>
    public bool IsFull => !AutoAck && Prefetch is { } prefetch && Inflight >= prefetch;

    public TimeSpan Age => TimeSpan.FromSeconds(Uptime);

    /// <summary>The page of what it is subscribed to.</summary>
    public string ChannelLink => IsStream ? Formats.Link.Stream(Topic) : Formats.Link.Queue(Topic, Group);
}

/// <summary>The exclusive consumer groups: <c>GET /admin/api/cohorts</c>.</summary>
public sealed record CohortList(IReadOnlyList<Cohort> Cohorts);

/// <summary>One exclusive consumer group.</summary>
/// <param name="Topic">Its queue.</param>
/// <param name="Group">Its queue.</param>
/// <param name="ConsumerGroup">Its id.</param>
/// <param name="Members">By id.</param>
/// <param name="Generation">Of the plan in force.</param>
/// <param name="Uncovered">Partitions that no member is subscribed to.</param>
/// <param name="UnderProvisioned">True when the members' targets together are below the number of partitions.</param>
public sealed record Cohort(
    string Topic, string? Group, string ConsumerGroup, IReadOnlyList<CohortMember> Members, ulong Generation, IReadOnlyList<int> Uncovered, bool UnderProvisioned)
{
    /// <summary>Which row is which.</summary>
    public string Key => $"{Topic}@{Group}/{ConsumerGroup}";

    /// <summary>Who has a partition; null when nobody does.</summary>
    public CohortMember? MemberOf(int partition) => Members.FirstOrDefault(member => member.Assigned.Contains(partition));
}

/// <summary>One member.</summary>
/// <param name="Member">Its id.</param>
/// <param name="Target">Partitions it would like at most.</param>
/// <param name="Partitions">Those it is subscribed to.</param>
/// <param name="Assigned">Those it has.</param>
public sealed record CohortMember(string Member, int? Target, IReadOnlyList<int> Partitions, IReadOnlyList<int> Assigned);
