namespace Fibril.Broker.Log.Files;

/// <summary>Makes sure that one process uses a data directory (S-35). Held until disposed; the system releases it when the process dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "broker.lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a directory, which exists.</summary>
    /// <exception cref="IOException">Another process holds it, or the directory cannot be used; the message says which and what to do.</exception>
    public static DataDirectoryLock Acquire(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataDirectoryLock(file);
        }
        catch (IOException inUse) when (File.Exists(path))
        {
            throw new IOException(
                $"The data directory {Path.GetFullPath(directory)} is in use by another broker process. "
                + "Stop that process, or give this one its own directory (--data-dir).", inUse);
        }
    }

    public void Dispose() => _file.Dispose();
}
