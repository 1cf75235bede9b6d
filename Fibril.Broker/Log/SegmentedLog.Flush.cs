using System.Runtime.InteropServices;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

// The flush thread's half. Fields without a comment belong to the flush job, of which one runs at a time; the gate guards what it
// shares with the loop.
internal sealed partial class SegmentedLog : IFlushJob
{
    private const long SmallestReserveBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly List<ReadOnlyMemory<byte>> _gather = [];
    private readonly List<RecordBlock> _completed = [];   // under the gate
    private readonly List<string> _doomedFiles = [];      // under the gate
    private List<PendingWrite> _accepted = [];            // under the gate
    private List<PendingWrite> _writing = [];
    private bool _flushing;                               // under the gate
    private bool _syncRequested;                          // under the gate
    private bool _closeRequested;                         // under the gate
    private bool _closed;
    private long _unwrittenBytes;
    private long _durableEnd;
    private long _durablePosition;
    private Exception? _fault;

    private IStorageFile? _file;
    private Segment? _flushedSegment;
    private long _reservedLength;
    private long _writtenEnd;
    private long _writtenPosition;
    private long _lastSyncStarted;
    private ITimer? _pause;

    /// <summary>
    /// Messages are synced before anyone is told, and their blocks go back to the loop, which confirms and delivers from them. Where they
    /// are synced on request only, that is told as soon as the system has them. Events are written at once, synced on request, and nobody
    /// needs their blocks.
    /// </summary>
    private bool SyncsEveryWrite => _syncsEveryWrite;

    private readonly bool _syncsEveryWrite;

    private bool GivesBlocksBack => _kind != LogKind.Events;

    /// <summary>Writes, syncs and reports until there is nothing left to do. Called by the flush scheduler only.</summary>
    public void Run()
    {
        while (RunOnce())
        {
            // More came up while the disk was busy.
        }
    }

    /// <summary>Writes, syncs and reports what was accepted up to now; true when there is more, and the flush goes on.</summary>
    public bool RunOnce()
    {
        bool sync;
        string[] doomed;
        lock (_gate)
        {
            sync = _syncRequested || (SyncsEveryWrite && _accepted.Count > 0);
            bool pauses = sync && PausesBeforeSync();
            if (pauses && SyncsEveryWrite) return false;
            if (pauses && _accepted.Count == 0)
            {
                // What comes before the pause is over is written, and told, without a sync.
                _flushing = false;
                return false;
            }

            sync &= !pauses;
            (_accepted, _writing) = (_writing, _accepted);
            if (sync) _syncRequested = false;
            doomed = _doomedFiles.Count == 0 ? [] : [.. _doomedFiles];
            _doomedFiles.Clear();
        }

        try
        {
            WriteAccepted();
            if (sync) Sync();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(failure);
            return false;
        }

        DeleteFiles(doomed);

        bool hasNews = sync || (GivesBlocksBack && _writing.Count > 0);
        bool more = Complete();
        if (hasNews) _observer.LogAdvanced(flushThreadIsBusy: more);
        return !TryFinish();
    }

    /// <summary>Ends the flush when there is nothing left to do; the next one is begun by whoever brings work.</summary>
    private bool TryFinish()
    {
        bool closes;
        lock (_gate)
        {
            if (_accepted.Count > 0 || _syncRequested || _doomedFiles.Count > 0) return false;
            _flushing = false;
            closes = _closeRequested;
        }

        if (closes) Close();
        return true;
    }

    private void WriteAccepted()
    {
        ReadOnlySpan<PendingWrite> writes = CollectionsMarshal.AsSpan(_writing);
        while (!writes.IsEmpty)
        {
            Segment segment = writes[0].Segment;
            int count = 1;
            while (count < writes.Length && writes[count].Segment == segment) count++;

            if (segment != _flushedSegment || _file is null) OpenActive(segment);
            WriteRun(writes[..count]);
            writes = writes[count..];
        }
    }

    private void WriteRun(ReadOnlySpan<PendingWrite> run)
    {
        long start = run[0].Position;
        long end = start;
        long records = 0;
        foreach (PendingWrite write in run)
        {
            _gather.Add(write.Block.Bytes);
            end += write.Block.Length;
            records += write.Block.Count;
        }

        long began = _environment.Time.GetTimestamp();
        Reserve(end);
        _file!.Write(_gather, start);
        _gather.Clear();
        _metrics.Appended(records, end - start, _environment.Time.GetElapsedTime(began));
        Volatile.Write(ref _writtenPosition, run[0].Segment.StartOfLog + end);
        Volatile.Write(ref _writtenEnd, run[^1].Block.EndOffset);
        Interlocked.Add(ref _unwrittenBytes, start - end);
    }

