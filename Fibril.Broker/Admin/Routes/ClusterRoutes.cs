using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Sessions;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Topology, membership, partition counts and drain (admin-api 14), as a broker that stands alone answers them.</summary>
internal sealed class ClusterRoutes(ConnectionRegistry connections, NodeIdentity node, Drain drain, TimeProvider time, AuditTrail audit) : IApiModule
{
    private const string DefaultMessage = "This broker is about to be restarted.";
    private const long LongestGraceMs = 86_400_000;
    private const int LongestMessage = 1024;

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/topology", "The nodes, and what they own.", _ => Topology());
        routes.Post<AddMemberBody, StatusView>("/admin/api/coordination/membership/add-voting-member", Access.Administer, "Adds a voter to the cluster.", AddMemberAsync)
            .May(ApiErrorCodes.InvalidCoordinationMemberAddr, ApiErrorCodes.CoordinationMembershipUnavailable);
        routes.Post<RemoveMemberBody, StatusView>("/admin/api/coordination/membership/remove-voting-member", Access.Administer, "Removes a voter from the cluster.", (_, _) => throw NoMembers())
            .May(ApiErrorCodes.CoordinationMembershipUnavailable);
        routes.Post<RepartitionBody, StatusView>("/admin/api/repartition", Access.Operate, "Changes the number of partitions of a queue in a cluster.", RepartitionAsync)
            .May(ApiErrorCodes.InvalidPartitionCount, ApiErrorCodes.RepartitionUnavailable);
        routes.Post<DrainBody, DrainView>("/admin/api/drain", Access.Operate, "Tells every client that the broker is about to go away.", DrainAsync)
            .May(ApiErrorCodes.InvalidBody);
        routes.Get("/admin/api/drain", "Whether a drain was asked for.", _ => Describe());
        routes.Delete("/admin/api/drain", Access.Operate, "Takes a drain back; clients that were told are not told again.", CancelAsync);
    }

    public Views.TopologyView Topology() => new(new CoordinationView(NodeIdentity.Id, 0, [node.Describe()], [], []), null);

    private static Task<StatusView> AddMemberAsync(ApiRequest request, AddMemberBody body)
    {
        int colon = body.Addr.LastIndexOf(':');
        bool isAddress = colon > 0 && ushort.TryParse(body.Addr[(colon + 1)..], out ushort port) && port > 0
            && Uri.CheckHostName(body.Addr[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
        if (!isAddress)
            throw new ApiException(ApiErrorCodes.InvalidCoordinationMemberAddr, $"'{ChannelNames.ForLog(body.Addr)}' is no address; write host:port.", new FieldProblem("addr", "is no host:port"));
        throw NoMembers();
    }

    private static Task<StatusView> RepartitionAsync(ApiRequest request, RepartitionBody body)
    {
        if (body.PartitionCount < 1)
            throw new ApiException(ApiErrorCodes.InvalidPartitionCount, $"A queue cannot have {body.PartitionCount} partitions; use 1 or more.", new FieldProblem("partition_count", "is below 1"));
        throw new ApiException(
            ApiErrorCodes.RepartitionUnavailable, "This broker stands alone. It grows a queue when it is declared with more partitions: POST /admin/api/queues with partition_count.");
    }

    private Task<DrainView> DrainAsync(ApiRequest request, DrainBody body)
    {
        if (body.GraceMs is < 0 or > LongestGraceMs)
            throw new ApiException(ApiErrorCodes.InvalidBody, $"grace_ms cannot be {body.GraceMs}; use 0 to {LongestGraceMs}.", new FieldProblem("grace_ms", $"is not within 0 to {LongestGraceMs}"));
        if (body.Message?.Length > LongestMessage)
            throw new ApiException(ApiErrorCodes.InvalidBody, $"message has {body.Message.Length} characters; use at most {LongestMessage}.", new FieldProblem("message", "is too long"));
        string message = string.IsNullOrWhiteSpace(body.Message) ? DefaultMessage : body.Message.Trim();
        TimeSpan grace = TimeSpan.FromMilliseconds(body.GraceMs);
        drain.Announce(new Drain.Announcement(time.GetUtcNow(), grace, message));
        int told = connections.AnnounceGoingAway(grace, message);
        audit.Record(request, "drain", "this broker", $"Told {told} client(s) that it goes away within {body.GraceMs} ms: {ChannelNames.ForLog(message)}", AuditSeverity.Warning);
        return Task.FromResult(new DrainView(told, 0, false, 0, "not_applicable"));
    }

    private Task<DrainStateView> CancelAsync(ApiRequest request)
    {
        if (drain.Announced is not null) audit.Record(request, "drain_cancelled", "this broker", "It stays.");
        drain.TakeBack();
        return Task.FromResult(Describe());
    }

    private DrainStateView Describe() => drain.Announced is { } announced
        ? new DrainStateView(true, announced.Since.ToUnixTimeMilliseconds(), (long)announced.Grace.TotalMilliseconds, announced.Message)
        : new DrainStateView(false, null, null, null);

    private static ApiException NoMembers() => new(
        ApiErrorCodes.CoordinationMembershipUnavailable, "This broker stands alone: it is no member of a cluster, so there are no voters to add or remove.");
}
