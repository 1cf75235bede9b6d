using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Fibril.Cli.Commands.Diagnostics;

/// <summary>Measures how long a disk takes to make a small write durable, as the broker does for every batch.</summary>
internal static class SyncSpeed
{
    private const int Writes = 50;
    private const int WriteBytes = 4096;

    /// <summary>The durations of single writes, each followed by a sync, shortest first. The file is removed afterwards.</summary>
    /// <exception cref="IOException">The directory cannot be written to.</exception>
    public static TimeSpan[] Measure(string directory)
    {
        string path = Path.Combine(directory, $".fibrilctl-doctor-{Environment.ProcessId}");
        byte[] block = new byte[WriteBytes];
        var durations = new TimeSpan[Writes];
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: Writes * WriteBytes);
            RandomAccess.Write(file, new byte[Writes * WriteBytes], 0); // so that the size does not change below
            RandomAccess.FlushToDisk(file);
            for (int write = 0; write < Writes; write++)
            {
                long started = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, block, write * WriteBytes);
                RandomAccess.FlushToDisk(file);
                durations[write] = Stopwatch.GetElapsedTime(started);
            }
        }
        finally
        {
            File.Delete(path);
        }

        Array.Sort(durations);
        return durations;
    }
}
