using System.Diagnostics;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Channels.Tracing;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Replay;

/// <summary>Makes new messages of dead letters and publishes them to the queues that they came from, a batch for each partition.</summary>
/// <param name="source">Where the dead letters are.</param>
/// <param name="partitions">The way to the queues.</param>
/// <param name="time">Clock of the copies.</param>
/// <param name="target">Where the copies go, also those of messages that are no dead letters; null for where each dead letter came from.</param>
/// <remarks>One user at a time. Confirms come in on the loops of the queues.</remarks>
internal sealed class ReplayCopies(PartitionId source, IPartitionVisits partitions, TimeProvider time, QueueName? target) : IPublishSink
{
    private readonly HeaderBlockBuilder _headers = new();
    private readonly TraceLinks _traced = new();
    private readonly Dictionary<PartitionId, PublishBatch> _open = [];
    private readonly List<(PartitionId Target, PublishBatch Batch)> _staged = [];
    private readonly List<StagedCopy> _copies = [];
    private TaskCompletionSource _answered = null!;
    private int _unanswered; // confirms, not batches: a queue that gets full answers for the parts of one apart

    /// <summary>Bytes of the copies that wait to be published.</summary>
    public long StagedBytes { get; private set; }

    /// <summary>Makes the copy of a dead letter.</summary>
    /// <param name="record">Valid for the call.</param>
    /// <param name="order">Which it is.</param>
    /// <returns>Why it cannot be replayed; null when it is staged.</returns>
    public string? Stage(in Record record, ReplayOrder order)
    {
        var stored = new StoredMessage(record);
        if ((target ?? DeadLetterHeaders.Read(stored.Headers)?.Queue) is not { } name)
            return "it is no dead letter: it carries no header stroma.dlq.source_topic";
        if (partitions.Find(name) is not { } queue)
            return $"queue {name}, {(target is null ? "which it came from, does not exist here any more" : "which it is to go to, does not exist")}";

        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        DeadLetterHeaders.WriteUsers(_headers, stored.Headers);
        var copy = new NewMessage
        {
            Published = (ulong)now,
            ContentType = stored.ContentType,
            Headers = _headers.Block,
            Payload = stored.Payload,
            Deadline = queue.Settings.DeadlineFrom(now), // D-65
        };
        PartitionId place = PartitionOf(queue, order.Offset);
        Add(place, copy, now);
        _copies.Add(new StagedCopy(order, place));
        if (TraceLinks.IsAnybodyListening) _traced.Add(record);
        return null;
    }

    /// <summary>Publishes what is staged; completes when each copy is durable or has failed.</summary>
    public async Task<IReadOnlyList<StagedCopy>> PublishAsync()
    {
        DateTimeOffset began = time.GetUtcNow();
        _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _unanswered = 1; // this call itself, until everything is posted
        var leases = new List<PartitionLease<QueuePartition>>();
        try
        {
            foreach ((PartitionId place, PublishBatch batch) in _staged)
            {
                if (await TryOpenAsync(place, batch) is not { } lease) continue;
                leases.Add(lease);
                foreach (ConfirmRequest confirm in batch.Confirms) _copies[(int)confirm.RequestId].Incarnation = lease.Partition.Incarnation;
                Interlocked.Add(ref _unanswered, batch.Confirms.Count);
                await lease.Partition.PostAsync(batch, CancellationToken.None);
            }

            Answered(1);
            await _answered.Task;
        }
        finally
        {
            foreach (PartitionLease<QueuePartition> lease in leases) lease.Dispose();
        }

        _traced.Emit("replay", ActivityKind.Internal, source, _copies.Count, began, time.GetUtcNow());
        StagedCopy[] published = [.. _copies];
        _copies.Clear();
        _staged.Clear();
        _open.Clear();
        StagedBytes = 0;
        return published;
    }

    void ISessionOutput.Flush()
    {
        // Nothing is sent anywhere.
    }

    void IPublishSink.Confirmed(PublishBatch batch)
    {
        foreach (ConfirmRequest confirm in batch.Confirms) _copies[(int)confirm.RequestId].Offset = batch.OffsetOf(confirm);
        Answered(batch.Confirms.Count);
    }

    void IPublishSink.Failed(PublishBatch batch, ErrorCode code, string message)
    {
        Fail(batch, message);
        Answered(batch.Confirms.Count);
    }

    /// <summary>Spread by the offset of the dead letter: the key that had chosen the partition is not kept (Q-24, D-65).</summary>
    private static PartitionId PartitionOf(QueueEntry queue, long offset) => new(queue.Name, (int)(offset % queue.PartitionCount));

    private void Add(PartitionId place, in NewMessage copy, long now)
    {
        ulong id = (ulong)_copies.Count;
        if (!_open.TryGetValue(place, out PublishBatch? batch) || !batch.TryAdd(in copy, now, id))
        {
            batch = PublishBatch.RentFor(copy, this, time.GetTimestamp());
            batch.TryAdd(in copy, now, id);
            _open[place] = batch;
            _staged.Add((place, batch));
        }

        StagedBytes += copy.Payload.Length + copy.Headers.Encoded.Length;
    }

    private async ValueTask<PartitionLease<QueuePartition>?> TryOpenAsync(PartitionId place, PublishBatch batch)
    {
        try
        {
            return await partitions.VisitAsync(place);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(batch, failure.Message);
            batch.Return();
            return null;
        }
    }

    private void Fail(PublishBatch batch, string message)
    {
        foreach (ConfirmRequest confirm in batch.Confirms) _copies[(int)confirm.RequestId].Failure = message;
    }

    private void Answered(int count)
    {
        if (Interlocked.Add(ref _unanswered, -count) == 0) _answered.SetResult();
    }
}

/// <summary>A copy on its way.</summary>
internal sealed class StagedCopy(ReplayOrder order, PartitionId target)
{
    public ReplayOrder Order { get; } = order;

    /// <summary>Where it is now, when it is durable.</summary>
    public MessageLink Link => new(target, Offset);

    public long Offset { get; set; }

    /// <summary>Of the queue it went to (see <see cref="QueuePartition.Incarnation"/>); null before that is open.</summary>
    public object? Incarnation { get; set; }

    /// <summary>Why it could not be made; null when it is durable.</summary>
    public string? Failure { get; set; }
}
