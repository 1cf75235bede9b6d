using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Failures;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Admin.Routes;

/// <summary>Dead letters at a glance: which queues have any, how many, and of which causes.</summary>
internal sealed class DeadLetterListRoutes(QueueRegistry queues, SideScans scans, TimeProvider time) : IApiModule
{
    // Who looks at a page waits for as many partitions at most.
    private const int MostLoads = 128;
    private const int MostTimeSearches = 64;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly QueryParameter<bool> Load = Query.Flag("load", "Loads targets that are not in memory, 128 partitions at most, to count what is in them.");
    private static readonly QueryParameter<long?> Partition = Query.OptionalNumber("partition", "One partition only; all when it is left out.", 0, int.MaxValue);
    private static readonly QueryParameter<long> Limit =
        Query.Number("limit", "Most messages to look at, the newest first.", 1, FailureQuestion.MostExaminedAtMost, FailureQuestion.DefaultExamined);
    private static readonly QueryParameter<long> Intervals = Query.Number("intervals", "Intervals to count in, up to now.", 1, FailureQuestion.MostIntervals, FailureQuestion.DefaultIntervals);
    private static readonly QueryParameter<long> IntervalMs =
        Query.Number("interval_ms", "Length of each, in milliseconds.", 1000, 31L * 24 * 3_600_000, FailureQuestion.DefaultIntervalMs);

    private static readonly Listing<DeadLetterSourceRow> Sources = new(
        static (row, search) => Matches(row.Topic, row.Group, search) || Matches(row.Target?.Topic, row.Target?.Group, search),
        ("name", static (one, other) => new QueueName(one.Topic, one.Group).CompareTo(new QueueName(other.Topic, other.Group))),
        ("target", static (one, other) => string.CompareOrdinal(one.Target?.Topic, other.Target?.Topic) is var result and not 0 ? result : string.CompareOrdinal(one.Target?.Group, other.Target?.Group)),
        ("target_depth", static (one, other) => (one.TargetDepth ?? -1).CompareTo(other.TargetDepth ?? -1)),
        ("pending_dlq_count", static (one, other) => one.PendingDlqCount.CompareTo(other.PendingDlqCount)),
        ("max_retries", static (one, other) => (one.MaxRetries ?? int.MaxValue).CompareTo(other.MaxRetries ?? int.MaxValue)));

    private static readonly Listing<DeadLetterTargetRow> Targets = new(
        static (row, search) => Matches(row.Topic, row.Group, search),
        ("name", static (one, other) => new QueueName(one.Topic, one.Group).CompareTo(new QueueName(other.Topic, other.Group))),
        ("depth", static (one, other) => (one.Depth ?? -1).CompareTo(other.Depth ?? -1)),
        ("oldest", static (one, other) => (one.OldestMs ?? long.MaxValue).CompareTo(other.OldestMs ?? long.MaxValue)),
        ("source_count", static (one, other) => one.SourceCount.CompareTo(other.SourceCount)));

    public void Map(ApiRoutes routes)
    {
        routes.Get("/admin/api/dlq", "All queues that keep what fails for good, loaded or not, a page at a time; and where it goes, with what is in there.", ListSourcesAsync)
            .With([Load, .. Sources.Parameters]);
        routes.Get("/admin/api/dlq/targets", "All queues that dead letters go to, a page at a time.", ListTargetsAsync).With([Load, .. Targets.Parameters]);
        routes.Get("/admin/api/dlq/groups", "The dead letters of a queue by their causes, the newest of them first when there are too many to look at all.", SortAsync)
            .With(ChannelArguments.Topic, ChannelArguments.Group, Partition, Limit, Intervals, IntervalMs)
            .May(ApiErrorCodes.InvalidTopic, ApiErrorCodes.UnknownQueue, ApiErrorCodes.UnknownPartition, ApiErrorCodes.PartitionUnavailable, ApiErrorCodes.StorageFailed);
    }

    private async Task<FailureGroupsView> SortAsync(ApiRequest request)
    {
        var question = new FailureQuestion(ChannelArguments.QueueOf(request))
        {
            Partition = (int?)request.Get(Partition),
            MostExamined = (int)request.Get(Limit),
            Intervals = (int)request.Get(Intervals),
            IntervalMs = request.Get(IntervalMs),
        };
        FailureReport report = await scans.RunAsync(() => queues.SortFailuresAsync(question, request.Aborted), request.Aborted);
        return FailureGroupsView.Of(report, showsPayloads: request.Caller.Access >= Access.Operate);
    }

    private async Task<DeadLetterOverviewView> ListSourcesAsync(ApiRequest request)
    {
        IReadOnlyList<DeadLetterSourceRow> page = Sources.Page(request, SourceRows(), out int total);
        HashSet<QueueName> names = [.. page.Select(static row => row.Target).OfType<QueueTarget>().Select(static target => new QueueName(target.Topic, target.Group))];
        if (request.Get(Load) && await LoadAsync(names)) page = Sources.Page(request, SourceRows(), out total);
        IReadOnlyList<DeadLetterTargetRow> targets = [.. TargetRows().Where(row => names.Contains(new QueueName(row.Topic, row.Group))).OrderBy(static row => new QueueName(row.Topic, row.Group))];
        return new DeadLetterOverviewView(total, page, await WithLastHourAsync(targets, request.Aborted));
    }

