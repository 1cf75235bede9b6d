using System.Globalization;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

/// <summary>What one partition takes on the disk.</summary>
/// <param name="MessageBytes">Of the log of messages.</param>
/// <param name="EventBytes">Of the log of events.</param>
internal readonly record struct StoredSize(long MessageBytes, long EventBytes)
{
    public long TotalBytes => MessageBytes + EventBytes;

    /// <summary>Looks at the files of all partitions of one channel; those that come or go meanwhile are left out. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="directory">Where each partition has a directory of its number.</param>
    public static IEnumerable<(int Partition, StoredSize Size)> OfPartitions(IStorageFileSystem files, string directory)
    {
        foreach (string name in files.ListDirectories(directory))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int partition)) continue;
            if (TryLook(files, Path.Combine(directory, name)) is { } size) yield return (partition, size);
        }
    }

    private static StoredSize? TryLook(IStorageFileSystem files, string directory)
    {
        try
        {
            (long messages, long events) = (0, 0);
            foreach (string name in files.ListFiles(directory))
            {
                bool isMessages = SegmentNames.TryParse(LogKind.Messages, name, out _);
                if (!isMessages && !SegmentNames.TryParse(LogKind.Events, name, out _)) continue;
                using IStorageFile file = files.Open(Path.Combine(directory, name));
                if (isMessages) messages += file.Length;
                else events += file.Length;
            }

            return new StoredSize(messages, events);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
