namespace Fibril.Broker.Log.Files;

/// <summary>The operating system's files.</summary>
internal sealed class PhysicalFileSystem : IStorageFileSystem
{
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public IReadOnlyList<string> ListDirectories(string path) => ListNames(path, Directory.EnumerateDirectories);

    public IReadOnlyList<string> ListFiles(string path) => ListNames(path, Directory.EnumerateFiles);

    public IStorageFile Create(string path) => new PhysicalFile(path, FileMode.CreateNew);

    public IStorageFile CreatePrivate(string path) => new PhysicalFile(path, FileMode.CreateNew, isPrivate: true);

    public byte[] ReadAll(string path) => File.ReadAllBytes(path);

    public IStorageFile Open(string path) => new PhysicalFile(path, FileMode.Open);

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void DeleteFile(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its directory, which is what was asked for.
        }
    }

    public void DeleteDirectory(string path) => Directory.Delete(path);

    public void SyncDirectory(string path)
    {
        // Windows makes directory entries durable with the file; it has no call for the directory.
        if (OperatingSystem.IsLinux()) NativeFile.SyncDirectory(path);
    }

    public DiskSpace? SpaceAt(string directory)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(directory));
            return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string[] ListNames(string path, Func<string, IEnumerable<string>> enumerate) =>
        Directory.Exists(path) ? [.. enumerate(path).Select(found => Path.GetFileName(found)!)] : [];
}
