using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Statistics;

namespace Fibril.Broker.Admin.Routes;

/// <summary>What queues there are and how they stand (admin-api 9.1, 9.2).</summary>
internal sealed class QueueListRoutes(QueueRegistry queues, BrokerStatistics statistics, TimeProvider time) : IApiModule
{
    private static readonly Listing<QueueTotals> Rows = new(
        static (row, search) => row.Name.Topic.Contains(search, StringComparison.OrdinalIgnoreCase) || row.Name.Group?.Contains(search, StringComparison.OrdinalIgnoreCase) == true,
        ("name", static (one, other) => one.Name.CompareTo(other.Name)),
        ("ready_count", static (one, other) => one.Ready.CompareTo(other.Ready)),
        ("inflight_count", static (one, other) => one.Leased.CompareTo(other.Leased)),
        ("delayed_count", static (one, other) => one.Delayed.CompareTo(other.Delayed)),
        ("pending_dlq_count", static (one, other) => one.DeadLettering.CompareTo(other.DeadLettering)),
        ("dead_lettered_total", static (one, other) => one.DeadLettered.CompareTo(other.DeadLettered)),
        ("subscriptions", static (one, other) => one.Subscriptions.CompareTo(other.Subscriptions)),
        ("publishers", static (one, other) => one.Publishers.CompareTo(other.Publishers)),
        ("stored_bytes", static (one, other) => one.StoredBytes.CompareTo(other.StoredBytes)),
        ("partition_count", static (one, other) => one.PartitionCount.CompareTo(other.PartitionCount)),
        ("oldest_ready", static (one, other) => Nullable.Compare(one.OldestReadyMs, other.OldestReadyMs)))
    {
        Missing = ("oldest_ready", static row => row.OldestReadyMs is null),
    };

    private static readonly QueryParameter<bool?> Active = Query.OptionalFlag("active", "true lists only queues that hold messages, or that somebody uses; false only the others.");

    private static readonly QueryParameter<string?> State = Query.OneOf(
        "state",
        "backlog lists only queues with ready messages, no_consumer those of them that nobody is subscribed to, empty those in memory without messages, error those that serve nobody, unloaded those that are not in memory.",
        "backlog", "no_consumer", "empty", "error", "unloaded");