    private void Sync()
    {
        _lastSyncStarted = _environment.Time.GetTimestamp();
        if (_file is { } file)
        {
            Sync(file);
            _metrics.Synced(_environment.Time.GetElapsedTime(_lastSyncStarted));
        }

        Volatile.Write(ref _durablePosition, _writtenPosition);
        Volatile.Write(ref _durableEnd, _writtenEnd);
    }

    private void Sync(IStorageFile file)
    {
        try
        {
            file.Sync();
        }
        catch
        {
            _metrics.SyncFailed();
            throw;
        }
    }

    private bool Complete()
    {
        lock (_gate)
        {
            foreach (PendingWrite write in _writing) Release(write.Block);
            _writing.Clear();
            return _accepted.Count > 0;
        }
    }

    private void Release(RecordBlock block)
    {
        if (GivesBlocksBack) _completed.Add(block);
        else block.Dispose();
    }

    /// <summary>Makes <paramref name="segment"/> the file that is written, sealing the one before it.</summary>
    private void OpenActive(Segment segment)
    {
        bool isNew = segment != _flushedSegment;
        if (isNew) SealFlushed();

        if (isNew)
        {
            _file = CreateSegment(segment);
            _reservedLength = SegmentHeader.Size;
        }
        else
        {
            _file = _environment.Files.Open(segment.Path);
            _reservedLength = _file.Length;
        }

        _flushedSegment = segment;
    }

    private void SealFlushed()
    {
        if (_flushedSegment is not { } sealing) return;
        _file ??= _environment.Files.Open(sealing.Path);
        _file.Truncate(sealing.EndPosition);
        Sync(_file);
        _file.Dispose();
        _file = null;
        IndexFile.Write(_environment.Files, sealing);
    }

    private IStorageFile CreateSegment(Segment segment)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        long now = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        new SegmentHeader(_kind, segment.Salt, segment.BaseOffset, now).Write(header);

        IStorageFile file = _environment.Files.Create(segment.Path);
        file.Write(header, 0);
        Sync(file);
        _environment.Files.SyncDirectory(_directory);
        return file;
    }

    /// <summary>Takes space ahead of the write position, so that a sync has no metadata to write.</summary>
    private void Reserve(long end)
    {
        if (end <= _reservedLength) return;
        long ahead = Math.Min(_environment.Options.PreallocateBytes, Math.Max(end, SmallestReserveBytes));
        _reservedLength = Math.Max(end, Math.Min(end + ahead, _segmentBytes));
        if (_environment.Options.PreallocateBytes == 0) return;
        try
        {
            _file!.Reserve(_reservedLength);
        }
        catch (IOException) when (_reservedLength > end)
        {
            // A disk that is nearly full may still hold what is asked for now.
            _reservedLength = end;
            _file!.Reserve(end);
        }
    }

    /// <summary>True when the pause between two commits is not over: the job is scheduled again when it is.</summary>
    private bool PausesBeforeSync()
    {
        TimeSpan interval = _environment.Options.MinSyncInterval;
        if (interval == TimeSpan.Zero) return false;
        TimeSpan rest = interval - _environment.Time.GetElapsedTime(_lastSyncStarted);
        if (rest <= TimeSpan.Zero) return false;

        _pause ??= _environment.Time.CreateTimer(
            static log => ((SegmentedLog)log!).PauseIsOver(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pause.Change(rest, Timeout.InfiniteTimeSpan);
        return true;
    }

    private void PauseIsOver()
    {
        if (SyncsEveryWrite || Begin(static log => log._syncRequested)) _environment.Flusher.Schedule(this);
    }

    private void DeleteFiles(string[] paths)
    {
        if (paths.Length == 0) return;
        try
        {
            foreach (string path in paths) _environment.Files.DeleteFile(path);
            _environment.Files.SyncDirectory(_directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Nothing depends on it.
            _observer.FilesNotRemoved(failure);
        }
    }

    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            Volatile.Write(ref _fault, failure);
            foreach (PendingWrite write in _writing) Release(write.Block);
            foreach (PendingWrite write in _accepted) Release(write.Block);
            _writing.Clear();
            _accepted.Clear();
            Interlocked.Exchange(ref _unwrittenBytes, 0);
            _flushing = false;
        }

        _gather.Clear();
        CloseFiles();
        _observer.LogAdvanced(flushThreadIsBusy: false);
    }

    /// <summary>Gives reserved space back and closes the files.</summary>
    private void Close()
    {
        try
        {
            if (_file is not null)
            {
                _file.Truncate(_writtenPosition - _flushedSegment!.StartOfLog);
                Sync(_file);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(failure);
            return;
        }

        CloseFiles();
        _observer.LogAdvanced(flushThreadIsBusy: false);
    }

    private void CloseFiles()
    {
        _file?.Dispose();
        _file = null;
        _pause?.Dispose();
        _pause = null;
        Volatile.Write(ref _closed, true);
    }
}
