using Fibril.Broker.Log;

namespace Fibril.Broker.Security.Users;

/// <summary>The users on the disk, in a document of their own. Thread-safe.</summary>
internal sealed class UserStore
{
    private const string DirectoryName = "users";

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly Lock _gate = new();
    private UserDocument _current;

    private UserStore(IStorageFileSystem files, string directory, UserDocument current)
    {
        _files = files;
        _directory = directory;
        _current = current;
    }

    public UserDocument Current => Volatile.Read(ref _current);

    /// <summary>Reads the users of a data directory. Blocks on the disk.</summary>
    /// <exception cref="LogDamagedException">The file is not what was written.</exception>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static UserStore Open(IStorageFileSystem files, string dataDirectory)
    {
        string directory = StorageDirectories.Ensure(files, dataDirectory, DirectoryName);
        KeptSnapshots kept = SnapshotFile.Load(files, directory);
        if (kept.Damages.Count > 0) throw new LogDamagedException(kept.Damages[0]); // older users may have been removed since
        return new UserStore(files, directory, kept.Newest is { } newest ? UserDocument.Decode(newest.Payload) : UserDocument.Empty);
    }

    /// <summary>Changes the users. Blocks on the disk. What is written is in effect, all of it or nothing.</summary>
    /// <param name="change">Gives the users in their new state, whose version does not count; null to leave them as they are.</param>
    /// <returns>False when nothing was changed.</returns>
    /// <exception cref="IOException">It could not be made durable; the old users stay in effect, at least until a restart when the message says so.</exception>
    public bool TryChange(Func<UserDocument, UserDocument?> change)
    {
        lock (_gate)
        {
            if (change(_current) is not { } wanted) return false;
            UserDocument next = wanted with { Version = _current.Version + 1 };
            SnapshotFile.Save(_files, _directory, next.Version, next.Encode(), previous: null, isPrivate: true);
            Volatile.Write(ref _current, next);
            return true;
        }
    }
}
