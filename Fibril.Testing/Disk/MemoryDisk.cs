using Fibril.Broker.Log;

namespace Fibril.Testing.Disk;

/// <summary>A disk in memory that knows what is durable: a test broker can lose its power and be started on what is left.</summary>
/// <remarks>Thread-safe: every member takes one lock, as do its files.</remarks>
internal sealed class MemoryDisk : IStorageFileSystem
{
    private readonly Lock _gate = new();
    private readonly MemoryFolder _root;
    private bool _isGone; // under the gate, as the next
    private bool _isFailing;

    public MemoryDisk() => _root = new MemoryFolder();

    private MemoryDisk(MemoryFolder root) => _root = root;

    /// <summary>Whatever would change the disk fails meanwhile; it can be read.</summary>
    public bool IsFailing
    {
        get
        {
            lock (_gate) return _isFailing;
        }

        set
        {
            lock (_gate) _isFailing = value;
        }
    }

    /// <summary>The disk after the process was killed: everything that was written is there.</summary>
    public MemoryDisk AfterKill()
    {
        lock (_gate) return new MemoryDisk(_root.Copy(durableOnly: false));
    }

    /// <summary>The disk after a power loss: only what was synced is there.</summary>
    public MemoryDisk AfterPowerLoss()
    {
        lock (_gate) return new MemoryDisk(_root.Copy(durableOnly: true));
    }

    /// <summary>
    /// Takes the disk from the broker that uses it, and returns what is left. Whatever would change this one fails from then on, so that nobody is
    /// told of a message that came too late.
    /// </summary>
    public MemoryDisk Crash(CrashKind kind)
    {
        lock (_gate)
        {
            _isGone = true;
            return kind == CrashKind.PowerLoss ? AfterPowerLoss() : AfterKill();
        }
    }

    public void CreateDirectory(string path)
    {
        using (BeginChange())
        {
            MemoryFolder folder = _root;
            foreach (string name in Names(path)) folder = folder.GetOrAddFolder(name);
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_gate) return FindFolder(path) is not null;
    }

    public IReadOnlyList<string> ListDirectories(string path) => List<MemoryFolder>(path);

    public IReadOnlyList<string> ListFiles(string path) => List<MemoryContent>(path);

    public IStorageFile Create(string path)
    {
        using (BeginChange())
        {
            (MemoryFolder folder, string name) = Place(path);
            if (folder.Find(name) is not null) throw new IOException($"{path} exists already.");
            var content = new MemoryContent();
            folder.Set(name, content);
            return new MemoryFile(this, content);
        }
    }

    public IStorageFile Open(string path)
    {
        lock (_gate) return new MemoryFile(this, FindFile(path));
    }

    public void Rename(string from, string to)
    {
        using (BeginChange())
        {
            MemoryContent content = FindFile(from);
            (MemoryFolder source, string oldName) = Place(from);
            (MemoryFolder target, string newName) = Place(to);
            source.Remove(oldName);
            target.Set(newName, content);
        }
    }

    public void DeleteFile(string path)
    {
        using (BeginChange())
        {
            if (FindFolder(System.IO.Path.GetDirectoryName(path)!)?.Find(System.IO.Path.GetFileName(path)) is not MemoryContent) return;
            (MemoryFolder folder, string name) = Place(path);
            folder.Remove(name);
        }
    }

    public void DeleteDirectory(string path)
    {
        using (BeginChange())
        {
            MemoryFolder folder = FindFolder(path) ?? throw Missing(path);
            if (!folder.IsEmpty) throw new IOException($"{path} is not empty.");
            (MemoryFolder parent, string name) = Place(path);
            parent.Remove(name);
        }
    }

    public void SyncDirectory(string path)
    {
        using (BeginChange()) (FindFolder(path) ?? throw Missing(path)).Sync();
    }

    /// <summary>Takes the lock, to look at files.</summary>
    internal Lock.Scope BeginLook() => _gate.EnterScope();

    /// <summary>Takes the lock, to change something.</summary>
    /// <exception cref="IOException">The disk is gone, or fails.</exception>
    internal Lock.Scope BeginChange()
    {
        Lock.Scope scope = _gate.EnterScope();
        if (!_isGone && !_isFailing) return scope;
        scope.Dispose();
        throw new IOException(_isGone ? "The disk is gone: the broker has crashed." : "Input/output error");
    }

    private static string[] Names(string path) => path.Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    private static DirectoryNotFoundException Missing(string path) => new($"{path} does not exist.");

    private List<string> List<T>(string path)
    {
        lock (_gate) return FindFolder(path)?.NamesOf<T>() ?? [];
    }

    private MemoryFolder? FindFolder(string path)
    {
        MemoryFolder? folder = _root;
        foreach (string name in Names(path)) folder = folder?.Find(name) as MemoryFolder;
        return folder;
    }

    private MemoryContent FindFile(string path)
    {
        (MemoryFolder folder, string name) = Place(path);
        return folder.Find(name) as MemoryContent ?? throw new FileNotFoundException($"{path} does not exist.", path);
    }

    private (MemoryFolder Folder, string Name) Place(string path)
    {
        string directory = System.IO.Path.GetDirectoryName(path)!;
        return (FindFolder(directory) ?? throw Missing(directory), System.IO.Path.GetFileName(path));
    }
}
