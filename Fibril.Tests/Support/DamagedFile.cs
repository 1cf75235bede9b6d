namespace Fibril.Tests.Support;

/// <summary>What a bad disk does to a log of messages while its broker is down.</summary>
internal static class DamagedFile
{
    /// <summary>Flips one bit in the only record below a directory that has this payload.</summary>
    public static void FlipBitOf(ReadOnlySpan<byte> payload, string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory, "messages-*.log", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(path);
            int at = content.AsSpan().IndexOf(payload);
            if (at < 0) continue;
            content[at] ^= 4;
            File.WriteAllBytes(path, content);
            return;
        }

        throw new InvalidOperationException($"No log below {directory} has the payload.");
    }
}
