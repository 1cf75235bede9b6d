using Fibril.Broker.Log;

namespace Fibril.Tests.Support;

/// <summary>Damages the newest snapshot of a directory, as a disk might (F-39).</summary>
internal static class SnapshotDamage
{
    private const int FormatAt = 8;
    private const int FormatBytes = 2;

    /// <summary>Flips one bit of the newest of several snapshots; null when there are fewer than two.</summary>
    /// <returns>The path of the damaged file.</returns>
    public static string? FlipBitOfNewest(SimulatedFileSystem disk, string directory, Random random)
    {
        string[] snapshots = [.. disk.ListFiles(directory).Where(static name => name.EndsWith(".snapshot", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (snapshots.Length < 2) return null;
        string newest = Path.Combine(directory, snapshots[^1]);
        using IStorageFile file = disk.Open(newest);

        // Another format number is not damage: it may stand for a newer version, and the file is refused.
        int at = random.Next((int)file.Length - FormatBytes);
        disk.Corrupt(newest, at < FormatAt ? at : at + FormatBytes, (byte)(1 << random.Next(8)));
        return newest;
    }
}
