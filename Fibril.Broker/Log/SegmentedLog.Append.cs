using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

internal sealed partial class SegmentedLog
{
    /// <summary>Accepts a block: its records get the next offsets and are on their way to the disk.</summary>
    /// <remarks>
    /// Nothing is written before <see cref="Flush"/>. The block belongs to the log until <see cref="TakeCompleted"/> gives it back;
    /// its records may be read meanwhile. A log that has failed gives it back as it does what was in it then: not durable.
    /// </remarks>
    /// <param name="block">At least one record.</param>
    /// <param name="inNewSegment">True seals the active segment, unless it is empty, so that it can be given up before it is full.</param>
    public void Append(RecordBlock block, bool inNewSegment = false)
    {
        bool isFull = Active.EndPosition + block.Length > _segmentBytes;
        if ((isFull || inNewSegment) && Active.EndOffset > Active.BaseOffset) Roll();

        Segment segment = Active;
        long position = segment.EndPosition;
        long synced = Math.Max(Volatile.Read(ref _durablePosition), segment.StartOfLog + SegmentHeader.Size);
        block.Seal(segment.EndOffset, segment.StartOfLog + position - synced, segment.Salt);
        segment.Index!.Note(block.FirstOffset, position, block[0].Timestamp, block[block.Count - 1].Timestamp);
        segment.EndOffset += block.Count;
        segment.EndPosition += block.Length;

        lock (_gate)
        {
            // Looked at here and not before: a failure at any earlier moment would leave the block with nobody to answer for it.
            if (_fault is not null)
            {
                Release(block);
                return;
            }

            _accepted.Add(new PendingWrite(block, segment, position));
            Interlocked.Add(ref _unwrittenBytes, block.Length);
        }
    }

    /// <summary>Starts writing what was accepted, unless a flush is under way that will see it.</summary>
    public void Flush()
    {
        if (BeginFlush()) _environment.Flusher.Schedule(this);
    }

    /// <summary>As <see cref="Flush"/>, but true leaves it to the caller to run the log's flush job, or to schedule it.</summary>
    public bool BeginFlush() => Begin(static log => log._accepted.Count > 0);

    /// <summary>Asks that everything accepted so far be synced too, for a log that does not sync every write.</summary>
    public void RequestSync()
    {
        if (Begin(static log => log._syncRequested = true)) _environment.Flusher.Schedule(this);
    }

    /// <summary>Writes and syncs what was accepted, on this thread: for whoever has just opened the log and shares it with nobody yet. Blocks on the disk.</summary>
    /// <exception cref="IOException">That failed, and the log with it.</exception>
    public void SyncHere()
    {
        if (!Begin(static log => log._syncRequested = true)) throw new InvalidOperationException("The log is in use already.");
        Run();
        if (Fault is { } fault) throw new IOException(fault.Message, fault);
        foreach (RecordBlock block in _completed) block.Dispose();
        _completed.Clear();
    }

    /// <summary>Moves the blocks whose write, and sync where every write is synced, has ended into <paramref name="completed"/>.</summary>
    public void TakeCompleted(Queue<RecordBlock> completed)
    {
        lock (_gate)
        {
            foreach (RecordBlock block in _completed) completed.Enqueue(block);
            _completed.Clear();
        }
    }

    private void Roll()
    {
        Segment sealing = Active;
        string path = Path.Combine(_directory, SegmentNames.Log(_kind, sealing.EndOffset));
        _segments.Add(new Segment(path, _environment.NewSalt(), sealing.EndOffset, sealing.StartOfLog + sealing.EndPosition)
        {
            Index = new SegmentIndex(),
        });
    }

    /// <summary>Notes work for the flush job; true when no flush is under way and one is to be started now.</summary>
    private bool Begin(Func<SegmentedLog, bool> noteWork)
    {
        lock (_gate)
        {
            if (!noteWork(this) || _flushing || _fault is not null) return false;
            return _flushing = true;
        }
    }

    private readonly record struct PendingWrite(RecordBlock Block, Segment Segment, long Position);
}
