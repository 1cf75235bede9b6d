using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>Carries out reads of one log with an open file of its own, so that delivery, inspection and copies do not wait for each other.</summary>
/// <remarks>
/// One call at a time, on any thread that may block. Needs nothing but the plan: the log may be appended to, roll and give up segments
/// meanwhile. Made by <see cref="SegmentedLog.NewReader"/> and disposed by who asked for it.
/// </remarks>
internal sealed class LogReader : IDisposable
{
    private readonly Lock _reading = new(); // held during a read; guards the fields
    private readonly IStorageFileSystem _files;
    private readonly TimeProvider _time;
    private readonly LogKindMetrics _metrics;
    private readonly Action<LogReader> _disposed;
    private IStorageFile? _file;
    private Segment? _segment;

    internal LogReader(LogEnvironment environment, LogKindMetrics metrics, Action<LogReader> disposed)
    {
        _files = environment.Files;
        _time = environment.Time;
        _metrics = metrics;
        _disposed = disposed;
    }

    /// <summary>Reads and verifies at least one record. Blocks on the disk.</summary>
    /// <returns>The records and the byte behind the last one. The caller owns the block.</returns>
    /// <exception cref="SegmentGoneException">The segment was given up since the plan was made; plan again.</exception>
    /// <exception cref="LogDamagedException">The record is missing or does not carry its checksum; nothing of it is returned (S-4).</exception>
    public (RecordBlock Block, long EndPosition) Read(in ReadPlan plan)
    {
        long began = _time.GetTimestamp();
        try
        {
            lock (_reading) return SegmentRead.Run(Open(plan.Segment), plan, _files);
        }
        catch (IOException) when (plan.Segment.IsGivenUp)
        {
            throw new SegmentGoneException(plan.Segment.Path);
        }
        finally
        {
            _metrics.Read(_time.GetElapsedTime(began));
            CloseWhatWasGivenUp();
        }
    }

    /// <summary>
    /// An offset with only records earlier than the time before it, at most one index interval too low; the end of the log, as of the plan,
    /// when every record is earlier. Blocks on the disk where an index is not in memory.
    /// </summary>
    /// <exception cref="SegmentGoneException">A segment was given up since the plan was made; plan again.</exception>
    public long FindByTime(TimeSearchPlan plan)
    {
        foreach (Segment segment in plan.Sealed)
        {
            SegmentIndex index = IndexOf(segment);
            if (index.LargestTimestamp >= plan.Timestamp) return index.FindByTime(plan.Timestamp)?.Offset ?? segment.BaseOffset;
        }

        return plan.Otherwise;
    }

    public void Dispose()
    {
        CloseFile();
        _disposed(this);
    }

    /// <summary>The index of a segment, from its file or made anew.</summary>
    internal SegmentIndex IndexOf(Segment segment)
    {
        if (segment.Index is { } known) return known;
        try
        {
            lock (_reading) return IndexFile.Load(_files, segment, Open(segment));
        }
        catch (IOException) when (segment.IsGivenUp)
        {
            throw new SegmentGoneException(segment.Path);
        }
        finally
        {
            CloseWhatWasGivenUp();
        }
    }

    /// <summary>Closes a file that would keep its space on the disk for as long as nothing else is read. Thread-safe; never waits for a read.</summary>
    internal void CloseWhatWasGivenUp()
    {
        // Who gives a segment up and finds the gate taken leaves the closing to who holds it, and that one looks again after letting go.
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref _segment) is { IsGivenUp: true } && _reading.TryEnter())
        {
            if (_segment is { IsGivenUp: true }) CloseFile();
            _reading.Exit();
        }
    }

    internal void CloseFile()
    {
        lock (_reading)
        {
            _file?.Dispose();
            _file = null;
            _segment = null;
        }
    }

    private IStorageFile Open(Segment segment)
    {
        if (segment.IsGivenUp) throw new SegmentGoneException(segment.Path);
        if (_segment == segment) return _file!;
        CloseFile();
        try
        {
            _file = _files.Open(segment.Path);
        }
        catch (FileNotFoundException)
        {
            throw new LogDamagedException(new LogDamage(segment.Path, 0, 0, segment.BaseOffset, segment.EndOffset, "the file is missing"));
        }

        _segment = segment;
        return _file;
    }
}

/// <summary>A segment was given up between the plan of a read and the read: nothing is wrong, and a new plan finds what is still stored.</summary>
internal sealed class SegmentGoneException(string path) : IOException($"{path} was given up before it was read");
