namespace Fibril.Broker.Log;

/// <summary>
/// The only way to the disk. The real one is <c>PhysicalFileSystem</c>; tests use one that loses unsynced writes, tears them, fills up
/// and fails on purpose.
/// </summary>
/// <remarks>
/// What is durable: file content after <see cref="IStorageFile.Sync"/>; the existence and name of a file or directory after
/// <see cref="SyncDirectory"/> on its parent. Everything else may be lost, in any part, by a crash of the machine.
/// Thread-safe. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </remarks>
internal interface IStorageFileSystem
{
    /// <summary>Creates a directory and its missing parents; no error when it exists.</summary>
    void CreateDirectory(string path);

    bool DirectoryExists(string path);

    /// <summary>Names, not paths, of the directories in a directory; empty when it does not exist.</summary>
    IReadOnlyList<string> ListDirectories(string path);

    /// <summary>Names, not paths, of the files in a directory; empty when it does not exist.</summary>
    IReadOnlyList<string> ListFiles(string path);

    /// <summary>Creates an empty file; an error when it exists.</summary>
    IStorageFile Create(string path);

    /// <summary>Creates an empty file that only the user of this process may read; an error when it exists.</summary>
    IStorageFile CreatePrivate(string path) => Create(path);

    /// <summary>Reads a whole file, which may be one that this process cannot write.</summary>
    /// <exception cref="IOException">It does not exist, or cannot be read.</exception>
    byte[] ReadAll(string path)
    {
        using IStorageFile file = Open(path);
        var content = new byte[file.Length];
        int read = file.Read(content, 0);
        return read == content.Length ? content : content[..read];
    }

    /// <summary>Opens an existing file for reading and writing.</summary>
    IStorageFile Open(string path);

    /// <summary>Gives a file another name in the same directory, replacing what has that name.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file; no error when it is gone already.</summary>
    void DeleteFile(string path);

    /// <summary>Removes an empty directory; an error when it is not empty.</summary>
    void DeleteDirectory(string path);

    void SyncDirectory(string path);

    /// <summary>Room on the disk that holds a directory; null where that is not known.</summary>
    DiskSpace? SpaceAt(string directory) => null;
}

/// <summary>An open file. Reads and one writer may overlap; every call says where.</summary>
internal interface IStorageFile : IDisposable
{
    long Length { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="position"/>; returns fewer bytes only at the end of the file.</summary>
    int Read(Span<byte> buffer, long position);

    void Write(ReadOnlySpan<byte> data, long position);

    /// <summary>Writes several buffers one behind the other, in one call to the system where it can.</summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long position);

    /// <summary>Makes the file at least <paramref name="length"/> bytes long, new bytes zero, with the space on the disk taken now.</summary>
    void Reserve(long length);

    /// <summary>Cuts the file to <paramref name="length"/> bytes.</summary>
    void Truncate(long length);

    /// <summary>Returns when everything written so far, and the length, survives a power loss.</summary>
    void Sync();
}
