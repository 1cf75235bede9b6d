using System.Collections.Concurrent;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Channels.Publishing;

/// <summary>Messages of one connection for one partition, already in log format: what a session hands over in one piece.</summary>
/// <remarks>
/// Owned by the session while it is filled, then by the partition, which returns it with <see cref="Return"/> when it is confirmed or
/// has failed. The block outlives it: the partition takes it over.
/// </remarks>
internal sealed class PublishBatch
{
    private const int SmallestBytes = 64 << 10;

    private static readonly ConcurrentQueue<PublishBatch> Pool = new();

    private readonly List<ConfirmRequest> _confirms = [];
    private RecordBlock? _block;

    private PublishBatch()
    {
    }

    public IPublishSink Sink { get; private set; } = null!;

    /// <summary>When its first message was received, as a timestamp of the partition's clock.</summary>
    public long ReceivedAt { get; private set; }

    public RecordBlock Block => _block!;

    /// <summary>The messages that ask for a confirm, in order.</summary>
    public IReadOnlyList<ConfirmRequest> Confirms => _confirms;

    /// <summary>True when a message has a delay or a time to live.</summary>
    public bool HasBirthState { get; private set; }

    /// <summary>True when a message says which one of which producer it is.</summary>
    public bool HasProducers { get; private set; }

    /// <summary>An empty batch with room for <paramref name="capacityBytes"/> bytes of records.</summary>
    /// <param name="sink">Where its confirms go.</param>
    /// <param name="capacityBytes">Room for records.</param>
    /// <param name="receivedAt">When its first message was received, as a timestamp of the partition's clock.</param>
    public static PublishBatch Rent(IPublishSink sink, int capacityBytes, long receivedAt)
    {
        if (!Pool.TryDequeue(out PublishBatch? batch)) batch = new PublishBatch();
        batch.Sink = sink;
        batch.ReceivedAt = receivedAt;
        batch._block = RecordBlock.Rent(capacityBytes);
        return batch;
    }

    /// <summary>An empty batch with room for one message at least, and for many that are small.</summary>
    /// <param name="message">The first one. It is not added.</param>
    /// <param name="sink">Where its confirms go.</param>
    /// <param name="receivedAt">When it was received, as a timestamp of the partition's clock.</param>
    public static PublishBatch RentFor(in NewMessage message, IPublishSink sink, long receivedAt) =>
        Rent(sink, Math.Max(SmallestBytes, RecordHeader.AlignedSize(MessageRecord.Measure(message))), receivedAt);

    /// <summary>Adds a message; false when the batch has no room for it.</summary>
    /// <param name="message">Copied.</param>
    /// <param name="receivedMs">The broker's clock at receipt, Unix milliseconds.</param>
    /// <param name="confirmId">Request id to confirm; null for an unconfirmed publish.</param>
    public bool TryAdd(in NewMessage message, long receivedMs, ulong? confirmId)
    {
        int bodyBytes = MessageRecord.Measure(message);
        if (!Block.HasRoomFor(bodyBytes)) return false;

        byte attributes = MessageRecord.AttributesOf(message);
        MessageRecord.Write(Block.Add(MessageRecord.Kind, attributes, receivedMs, bodyBytes), message);
        if (confirmId is { } requestId) _confirms.Add(new ConfirmRequest(Block.Count - 1, requestId));
        HasBirthState |= MessageRecord.HasBirthState(attributes);
        HasProducers |= MessageRecord.HasProducer(attributes);
        return true;
    }

    /// <summary>The offset to confirm.</summary>
    public long OffsetOf(in ConfirmRequest confirm) => confirm.Original >= 0 ? confirm.Original : Block.FirstOffset + confirm.Index;

    /// <summary>Takes messages out, before the block has offsets, that are stored already: their confirms name the originals.</summary>
    /// <param name="duplicates">In the order of their places.</param>
    public void TakeOut(IReadOnlyList<DuplicateMessage> duplicates)
    {
        Block.Remove(duplicates.Select(static duplicate => duplicate.Index));
        int before = 0;
        for (int i = 0; i < _confirms.Count; i++)
        {
            ConfirmRequest confirm = _confirms[i];
            while (before < duplicates.Count && duplicates[before].Index < confirm.Index) before++;
            bool isDuplicate = before < duplicates.Count && duplicates[before].Index == confirm.Index;
            _confirms[i] = isDuplicate
                ? new ConfirmRequest(Index: -1, confirm.RequestId, duplicates[before].Original)
                : confirm with { Index = confirm.Index - before };
        }
    }

    /// <summary>
    /// Takes the last messages out, before the block has offsets, and returns a batch of their confirms only, and of those of their
    /// duplicates: for a refusal.
    /// </summary>
    /// <param name="count">How many of them.</param>
    /// <param name="firstOffset">Offset that the first message of the block gets.</param>
    public PublishBatch SplitLast(int count, long firstOffset)
    {
        if (!Pool.TryDequeue(out PublishBatch? refused)) refused = new PublishBatch();
        refused.Sink = Sink;
        for (; count > 0; count--) Block.RemoveLast();
        refused._confirms.AddRange(_confirms.Where(IsTakenOut));
        _confirms.RemoveAll(IsTakenOut);
        return refused;

        bool IsTakenOut(ConfirmRequest confirm) => confirm.Index >= Block.Count || confirm.Original >= firstOffset + Block.Count;
    }

    /// <summary>Gives the block up to the caller.</summary>
    public RecordBlock TakeBlock()
    {
        RecordBlock block = Block;
        _block = null;
        return block;
    }

    /// <summary>Returns the batch to its pool, with the block if nobody took it.</summary>
    public void Return()
    {
        _block?.Dispose();
        _block = null;
        _confirms.Clear();
        HasBirthState = false;
        HasProducers = false;
        Sink = null!;
        Pool.Enqueue(this);
    }
}

/// <summary>A message of a batch that wants a confirm.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="RequestId">The request to answer.</param>
/// <param name="Original">Offset of the message that it was a duplicate of; -1 for a message of the batch.</param>
internal readonly record struct ConfirmRequest(int Index, ulong RequestId, long Original = -1);

/// <summary>A message of a batch that was sent before.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Original">Offset of the message that was stored.</param>
internal readonly record struct DuplicateMessage(int Index, long Original);