    private async Task<DeadLetterTargetsView> ListTargetsAsync(ApiRequest request)
    {
        IReadOnlyList<DeadLetterTargetRow> page = Targets.Page(request, TargetRows(), out int total);
        if (request.Get(Load) && await LoadAsync(page.Select(static row => new QueueName(row.Topic, row.Group)))) page = Targets.Page(request, TargetRows(), out total);
        return new DeadLetterTargetsView(total, await WithLastHourAsync(page, request.Aborted));
    }

    private IEnumerable<DeadLetterSourceRow> SourceRows()
    {
        Dictionary<QueueName, QueueTotals> loaded = QueueTotals.OfLoaded(queues);
        foreach (QueueEntry entry in DeadLetterTargets.Sources(queues))
        {
            QueueTotals own = loaded.GetValueOrDefault(entry.Name);
            QueueName? target = DeadLetterTargets.TargetOf(queues, entry);
            yield return new DeadLetterSourceRow(
                entry.Name.Topic, entry.Name.Group, PolicyView.Of(entry.Settings.DeadLetterPolicy).Policy, QueueTarget.Of(target), entry.Settings.MaxRetries,
                own.DeadLettering, own.LoadedPartitions, entry.PartitionCount, target is { } name ? DepthOf(loaded.GetValueOrDefault(name)) : null, own.Error);
        }
    }

    private IEnumerable<DeadLetterTargetRow> TargetRows()
    {
        Dictionary<QueueName, QueueTotals> loaded = QueueTotals.OfLoaded(queues);
        QueueName? global = queues.GlobalDeadLetterTarget.Current.Target;
        foreach ((QueueName name, int sources) in DeadLetterTargets.All(queues))
        {
            QueueEntry? entry = queues.Catalogue.Find(name);
            QueueTotals totals = loaded.GetValueOrDefault(name);
            yield return new DeadLetterTargetRow(
                name.Topic, name.Group, entry is not null, name == global, sources, entry?.PartitionCount ?? 0, totals.LoadedPartitions, DepthOf(totals),
                totals.Ready, totals.Leased, totals.Delayed, totals.OldestUnsettledMs, null, totals.Subscriptions, totals.StoredBytes, totals.Error);
        }
    }

    private static long? DepthOf(in QueueTotals totals) =>
        totals.LoadedPartitions == 0 ? null : totals.Ready + totals.Leased + totals.Delayed + totals.DeadLettering;

    /// <summary>Loads what is not in memory; false when there was nothing to load. One that cannot be loaded shows so in its row.</summary>
    private async Task<bool> LoadAsync(IEnumerable<QueueName> names)
    {
        PartitionId[] missing =
        [
            .. names.Select(queues.Catalogue.Find).OfType<QueueEntry>().SelectMany(static entry => entry.Partitions)
                .Where(id => queues.FindSlot(id)?.Loaded is null).Take(MostLoads),
        ];
        foreach (PartitionId id in missing)
        {
            try
            {
                using var visit = await ((IPartitionVisits)queues).VisitAsync(id);
                await visit.Partition.AskAsync(static partition => partition.ActiveCount);
            }
            catch (Exception fault) when (fault is PartitionUnavailableException or PartitionNotServingException or UnknownPartitionException)
            {
                // It may also have been deleted just now.
            }
        }

        return missing.Length > 0;
    }

    private async Task<IReadOnlyList<DeadLetterTargetRow>> WithLastHourAsync(IReadOnlyList<DeadLetterTargetRow> rows, CancellationToken cancellationToken)
    {
        int searches = 0;
        var known = new List<DeadLetterTargetRow>(rows.Count);
        foreach (DeadLetterTargetRow row in rows)
        {
            searches += row.PartitionCount;
            bool isKnown = row.Exists && row.LoadedPartitions == row.PartitionCount && searches <= MostTimeSearches;
            known.Add(isKnown ? row with { ReceivedLastHour = await ReceivedLastHourAsync(new QueueName(row.Topic, row.Group), row.PartitionCount, cancellationToken) } : row);
        }

        return known;
    }

    private async Task<long?> ReceivedLastHourAsync(QueueName name, int partitionCount, CancellationToken cancellationToken)
    {
        long since = (time.GetUtcNow() - Hour).ToUnixTimeMilliseconds();
        long count = 0;
        for (int number = 0; number < partitionCount; number++)
        {
            if (queues.FindSlot(new PartitionId(name, number))?.Loaded is not { } partition) return null;
            try
            {
                Log.FoundTime found = await partition.AskInTimeAsync((asked, end) => TimeFinder.FindAsync(asked, since, end), time, cancellationToken);
                count += found.EndOffset - found.Offset;
            }
            catch (Exception fault) when (fault is PartitionNotServingException or TimeoutException or IOException)
            {
                return null;
            }
        }

        return count;
    }

    private static bool Matches(string? topic, string? group, string search) =>
        topic?.Contains(search, StringComparison.OrdinalIgnoreCase) == true || group?.Contains(search, StringComparison.OrdinalIgnoreCase) == true;
}
