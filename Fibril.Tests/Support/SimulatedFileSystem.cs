using Fibril.Broker.Log;

namespace Fibril.Tests.Support;

/// <summary>What is about to be done to the simulated disk.</summary>
internal enum DiskOperationKind
{
    Write,
    Reserve,
    Truncate,
    Sync,
    Create,
    Rename,
    Delete,
    CreateDirectory,
    SyncDirectory,
}

/// <summary>One operation on the simulated disk; position and data are a write's.</summary>
internal readonly record struct DiskOperation(DiskOperationKind Kind, string Path, long Position = 0, byte[]? Data = null);

/// <summary>
/// A disk in memory that remembers what is durable: file content since its last sync, directory entries since their directory's last
/// sync. A crash image keeps everything (a killed process), nothing unsynced (a power loss), or a random part of it, sector by sector.
/// </summary>
/// <remarks>
/// Thread-safe: every member takes one lock. <see cref="BeforeOperation"/> runs under it for directories, and outside of it for files, where
/// it may block.
/// </remarks>
internal sealed class SimulatedFileSystem : IStorageFileSystem
{
    internal const int SectorBytes = 512;

    private readonly Lock _gate = new();
    private readonly Folder _root = new();
    private readonly HashSet<SimulatedFile> _openFiles = [];

    /// <summary>Called before every operation that changes the disk; may look at the disk, or throw to make the operation fail.</summary>
    public Action<DiskOperation>? BeforeOperation { get; set; }

    /// <summary>Called with the path before every read of a file's content; may block, or throw to make the read fail.</summary>
    public Action<string>? BeforeRead { get; set; }

    /// <summary>Bytes the files may take together; a write or reserve beyond fails like a full disk.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Operations so far.</summary>
    public int OperationCount { get; private set; }

    public void CreateDirectory(string path)
    {
        using Lock.Scope _ = _gate.EnterScope();
        string walked = "";
        Folder folder = _root;
        foreach (string name in Split(path))
        {
            walked = Path.Combine(walked, name);
            if (folder.Current.TryGetValue(name, out object? entry))
            {
                folder = (Folder)entry;
                continue;
            }

            Announce(new DiskOperation(DiskOperationKind.CreateDirectory, walked));
            var created = new Folder();
            folder.Apply(new EntryChange(name, created));
            folder = created;
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_gate) return FindFolder(path) is not null;
    }

    public IReadOnlyList<string> ListDirectories(string path) => List<Folder>(path);

    public IReadOnlyList<string> ListFiles(string path) => List<Inode>(path);

    public IStorageFile Create(string path)
    {
        using Lock.Scope _ = _gate.EnterScope();
        (Folder folder, string name) = Locate(path);
        if (folder.Current.ContainsKey(name)) throw new IOException($"{path} exists already.");
        Announce(new DiskOperation(DiskOperationKind.Create, path));
        var inode = new Inode();
        folder.Apply(new EntryChange(name, inode));
        return Opened(inode, path);
    }

    public IStorageFile Open(string path)
    {
        lock (_gate) return Opened(FindInode(path), path);
    }

    /// <summary>Paths of the files that were opened and not closed, under the names they were opened by.</summary>
    public IReadOnlyList<string> OpenFiles()
    {
        lock (_gate) return [.. _openFiles.Select(static file => file.Path)];
    }

    public void Rename(string from, string to)
    {
        using Lock.Scope _ = _gate.EnterScope();
        Inode inode = FindInode(from);
        (Folder folder, string oldName) = Locate(from);
        Announce(new DiskOperation(DiskOperationKind.Rename, to));
        folder.Apply(new EntryChange(Locate(to).Name, inode, RenamedFrom: oldName));
    }

    public void DeleteFile(string path)
    {
        if (!Has(path)) return;
        Announce(new DiskOperation(DiskOperationKind.Delete, path));
        using Lock.Scope _ = _gate.EnterScope();
        (Folder folder, string name) = Locate(path);
        folder.Apply(new EntryChange(name, null));
    }

    private bool Has(string path)
    {
        using Lock.Scope _ = _gate.EnterScope();
        return FindFolder(Path.GetDirectoryName(path) ?? "") is { } folder && folder.Current.ContainsKey(Path.GetFileName(path));
    }

