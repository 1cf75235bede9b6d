namespace Fibril.Broker.Log;

/// <summary>
/// A file that does nothing but take room. When the disk is full it goes, so that settlements, snapshots and the catalogue can still be
/// written; from then on no messages are taken in until the file has found room again (S-66). Thread-safe.
/// </summary>
internal sealed class DiskReserve : IDisposable
{
    private const string FileName = "reserve";

    private static readonly TimeSpan RefillInterval = TimeSpan.FromSeconds(1);

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly string _path;
    private readonly long _bytes;
    private readonly Action<bool> _onChange;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private bool _isFull;

    /// <summary>Takes the room, or finds that there is none. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="directory">The data directory, which exists.</param>
    /// <param name="bytes">Room to hold back; 0 for none: a full disk is then noticed and tried again all the same.</param>
    /// <param name="time">Clock of the tries to take the room again.</param>
    /// <param name="onChange">Told when the disk becomes full (true) or has room again (false).</param>
    public DiskReserve(IStorageFileSystem files, string directory, long bytes, TimeProvider time, Action<bool> onChange)
    {
        _files = files;
        _directory = directory;
        _path = Path.Combine(directory, FileName);
        _bytes = bytes;
        _onChange = onChange;
        _timer = time.CreateTimer(static self => ((DiskReserve)self!).Refill(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _isFull = !TryTake();
        if (!_isFull) return;
        onChange(true);
        _timer.Change(RefillInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True while no messages are to be taken in.</summary>
    public bool IsFull => Volatile.Read(ref _isFull);

    /// <summary>What publishers are told meanwhile.</summary>
    public static string FullText =>
        "The disk of the broker is full, so it takes no messages now; consumers are served on. "
        + "Publish again in a few seconds: it takes messages again by itself when there is room.";

    /// <summary>Something could not be written for want of room: gives the reserve up.</summary>
    public void NoteFull()
    {
        lock (_gate)
        {
            if (_isFull) return;
            Volatile.Write(ref _isFull, true);
            GiveUp();
            _timer.Change(RefillInterval, Timeout.InfiniteTimeSpan);
        }

        _onChange(true);
    }

    public void Dispose() => _timer.Dispose();

    private void Refill()
    {
        lock (_gate)
        {
            if (!_isFull) return;
            bool hasRoom = TryTake();
            Volatile.Write(ref _isFull, !hasRoom);
            if (!hasRoom)
            {
                _timer.Change(RefillInterval, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _onChange(false);
    }

    private bool TryTake()
    {
        try
        {
            using IStorageFile file = _files.ListFiles(_directory).Contains(FileName) ? _files.Open(_path) : _files.Create(_path);
            if (file.Length > _bytes) file.Truncate(_bytes);
            else file.Reserve(_bytes);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // What it did get is more use to others.
            GiveUp();
            return false;
        }
    }

    private void GiveUp()
    {
        try
        {
            _files.DeleteFile(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Then there is no more room than there was, and what needs some says so itself.
        }
    }
}
