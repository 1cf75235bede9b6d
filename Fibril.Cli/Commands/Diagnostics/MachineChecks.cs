using System.Globalization;
using Fibril.Cli.Output;

namespace Fibril.Cli.Commands.Diagnostics;

/// <summary>Looks at the machine that a broker runs on: only there do they say anything.</summary>
internal static class MachineChecks
{
    private const double LittleFree = 0.10;
    private const double TooLittleFree = 0.03;
    private const long FewFiles = 65_536;
    private const string LimitsFile = "/proc/self/limits";

    private static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SuspiciousSync = TimeSpan.FromMicroseconds(20);

    public static IReadOnlyList<Finding> Check(string dataDirectory) => [CheckSpace(dataDirectory), CheckSync(dataDirectory), CheckOpenFiles()];

    private static Finding CheckSpace(string directory)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(directory));
            return JudgeSpace(directory, drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Bad("disk space", $"{directory}: {fault.Message}", "Name the broker's data directory with --data-dir.");
        }
    }

    internal static Finding JudgeSpace(string directory, long free, long total)
    {
        double share = total > 0 ? (double)free / total : 1;
        string detail = string.Create(CultureInfo.InvariantCulture, $"{directory}: {Amounts.Bytes(free)} of {Amounts.Bytes(total)} free ({share:P0})");
        return share < TooLittleFree ? Finding.Bad("disk space", detail, "Make room: a broker whose disk is full refuses to publish.")
            : share < LittleFree ? Finding.Warning("disk space", detail, "Make room, bound queues and streams, or let consumers catch up.")
            : Finding.Good("disk space", detail);
    }

    private static Finding CheckSync(string directory)
    {
        try
        {
            return JudgeSync(SyncSpeed.Measure(directory));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Bad("disk sync", $"{directory} cannot be written to: {fault.Message}", "Run it as the user that the broker runs as.");
        }
    }

    /// <param name="durations">Shortest first.</param>
    internal static Finding JudgeSync(TimeSpan[] durations)
    {
        TimeSpan median = durations[durations.Length / 2], slowest = durations[^1];
        string detail = $"4 KiB written and synced in {Amounts.Duration(median)} (median), {Amounts.Duration(slowest)} (slowest of {durations.Length})";
        return median > SlowSync ? Finding.Warning("disk sync", detail, "Every confirm waits for a sync: use an SSD with power-loss protection, and no network file system.")
            : median < SuspiciousSync ? Finding.Warning("disk sync", detail, "That is too fast for a disk: a RAM disk, or a cache that ignores syncs, loses confirmed messages in a power failure.")
            : Finding.Good("disk sync", detail);
    }

    private static Finding CheckOpenFiles()
    {
        if (!File.Exists(LimitsFile)) return Finding.Good("open files", "this system does not say");
        string line = File.ReadLines(LimitsFile).FirstOrDefault(static line => line.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        return JudgeOpenFiles(line);
    }

    internal static Finding JudgeOpenFiles(string line)
    {
        string soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, { } limit, ..] ? limit : "unlimited";
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long files) && files < FewFiles
            ? Finding.Warning("open files", $"this login may open {files} files", $"Each connection and each partition in use takes some: raise the limit of the broker's service to {FewFiles} (LimitNOFILE= in systemd, ulimit -n elsewhere).")
            : Finding.Good("open files", $"this login may open {soft} files");
    }
}
