using System.Buffers;
using Fibril.Broker.Log;
using MessagePack;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>The sessions that may be resumed after a restart (RES-8), in one small file that is rewritten a moment after they change.</summary>
/// <remarks>
/// Thread-safe. Nothing depends on it: a file that cannot be written or read means that clients get new sessions after a restart.
/// While there are sessions the file is written again from time to time, because its age decides whether they are honoured.
/// </remarks>
internal sealed class SessionStore : IAsyncDisposable
{
    private const string DirectoryName = "sessions";
    private const int SavesPerLifetime = 6;

    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly ResumeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _saves;
    private readonly Lock _gate = new();
    private readonly Lock _disk = new();
    private readonly Dictionary<Guid, SavedSession> _live = [];
    private readonly Dictionary<Guid, SavedSession> _earlier = [];
    private long _number;
    private bool _saveIsDue; // under the gate
    private bool _hasFailed;
    private bool _isDisposed; // under the gate

    private SessionStore(IStorageFileSystem files, string directory, ResumeOptions options, TimeProvider time, ILogger logger)
    {
        _files = files;
        _directory = directory;
        _options = options;
        _time = time;
        _logger = logger;
        _saves = time.CreateTimer(static self => ((SessionStore)self!).Save(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private bool IsOn => _options.RestartTimeToLive > TimeSpan.Zero;

    /// <summary>Reads what the last run of the broker left. Blocks on the disk; what cannot be read is reported and forgotten.</summary>
    public static SessionStore Open(IStorageFileSystem files, string dataDirectory, ResumeOptions options, TimeProvider time, ILogger logger)
    {
        var store = new SessionStore(files, Path.Combine(dataDirectory, DirectoryName), options, time, logger);
        try
        {
            StorageDirectories.Ensure(files, dataDirectory, DirectoryName);
            store.Load();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException
            or MessagePackSerializationException or EndOfStreamException)
        {
            logger.SavedSessionsUnreadable(unreadable);
        }

        return store;
    }

    /// <summary>Remembers a session that has subscriptions now.</summary>
    public void Put(Guid clientId, Guid token, string userName)
    {
        lock (_gate)
        {
            _earlier.Remove(clientId);
            if (!_live.TryAdd(clientId, new SavedSession(clientId, ResumeToken.Hash(token), userName, 0))) return;
            SaveSoon();
        }
    }

    /// <summary>Forgets a session that has ended .</summary>
    public void Remove(Guid clientId)
    {
        lock (_gate)
        {
            if (!_live.Remove(clientId) & !_earlier.Remove(clientId)) return;
            SaveSoon();
        }
    }

    /// <summary>The session of an earlier run with this id and token; null when there is none, or it is too old.</summary>
    public SavedSession? Find(Guid clientId, Guid token)
    {
        if (!IsOn) return null;
        lock (_gate)
        {
            return _earlier.TryGetValue(clientId, out SavedSession? saved) && !IsTooOld(saved) && ResumeToken.Matches(token, saved.TokenHash) ? saved : null;
        }
    }

    /// <summary>The time to live of the options has changed: the age of the file must fit it, and there may be none yet.</summary>
    public void TimeToLiveChanged()
    {
        lock (_gate) SaveSoon();
    }

    /// <summary>Writes the file a last time and writes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!TryDispose()) return;
        await _saves.DisposeAsync();
        Save();
    }

    /// <summary>Writes no more.</summary>
    public void Abandon()
    {
        if (TryDispose()) _saves.Dispose();
    }

    /// <summary>Writes the file. Blocks on the disk.</summary>
    public void Save()
    {
        lock (_gate) _saveIsDue = false;
        if (!IsOn) return;
        lock (_disk)
        {
            try
            {
                SnapshotFile.Save(_files, _directory, ++_number, Encode(out int count), previous: null);
                _hasFailed = false;
                if (count > 0) ScheduleNext();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed) _logger.SessionsNotSaved(failure);
                _hasFailed = true;
                ScheduleNext();
            }
        }
    }

    /// <summary>Under the gate: one more change does not put off the save that is due already.</summary>
    private void SaveSoon()
    {
        if (_saveIsDue || _isDisposed || !IsOn) return;
        _saveIsDue = true;
        _saves.Change(SaveDelay, Timeout.InfiniteTimeSpan);
    }

    private void ScheduleNext()
    {
        TimeSpan pause = _options.RestartTimeToLive / SavesPerLifetime;
        lock (_gate)
        {
            if (!_saveIsDue && !_isDisposed) _saves.Change(pause < LongestPause ? pause : LongestPause, Timeout.InfiniteTimeSpan);
        }
    }

    private bool TryDispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return false;
            return _isDisposed = true;
        }
    }

    private ReadOnlySpan<byte> Encode(out int count)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_gate)
        {
            foreach (Guid tooOld in _earlier.Values.Where(IsTooOld).Select(static saved => saved.ClientId).ToArray()) _earlier.Remove(tooOld);
            count = _live.Count + _earlier.Count;
            writer.WriteArrayHeader(count);
            foreach (SavedSession session in _live.Values) (session with { SeenMs = now }).Write(ref writer);
            foreach (SavedSession session in _earlier.Values) session.Write(ref writer);
        }

        writer.Flush();
        return buffer.WrittenSpan;
    }

    private bool IsTooOld(SavedSession saved)
    {
        // A clock that was set back must not make a session live for longer.
        double age = Math.Abs(_time.GetUtcNow().ToUnixTimeMilliseconds() - (double)saved.SeenMs);
        return age > _options.RestartTimeToLive.TotalMilliseconds;
    }

    private void Load()
    {
        if (SnapshotFile.Load(_files, _directory).Newest is not { } newest) return;
        _number = newest.Number;
        var reader = new MessagePackReader(newest.Payload);
        for (int count = reader.ReadArrayHeader(); count > 0; count--)
        {
            SavedSession session = SavedSession.Read(ref reader);
            _earlier[session.ClientId] = session;
        }
    }
}
