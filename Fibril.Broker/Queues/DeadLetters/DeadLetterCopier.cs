using System.Diagnostics;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Channels.Tracing;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.DeadLetters;

/// <summary>A message whose copy is to be made.</summary>
internal readonly record struct CopyOrder(long Offset, DeadLetterReason Reason, int Retries);

/// <summary>What became of a copy.</summary>
internal enum CopyOutcome : byte
{
    /// <summary>Not tried; the next batch takes it.</summary>
    Left,

    /// <summary>Durable in the target.</summary>
    Copied,

    /// <summary>Not made, because it would go round in a circle (D-38).</summary>
    Dropped,

    /// <summary>Not made, because the message could not be read any more, and a repair gave it up (S-53).</summary>
    Lost,

    /// <summary>Not made, because of a fault; tried again after a pause.</summary>
    Failed,
}

/// <summary>Copies the dead letters of one partition to their target, a batch at a time.</summary>
/// <remarks>
/// The loop begins a batch and takes its outcomes; reading and publishing happen elsewhere. Confirms come in on the loop of the target.
/// </remarks>
internal sealed class DeadLetterCopier(PartitionId source, IDeadLetterRouter router, LogReader reader, TimeProvider time, Action wake)
    : IThreadPoolWorkItem, IPublishSink, IDisposable
{
    private readonly HeaderBlockBuilder _headers = new();
    private readonly TraceLinks _traced = new();
    private readonly List<ReadPlan> _plans = [];
    private readonly List<CopyOrder> _orders = [];
    private CopyOutcome[] _outcomes = [];
    private long[] _targetOffsets = [];
    private DeadLetterRoute _route;
    private PartitionLease<QueuePartition>? _target;
    private DateTimeOffset _began;
    private int _next;
    private int _unanswered; // confirms, not batches: a queue that gets full answers for the parts of one apart
    private int _isDone;

    /// <summary>True from <see cref="Begin"/> until <see cref="TryFinish"/>.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>The first fault of the batch; null when there was none.</summary>
    public Exception? Failure { get; private set; }

    public IReadOnlyList<CopyOrder> Orders => _orders;

    /// <summary>Where the copies of the batch went.</summary>
    public PartitionId Target { get; private set; }

    public CopyOutcome OutcomeOf(int index) => _outcomes[index];

    /// <summary>Offset of the copy in the target; meaningful for a copied message only.</summary>
    public long TargetOffsetOf(int index) => _targetOffsets[index];

    /// <summary>Starts a batch.</summary>
    /// <param name="route">Has a target.</param>
    /// <param name="orders">In the order of the plans.</param>
    /// <param name="plans">One for each run of neighbouring offsets.</param>
    public void Begin(DeadLetterRoute route, IEnumerable<CopyOrder> orders, IEnumerable<ReadPlan> plans)
    {
        IsBusy = true;
        _began = time.GetUtcNow();
        _route = route;
        _orders.AddRange(orders);
        _plans.AddRange(plans);
        _outcomes = new CopyOutcome[_orders.Count];
        _targetOffsets = new long[_orders.Count];
        _next = 0;
        _unanswered = 1; // the batch itself, until everything is posted
    }

    /// <summary>True when the batch has ended, and its outcomes may be read until the next one begins.</summary>
    public bool TryFinish()
    {
        if (Volatile.Read(ref _isDone) == 0) return false;
        _isDone = 0;
        IsBusy = false;
        return true;
    }

    /// <summary>Forgets the batch after its outcomes were read.</summary>
    public void Clear()
    {
        _orders.Clear();
        _plans.Clear();
        Failure = null;
    }

    public void Dispose() => reader.Dispose();

    void IThreadPoolWorkItem.Execute() => _ = CopyAsync();

    void ISessionOutput.Flush()
    {
        // Nothing is sent anywhere: the loop is woken when the batch has ended.
    }

    void IPublishSink.Confirmed(PublishBatch batch)
    {
        foreach (ConfirmRequest confirm in batch.Confirms)
        {
            _outcomes[(int)confirm.RequestId] = CopyOutcome.Copied;
            _targetOffsets[(int)confirm.RequestId] = batch.OffsetOf(confirm);
        }

        Answered(batch.Confirms.Count);
    }

    void IPublishSink.Failed(PublishBatch batch, ErrorCode code, string message)
    {
        foreach (ConfirmRequest confirm in batch.Confirms) _outcomes[(int)confirm.RequestId] = CopyOutcome.Failed;
        Failure ??= new IOException(message);
        Answered(batch.Confirms.Count);
    }

    private async Task CopyAsync()
    {
        try
        {
            _target = await router.OpenAsync(_route.Target!.Value, source.Partition).ConfigureAwait(false);
            Target = _target.Partition.Id;
            foreach (ReadPlan plan in _plans) await CopyRunAsync(plan, _target.Partition).ConfigureAwait(false);
        }
        catch (SegmentGoneException)
        {
            // The messages stand elsewhere by now: the next batch looks for them there.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Failure ??= failure;
            if (_next < _orders.Count) _outcomes[_next] = CopyOutcome.Failed;
        }

        Answered(1);
    }

    /// <summary>Copies what one read brings; the rest of its run is left for the next batch.</summary>
    private async ValueTask CopyRunAsync(ReadPlan plan, QueuePartition target)
    {
        if (_next == _orders.Count || _orders[_next].Offset != plan.Offset) return; // the run before it was cut short: keep the order
        (RecordBlock block, _) = reader.Read(plan);
        PublishBatch batch;
        using (block) batch = Collect(block, target);
        if (batch.Confirms.Count == 0)
        {
            batch.Return();
            return;
        }

        Interlocked.Add(ref _unanswered, batch.Confirms.Count);
        await target.PostAsync(batch, CancellationToken.None).ConfigureAwait(false);
    }

    private PublishBatch Collect(RecordBlock block, QueuePartition target)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long? deadline = target.Settings.DeadlineFrom(now); // D-53
        PublishBatch batch = PublishBatch.Rent(this, block.Length + (block.Count * LargestHeaderBytes()), time.GetTimestamp());
        for (int i = 0; i < block.Count && _next < _orders.Count && _orders[_next].Offset == block[i].Offset; i++, _next++)
        {
            CopyOrder order = _orders[_next];
            if (block[i].Kind == LostRecord.Kind)
            {
                _outcomes[_next] = CopyOutcome.Lost;
                continue;
            }

            var stored = new StoredMessage(block[i]);
            if (_route.Loops && (target.Id.Queue == source.Queue || DeadLetterHeaders.Read(stored.Headers) is not null))
            {
                _outcomes[_next] = CopyOutcome.Dropped;
                continue;
            }

            DeadLetterHeaders.Write(_headers, stored.Headers, new DeadLetterOrigin(source.Queue, order.Offset, order.Retries, order.Reason, now));
            var copy = new NewMessage
            {
                Published = stored.Published,
                ContentType = stored.ContentType,
                Headers = _headers.Block,
                Payload = stored.Payload,
                Deadline = deadline,
            };
            batch.TryAdd(in copy, now, (ulong)_next);
            if (TraceLinks.IsAnybodyListening) _traced.Add(block[i]);
        }

        return batch;
    }

    /// <summary>Bytes that the headers of a dead letter add to a message, at most, padding and deadline included.</summary>
    private int LargestHeaderBytes() => 512 + (3 * (source.Queue.Topic.Length + (source.Queue.Group?.Length ?? 0)));

    private void Answered(int count)
    {
        if (Interlocked.Add(ref _unanswered, -count) > 0) return;
        if (!_traced.IsEmpty) _traced.Emit("dead-letter", ActivityKind.Internal, source, _orders.Count, _began, time.GetUtcNow(), Target);
        _target?.Dispose();
        _target = null;
        Volatile.Write(ref _isDone, 1);
        wake();
    }
}
