using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Failures;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues;

// What operators do with single messages: look at them, hear their story, bring dead letters back, remove them.
internal sealed partial class QueueRegistry : IPartitionVisits
{
    /// <summary>The replays of many dead letters that run, and the newest of those that have ended.</summary>
    public IReadOnlyList<ReplayJob> Replays => _replays.All;

    /// <inheritdoc cref="MessageInspector.InspectAsync"/>
    public Task<InspectionPage> InspectAsync(PartitionId id, InspectionRequest request, CancellationToken cancellationToken = default) =>
        new MessageInspector(this).InspectAsync(id, request, cancellationToken);

    /// <inheritdoc cref="MessageSearch.RunAsync"/>
    public Task<SearchPage<FoundMessage>> SearchAsync(SearchRequest request, StatusFilter statuses, CancellationToken cancellationToken = default)
    {
        ThrowIfUnknown(new PartitionId(request.Channel, request.Partition ?? 0));
        return new MessageSearch(this, _environment.Time, request, statuses).RunAsync(cancellationToken);
    }

    /// <inheritdoc cref="TimeFinder.FindAsync"/>
    public async Task<FoundTime> FindTimeAsync(PartitionId id, long atMs, CancellationToken cancellationToken = default)
    {
        using PartitionLease<QueuePartition> visit = await ((IPartitionVisits)this).VisitAsync(id);
        return await TimeFinder.FindAsync(visit.Partition, atMs, cancellationToken);
    }

    /// <inheritdoc cref="StoryTeller.TellAsync"/>
    public Task<MessageStory?> TellStoryAsync(PartitionId id, long offset, CancellationToken cancellationToken = default) =>
        new StoryTeller(this).TellAsync(id, offset, cancellationToken);

    /// <inheritdoc cref="FailureScan.RunAsync"/>
    public Task<FailureReport> SortFailuresAsync(FailureQuestion question, CancellationToken cancellationToken = default)
    {
        ThrowIfUnknown(new PartitionId(question.Queue, question.Partition ?? 0));
        return new FailureScan(this, _environment.Time).RunAsync(question, cancellationToken);
    }

    /// <inheritdoc cref="OffsetReplay.RunAsync"/>
    public async Task<ReplayReport> ReplayAsync(PartitionId deadLetters, IReadOnlyList<long> offsets, ReplayMode mode, QueueName? target = null)
    {
        ReplayReport report = await new OffsetReplay(this, _environment.Time).RunAsync(deadLetters, offsets, mode, target);
        _environment.Logger.MessagesReplayed(deadLetters, report.Replayed, report.Requested, mode);
        return report;
    }

    /// <summary>Replays the dead letters of a queue that meet a filter, or counts them. Returns at once; the job tells how it stands.</summary>
    /// <exception cref="UnknownPartitionException">There is no such queue, or partition.</exception>
    /// <inheritdoc cref="ReplayJobs.Start"/>
    public ReplayJob StartReplay(BulkReplayRequest request)
    {
        ThrowIfUnknown(new PartitionId(request.DeadLetters, request.Partition ?? 0));
        return _replays.Start(request);
    }

    /// <inheritdoc cref="ReplayJobs.Find"/>
    public ReplayJob? FindReplay(long id) => _replays.Find(id);

    /// <summary>Removes 1 to 100 messages for good: ready, delayed, or waiting for their copy to the dead-letter target.</summary>
    /// <returns>What became of each, in the order of <paramref name="offsets"/>; completes when it is durable.</returns>
    /// <exception cref="ArgumentException">None or too many were named, or there is no such partition. The message is fit for operators.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">It answers nobody now; the message says whether anything was begun.</exception>
    public async Task<IReadOnlyList<Removal>> SettleMessagesAsync(PartitionId id, IReadOnlyList<long> offsets)
    {
        OffsetList.Check(offsets, "remove");
        using PartitionLease<QueuePartition> visit = await ((IPartitionVisits)this).VisitAsync(id);
        RemovalOutcome[] outcomes = await visit.Partition.ChangeAsync(partition => partition.Remove(offsets), waitsForDisk: true);
        _environment.Logger.MessagesRemoved(id, outcomes.Count(static outcome => outcome == RemovalOutcome.Removed), outcomes.Length);
        return [.. offsets.Zip(outcomes, static (offset, outcome) => new Removal(offset, outcome))];
    }

    /// <summary>Settles the messages of a queue that nobody holds.</summary>
    /// <param name="queue">Which.</param>
    /// <param name="partition">One partition only; null for all.</param>
    /// <param name="scope">Which messages.</param>
    /// <returns>How many were settled in each partition, when that is durable, and why the purge ended early; null when it did not.</returns>
    /// <exception cref="UnknownPartitionException">There is no such queue, or partition.</exception>
    public async Task<(IReadOnlyList<(int Partition, long Count)> Purged, Exception? Failure)> PurgeAsync(QueueName queue, int? partition, PurgeScope scope)
    {
        ThrowIfUnknown(new PartitionId(queue, partition ?? 0));
        IEnumerable<int> numbers = partition is { } one ? [one] : Enumerable.Range(0, _catalogue.Find(queue)?.PartitionCount ?? 0);
        var purged = new List<(int Partition, long Count)>();
        try
        {
            foreach (int number in numbers)
            {
                using PartitionLease<QueuePartition> visit = await ((IPartitionVisits)this).VisitAsync(new PartitionId(queue, number));
                purged.Add((number, await visit.Partition.PurgeAsync(scope)));
            }
        }
        catch (Exception failure) when (failure is PartitionUnavailableException or PartitionNotServingException or IOException)
        {
            return (purged, failure);
        }

        return (purged, null);
    }

    QueueEntry? IPartitionVisits.Find(QueueName queue) => _catalogue.Find(queue);

    ValueTask<PartitionLease<QueuePartition>> IPartitionVisits.VisitAsync(PartitionId id)
    {
        ThrowIfUnknown(id);
        return AcquireAsync(id, PartitionUse.Visit);
    }

    private void ThrowIfUnknown(PartitionId id)
    {
        int count = _catalogue.Find(id.Queue)?.PartitionCount ?? 0;
        if (id.Partition < 0 || id.Partition >= count) throw new UnknownPartitionException(id, count);
    }
}