    public void DeleteDirectory(string path)
    {
        using Lock.Scope _ = _gate.EnterScope();
        Folder folder = FindFolder(path) ?? throw new IOException($"There is no directory {path}.");
        if (folder.Current.Count > 0) throw new IOException($"Directory {path} is not empty.");
        (Folder parent, string name) = Locate(path);
        Announce(new DiskOperation(DiskOperationKind.Delete, path));
        parent.Apply(new EntryChange(name, null));
    }

    public void SyncDirectory(string path)
    {
        using Lock.Scope _ = _gate.EnterScope();
        Announce(new DiskOperation(DiskOperationKind.SyncDirectory, path));
        (FindFolder(path) ?? throw new IOException($"There is no directory {path}.")).Sync();
    }

    /// <summary>
    /// The disk as a killed process leaves it: what was written is there, and what was not synced is still not, should the power fail
    /// next.
    /// </summary>
    public SimulatedFileSystem AfterKill()
    {
        lock (_gate)
        {
            var image = new SimulatedFileSystem();
            image._root.CopyStateOf(_root, []);
            return image;
        }
    }

    /// <summary>The disk after a power loss that keeps nothing unsynced.</summary>
    public SimulatedFileSystem AfterPowerLoss() => Image(static _ => false, SectorBytes);

    /// <summary>The disk after a power loss that keeps a random part of what was not synced, in pieces of <paramref name="pieceBytes"/>.</summary>
    public SimulatedFileSystem AfterPowerLoss(Random random, int pieceBytes) => Image(_ => random.Next(2) == 0, pieceBytes);

    /// <summary>Does to this disk what <paramref name="operation"/> would, up to <paramref name="dataBytes"/> bytes of a write.</summary>
    public void ApplyPartOf(in DiskOperation operation, int dataBytes)
    {
        if (operation.Data is null) return;
        FindInode(operation.Path).Write(operation.Data.AsSpan(0, Math.Min(dataBytes, operation.Data.Length)), operation.Position);
    }

    /// <summary>All files and their current content, for comparing two disks.</summary>
    public IReadOnlyDictionary<string, byte[]> Content()
    {
        var content = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        Collect(_root, "");
        return content;

        void Collect(Folder folder, string path)
        {
            foreach ((string name, object entry) in folder.Current)
            {
                if (entry is Inode inode) content[Path.Combine(path, name)] = inode.Current.ToArray();
                else Collect((Folder)entry, Path.Combine(path, name));
            }
        }
    }

    /// <summary>Gives a file another content, synced and all.</summary>
    public void Overwrite(string path, byte[] content)
    {
        using Lock.Scope _ = _gate.EnterScope();
        Inode inode = FindInode(path);
        inode.Current.SetLength(0);
        inode.Current.Write(content, 0);
        inode.Sync();
    }

    /// <summary>Changes one byte of a file, synced and all.</summary>
    public void Corrupt(string path, long position, byte xor)
    {
        Inode inode = FindInode(path);
        inode.Current.Span[(int)position] ^= xor;
        if (position < inode.Durable.Length) inode.Durable.Span[(int)position] ^= xor;
    }

    private SimulatedFile Opened(Inode inode, string path)
    {
        var file = new SimulatedFile(this, inode, path);
        _openFiles.Add(file);
        return file;
    }

    private void Announce(in DiskOperation operation)
    {
        OperationCount++;
        BeforeOperation?.Invoke(operation);
    }

    private void ThrowWhenFull(long growth)
    {
        if (growth > 0 && CapacityBytes < long.MaxValue && Content().Values.Sum(static file => (long)file.Length) + growth > CapacityBytes)
            throw DiskFaults.DiskFull();
    }

    private SimulatedFileSystem Image(Func<object, bool> keeps, int pieceBytes)
    {
        lock (_gate)
        {
            var image = new SimulatedFileSystem();
            Copy(_root, image._root, keeps, pieceBytes, []);
            return image;
        }
    }

    private static void Copy(Folder from, Folder to, Func<object, bool> keeps, int pieceBytes, Dictionary<Inode, Inode> copied)
    {
        foreach ((string name, object entry) in from.AfterCrash(keeps))
        {
            if (entry is Folder folder)
            {
                var copy = new Folder();
                Copy(folder, copy, keeps, pieceBytes, copied);
                to.Current[name] = to.Durable[name] = copy;
            }
            else
            {
                var inode = (Inode)entry;
                if (!copied.TryGetValue(inode, out Inode? copy)) copied[inode] = copy = inode.AfterCrash(keeps, pieceBytes);
                to.Current[name] = to.Durable[name] = copy;
            }
        }
    }

