using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>What one partition takes on the disk.</summary>
/// <param name="MessageBytes">Of the log of messages.</param>
/// <param name="EventBytes">Of the log of events.</param>
internal readonly record struct StoredSize(long MessageBytes, long EventBytes)
{
    public long TotalBytes => MessageBytes + EventBytes;

    /// <summary>Looks at the files of a partition that is not open. Blocks on the disk.</summary>
    /// <exception cref="IOException">They cannot be looked at.</exception>
    public static StoredSize OnDisk(IStorageFileSystem files, string directory) =>
        new(Sum(files, directory, LogKind.Messages), Sum(files, directory, LogKind.Events));

    private static long Sum(IStorageFileSystem files, string directory, LogKind kind)
    {
        long sum = 0;
        foreach (string name in files.ListFiles(directory))
        {
            if (!SegmentNames.TryParse(kind, name, out _)) continue;
            using IStorageFile file = files.Open(Path.Combine(directory, name));
            sum += file.Length;
        }

        return sum;
    }
}
