using System.Diagnostics.CodeAnalysis;

namespace Fibril.Broker.Channels.Publishing;

/// <summary>Batches on their way from sessions to one partition, bounded in number and in bytes. Thread-safe; one reader.</summary>
internal sealed class PublishLane
{
    private const int MostBatches = 64;

    private readonly Lock _gate = new();
    private readonly Queue<PublishBatch> _batches = new();
    private readonly long _mostBytes;
    private TaskCompletionSource? _room;
    private long _bytes;

    /// <param name="mostBytes">Bytes of records that may wait; a single batch may be larger.</param>
    public PublishLane(long mostBytes) => _mostBytes = mostBytes;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _batches.Count == 0;
        }
    }

    /// <summary>Hands over a batch; false when there is no room for it, and the caller keeps it.</summary>
    public bool TryWrite(PublishBatch batch)
    {
        lock (_gate) return TryEnqueue(batch);
    }

    /// <summary>Hands over a batch, waiting for room.</summary>
    public async ValueTask WriteAsync(PublishBatch batch, CancellationToken cancellationToken)
    {
        while (WhenRoomFor(batch) is { } room) await room.WaitAsync(cancellationToken);
    }

    public bool TryRead([NotNullWhen(true)] out PublishBatch? batch)
    {
        lock (_gate)
        {
            if (!_batches.TryDequeue(out batch)) return false;
            _bytes -= batch.Block.Length;

            // All who wait look again: the one in front may want more room than there is now.
            _room?.SetResult();
            _room = null;
            return true;
        }
    }

    /// <summary>Null when the batch was taken; otherwise what to wait for before the next try.</summary>
    private Task? WhenRoomFor(PublishBatch batch)
    {
        lock (_gate)
        {
            if (TryEnqueue(batch)) return null;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    private bool TryEnqueue(PublishBatch batch)
    {
        bool hasRoom = _batches.Count == 0 || (_batches.Count < MostBatches && _bytes + batch.Block.Length <= _mostBytes);
        if (!hasRoom) return false;
        _batches.Enqueue(batch);
        _bytes += batch.Block.Length;
        return true;
    }
}