    private List<string> List<T>(string path)
    {
        lock (_gate)
            return FindFolder(path) is { } folder ? [.. folder.Current.Where(static entry => entry.Value is T).Select(static entry => entry.Key)] : [];
    }

    private Folder? FindFolder(string path)
    {
        Folder folder = _root;
        foreach (string name in Split(path))
        {
            if (!folder.Current.TryGetValue(name, out object? entry) || entry is not Folder next) return null;
            folder = next;
        }

        return folder;
    }

    private (Folder Folder, string Name) Locate(string path) => (
        FindFolder(Path.GetDirectoryName(path) ?? "") ?? throw new DirectoryNotFoundException($"There is no directory for {path}."),
        Path.GetFileName(path));

    private Inode FindInode(string path)
    {
        (Folder folder, string name) = Locate(path);
        return folder.Current.TryGetValue(name, out object? entry) && entry is Inode inode
            ? inode
            : throw new FileNotFoundException($"There is no file {path}.");
    }

    private static string[] Split(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>An entry that was added or replaced, or removed when there is no node; a rename removes its old name with it.</summary>
    private readonly record struct EntryChange(string Name, object? Node, string? RenamedFrom = null);

    private sealed class Folder
    {
        private readonly List<EntryChange> _unsynced = [];

        public SortedDictionary<string, object> Current { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, object> Durable { get; private set; } = new(StringComparer.Ordinal);

        public void Apply(EntryChange change)
        {
            ApplyTo(Current, change);
            _unsynced.Add(change);
        }

        public void Sync()
        {
            Durable = new SortedDictionary<string, object>(Current, StringComparer.Ordinal);
            _unsynced.Clear();
        }

        public void CopyStateOf(Folder other, Dictionary<object, object> copies)
        {
            foreach ((string name, object node) in other.Current) Current[name] = CopyOf(node, copies);
            foreach ((string name, object node) in other.Durable) Durable[name] = CopyOf(node, copies);
            foreach (EntryChange change in other._unsynced)
                _unsynced.Add(change with { Node = change.Node is null ? null : CopyOf(change.Node, copies) });
        }

        private static object CopyOf(object node, Dictionary<object, object> copies)
        {
            if (copies.TryGetValue(node, out object? known)) return known;
            if (node is Inode inode) return copies[node] = inode.Clone();
            var folder = new Folder();
            copies[node] = folder;
            folder.CopyStateOf((Folder)node, copies);
            return folder;
        }

        public SortedDictionary<string, object> AfterCrash(Func<object, bool> keeps)
        {
            var entries = new SortedDictionary<string, object>(Durable, StringComparer.Ordinal);
            foreach (EntryChange change in _unsynced)
            {
                if (keeps(change)) ApplyTo(entries, change);
            }

            return entries;
        }

        private static void ApplyTo(SortedDictionary<string, object> entries, EntryChange change)
        {
            if (change.RenamedFrom is not null) entries.Remove(change.RenamedFrom);
            if (change.Node is null) entries.Remove(change.Name);
            else entries[change.Name] = change.Node;
        }
    }

    private sealed class Inode
    {
        private readonly HashSet<int> _lostSectors = [];

        public Bytes Current { get; private set; } = new();

        public Bytes Durable { get; private set; } = new();

        public void Write(ReadOnlySpan<byte> data, long position)
        {
            Current.Write(data, position);
            for (long sector = position / SectorBytes; sector * SectorBytes < position + data.Length; sector++) _lostSectors.Remove((int)sector);
        }

        /// <summary>Makes the content durable, except sectors that an earlier, failed sync has given up: the system thinks those are clean.</summary>
        public void Sync()
        {
            Bytes synced = Current.Clone();
            foreach (int sector in _lostSectors) synced.CopySector(Durable, sector);
            Durable = synced;
        }

        /// <summary>A sync that fails marks the dirty sectors clean without having written them.</summary>
        public void FailSync()
        {
            for (int sector = 0; sector * SectorBytes < Current.Length; sector++)
            {
                if (!Current.SectorEquals(Durable, sector)) _lostSectors.Add(sector);
            }
        }

        public Inode Clone()
        {
            var clone = new Inode { Current = Current.Clone(), Durable = Durable.Clone() };
            clone._lostSectors.UnionWith(_lostSectors);
            return clone;
        }

        public Inode AfterCrash(Func<object, bool> keeps, int pieceBytes)
        {
            Bytes content = Durable.Clone();
            if (Current.Length != Durable.Length && keeps(this)) content.SetLength(Current.Length);
            for (int start = 0; start < Current.Length; start += pieceBytes)
            {
                int length = Math.Min(pieceBytes, Current.Length - start);
                ReadOnlySpan<byte> piece = Current.Span.Slice(start, length);
                bool differs = start + length > Durable.Length || !Durable.Span.Slice(start, length).SequenceEqual(piece);
                if (differs && keeps(piece.Length)) content.Write(piece, start);
            }

            return new Inode { Current = content, Durable = content.Clone() };
        }
    }

    private sealed class Bytes
    {
        private byte[] _bytes = [];

        public int Length { get; private set; }

        public Span<byte> Span => _bytes.AsSpan(0, Length);

        public byte[] ToArray() => Span.ToArray();

        public Bytes Clone() => new() { _bytes = Span.ToArray(), Length = Length };

        public void SetLength(long length)
        {
            if (length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(length, Math.Min(_bytes.Length * 2L, length + (1 << 20))));
            if (length < Length) _bytes.AsSpan((int)length, Length - (int)length).Clear();
            Length = (int)length;
        }

        public void Write(ReadOnlySpan<byte> data, long position)
        {
            if (position + data.Length > Length) SetLength(position + data.Length);
            data.CopyTo(_bytes.AsSpan((int)position));
        }

        public bool SectorEquals(Bytes other, int sector)
        {
            ReadOnlySpan<byte> mine = SectorOf(sector);
            return mine.SequenceEqual(other.SectorOf(sector));
        }

        public void CopySector(Bytes other, int sector)
        {
            Span<byte> mine = SectorOf(sector);
            ReadOnlySpan<byte> theirs = other.SectorOf(sector);
            mine.Clear();
            theirs[..Math.Min(theirs.Length, mine.Length)].CopyTo(mine);
        }

        private Span<byte> SectorOf(int sector)
        {
            int start = Math.Min(sector * SectorBytes, Length);
            return Span.Slice(start, Math.Min(SectorBytes, Length - start));
        }
    }

    private sealed class SimulatedFile(SimulatedFileSystem disk, Inode inode, string path) : IStorageFile
    {
        public string Path => path;

        public long Length
        {
            get
            {
                lock (disk._gate) return inode.Current.Length;
            }
        }

        public int Read(Span<byte> buffer, long position)
        {
            disk.BeforeRead?.Invoke(path);
            lock (disk._gate)
            {
                if (position >= inode.Current.Length) return 0;
                ReadOnlySpan<byte> available = inode.Current.Span[(int)position..];
                int count = Math.Min(buffer.Length, available.Length);
                available[..count].CopyTo(buffer);
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> data, long position)
        {
            disk.Announce(new DiskOperation(DiskOperationKind.Write, path, position, data.ToArray()));
            lock (disk._gate)
            {
                disk.ThrowWhenFull(position + data.Length - inode.Current.Length);
                inode.Write(data, position);
            }
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long position)
        {
            var together = new byte[data.Sum(static part => part.Length)];
            int at = 0;
            foreach (ReadOnlyMemory<byte> part in data)
            {
                part.CopyTo(together.AsMemory(at));
                at += part.Length;
            }

            Write(together, position);
        }

        public void Reserve(long length)
        {
            disk.Announce(new DiskOperation(DiskOperationKind.Reserve, path));
            lock (disk._gate)
            {
                disk.ThrowWhenFull(length - inode.Current.Length);
                if (length > inode.Current.Length) inode.Current.SetLength(length);
            }
        }

        public void Truncate(long length)
        {
            disk.Announce(new DiskOperation(DiskOperationKind.Truncate, path));
            lock (disk._gate) inode.Current.SetLength(length);
        }

        public void Sync()
        {
            try
            {
                disk.Announce(new DiskOperation(DiskOperationKind.Sync, path));
            }
            catch (IOException)
            {
                lock (disk._gate) inode.FailSync();
                throw;
            }

            lock (disk._gate) inode.Sync();
        }

        public void Dispose()
        {
            lock (disk._gate) disk._openFiles.Remove(this);
        }
    }
}
