using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Connections, subscriptions and exclusive consumer groups (admin-api 8).</summary>
internal sealed class ConnectionRoutes(ConnectionRegistry connections, SessionEnvironment sessions, QueueRegistry queues, AuditTrail audit) : IApiModule
{
    private static readonly Listing<ConnectionView> Connections = new(
        static (connection, search) => $"{connection.Peer} {connection.User} {connection.ClientName}".Contains(search, StringComparison.OrdinalIgnoreCase),
        ("age", static (one, other) => other.Uptime.CompareTo(one.Uptime) is var result and not 0 ? result : one.Id.CompareTo(other.Id)),
        ("published", static (one, other) => one.Published.CompareTo(other.Published)),
        ("subs", static (one, other) => one.Subs.CompareTo(other.Subs)),
        ("user", static (one, other) => string.CompareOrdinal(one.User, other.User)));

    private static readonly Listing<SubscriptionView> Subscriptions = new(
        static (subscription, search) => $"{subscription.Topic}@{subscription.Group} {subscription.User}".Contains(search, StringComparison.OrdinalIgnoreCase),
        ("topic", static (one, other) => CompareChannels(one, other)),
        ("uptime", static (one, other) => one.Uptime.CompareTo(other.Uptime)),
        ("inflight", static (one, other) => Comparer<int?>.Default.Compare(one.Inflight, other.Inflight)));

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/connections", "Open client connections, the oldest first.", request => ListConnections(request)).With(Connections.Parameters);
        routes.Get("/admin/api/connections/{id}", "One connection.", request => ConnectionView.Of(Find(request).Report())).May(ApiErrorCodes.UnknownConnection);
        routes.Post<CloseConnectionBody, StatusView>("/admin/api/connections/{id}/close", Access.Operate, "Ends a connection; its client may come back.", CloseAsync)
            .May(ApiErrorCodes.UnknownConnection);
        routes.Get("/admin/api/subscriptions", "Live subscriptions, those of dormant sessions included.", request => ListSubscriptions(request)).With(Subscriptions.Parameters);
        routes.Get("/admin/api/cohorts", "Exclusive consumer groups, and who has which partition.", _ => ListCohorts());
    }

    public IReadOnlyList<ConnectionView> ListConnections(ApiRequest request) =>
        Connections.Page(request, connections.All.Select(static connection => ConnectionView.Of(connection.Report())));

    public IReadOnlyList<SubscriptionView> ListSubscriptions(ApiRequest request) => Subscriptions.Page(request, AllSubscriptions());

    public CohortsView ListCohorts() => new(
        [.. queues.Cohorts.Queues.Order().Select(name => queues.Cohorts.Report(name, queues.Catalogue.Find(name)?.PartitionCount ?? 0))
            .OfType<CohortReport>().Select(CohortView.Of)]);

    private IEnumerable<SubscriptionView> AllSubscriptions() =>
        sessions.Sessions.All.Select(static session => session.Report())
            .SelectMany(static session => session.Subscriptions.Select(subscription => SubscriptionView.Of(session, subscription)));

    private Task<StatusView> CloseAsync(ApiRequest request, CloseConnectionBody body)
    {
        ClientConnection connection = Find(request);
        ConnectionReport report = connection.Report();
        connection.Cut();
        string reason = body.Reason is { Length: > 0 } given ? ChannelNames.ForLog(given) : "no reason given";
        audit.Record(request, "connection_closed", report.Id.ToString(), $"{report.ClientName} of {report.UserName ?? "nobody"} at {report.Peer}: {reason}.", AuditSeverity.Warning);
        return Task.FromResult(new StatusView("closed"));
    }

    private ClientConnection Find(ApiRequest request)
    {
        string id = request.Path("id");
        return (Guid.TryParse(id, out Guid wanted) ? connections.All.FirstOrDefault(connection => connection.Id == wanted) : null)
            ?? throw new ApiException(ApiErrorCodes.UnknownConnection, $"There is no connection '{ChannelNames.ForLog(id)}'; it may have ended.");
    }

    private static int CompareChannels(SubscriptionView one, SubscriptionView other)
    {
        int result = string.CompareOrdinal(one.Topic, other.Topic);
        if (result == 0) result = string.CompareOrdinal(one.Group, other.Group);
        if (result == 0) result = one.Partition.CompareTo(other.Partition);
        return result == 0 ? string.CompareOrdinal(one.ConnId + one.SubId, other.ConnId + other.SubId) : result;
    }
}