    private static readonly Listing<PartitionId> Partitions = new(
        static (id, search) => id.Queue.ToString().Contains(search, StringComparison.OrdinalIgnoreCase),
        ("name", static (one, other) => CompareByGroup(one, other)));

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/queues", "Depth of every queue.", ListDepths).With(Rows.Parameters);
        routes.Get("/admin/api/queues/list", "All queues with their settings and numbers, a page at a time.", List).With([.. Rows.Parameters, Active, State]);
        routes.Get("/admin/api/queues/get", "One queue with all its partitions.", GetAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group).May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue);
        routes.Get("/admin/api/queues_debug", "Every partition of a queue, with all that is known of it.", DebugAsync).With(Partitions.Parameters);
    }

    public QueueDepthsView ListDepths(ApiRequest request)
    {
        var depths = new OrderedDictionary<string, QueueDepthView>();
        foreach (QueueTotals row in Rows.Page(request, Totals()))
        {
            string key = row.Name.Group is { } group ? $"{row.Name.Topic}:{group}" : row.Name.Topic;
            depths[key] = row.Error is { } error ? new QueueDepthView("error", null, null, error) : new QueueDepthView("ok", row.Ready, row.Leased, null);
        }

        return new QueueDepthsView(depths);
    }

    public async Task<PartitionsDebugView> DebugAsync(ApiRequest request)
    {
        IReadOnlyList<PartitionId> page = Partitions.Page(
            request, queues.Catalogue.All.SelectMany(static entry => entry.Partitions), out int total);
        var rows = new List<Task<QueuePartitionView>>(page.Count);
        foreach (PartitionId id in page)
        {
            if (queues.Catalogue.Find(id.Queue) is { } entry) rows.Add(DescribeAsync(id, entry, request.Aborted));
        }

        QueuePartitionView[] partitions = await Task.WhenAll(rows);
        ActivityView[] activity =
        [
            .. queues.Slots.OrderBy(static slot => slot.Id.Queue.Group, StringComparer.Ordinal).ThenBy(static slot => slot.Id.Queue).ThenBy(static slot => slot.Id.Partition)
                .Select(ActivityView.Of),
        ];
        return PartitionsDebugView.Of(statistics.Read(), total, queues.Loaded.Count(), partitions, activity, QueueCleanupView.Of(queues.Cleanup));
    }

    private QueueListView List(ApiRequest request)
    {
        (bool? active, string? state) = (request.Get(Active), request.Get(State));
        IReadOnlyList<QueueTotals> page = Rows.Page(
            request, Totals().Where(row => (active is null || row.IsActive == active) && (state is null || IsIn(state, row))), out int total);
        return new QueueListView(total, [.. page.Select(RowOf).OfType<QueueRow>()]);
    }

    private async Task<QueueDetailView> GetAsync(ApiRequest request)
    {
        QueueName name = ChannelArguments.QueueOf(request);
        QueueEntry entry = ChannelArguments.ExistingIn(queues, name);
        QueuePartitionView[] partitions = await Task.WhenAll(entry.Partitions.Select(partition => DescribeAsync(partition, entry, request.Aborted)));
        QueueTotals totals = QueueTotals.OfLoaded(queues).TryGetValue(name, out QueueTotals loaded) ? loaded : default;
        return new QueueDetailView(RowOf(totals with { Name = name, PartitionCount = entry.PartitionCount })!, partitions);
    }

    private IEnumerable<QueueTotals> Totals()
    {
        Dictionary<QueueName, QueueTotals> loaded = QueueTotals.OfLoaded(queues);
        return queues.Catalogue.All.Select(entry =>
            (loaded.TryGetValue(entry.Name, out QueueTotals totals) ? totals : default) with { Name = entry.Name, PartitionCount = entry.PartitionCount });
    }

    private QueueRow? RowOf(QueueTotals row) => queues.Catalogue.Find(row.Name) is not { } entry ? null : new QueueRow(
        row.Name.Topic, row.Name.Group, entry.IsDeclared, entry.PartitionCount, row.LoadedPartitions, row.Ready, row.Leased, row.Delayed, row.DeadLettering,
        row.DeadLettered, row.Subscriptions, row.Publishers, row.StoredBytes, row.OldestReadyMs, row.OldestUnsettledMs, row.Error, QueueSettingsView.Of(entry.Settings));

    /// <summary>What is known without loading the partition.</summary>
    private async Task<QueuePartitionView> DescribeAsync(PartitionId id, QueueEntry entry, CancellationToken cancellationToken)
    {
        PartitionSlot<QueuePartition>? slot = queues.FindSlot(id);
        QueuePartition? partition = slot?.Loaded;
        QueuePartitionStatus? status = null;
        string? error = partition?.NotServingBecause ?? (partition is null ? slot?.Failure?.Message : null);
        try
        {
            if (partition is not null && error is null) status = await partition.DescribeInTimeAsync(time, cancellationToken);
        }
        catch (Exception fault) when (fault is PartitionNotServingException or TimeoutException)
        {
            error = fault.Message;
        }

        StoredSize size = partition?.Gauges.Stored ?? statistics.Storage.SizeOf(id);
        return new QueuePartitionView(
            id.Queue.Topic, id.Partition, id.Queue.Group, "queue", partition is not null, size.TotalBytes > 0 || partition is not null, Evicting: false, status?.NextEvent ?? 0,
            status?.SnapshotAtMs ?? 0, status?.SnapshotEvent ?? 0, status?.IsDirty ?? false, status?.IsSnapshotting ?? false, "owner", 0, error,
            PartitionStateView.Of(status, entry.Settings), size.MessageBytes, size.EventBytes);
    }

    private static bool IsIn(string state, QueueTotals row) => state switch
    {
        "backlog" => row.Ready > 0,
        "no_consumer" => row is { Ready: > 0, Subscriptions: 0 },
        "empty" => row is { LoadedPartitions: > 0, Error: null } && row.Ready + row.Leased + row.Delayed + row.DeadLettering == 0,
        "error" => row.Error is not null,
        _ => row is { LoadedPartitions: 0, Error: null },
    };

    private static int CompareByGroup(PartitionId one, PartitionId other)
    {
        int result = string.CompareOrdinal(one.Queue.Group, other.Queue.Group);
        if (result == 0) result = string.CompareOrdinal(one.Queue.Topic, other.Queue.Topic);
        return result == 0 ? one.Partition.CompareTo(other.Partition) : result;
    }
}
