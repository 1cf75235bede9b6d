using System.Text;
using Fibril.Broker.Log;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Testing.Disk;

namespace Fibril.Tests.Support;

/// <summary>A broker whose disk has damaged the second of three messages of <c>orders</c> while it was down.</summary>
internal static class DamagedBroker
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "data");

    /// <param name="kind"><c>queue</c> or <c>stream</c>.</param>
    public static async Task<(FibrilTestBroker Broker, string File, long BadAt)> StartAsync(string kind)
    {
        FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using (FibrilClient client = await broker.ConnectAsync())
        {
            if (kind == "stream") await client.DeclareStreamAsync("orders");
            Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
            foreach (string text in (string[])["first", "second", "third"]) await publisher.PublishAsync(Encoding.UTF8.GetBytes(text));
        }

        string path = FilesUnder(broker.Disk, Root).Single(static path => Path.GetFileName(path).StartsWith("messages-", StringComparison.Ordinal) && path.EndsWith(".log", StringComparison.Ordinal));
        long badAt = FlipBitOf("second"u8, broker.Disk, path);
        await broker.CrashAsync(CrashKind.ProcessKill);
        return (broker, path, badAt);
    }

    private static long FlipBitOf(ReadOnlySpan<byte> payload, MemoryDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path);
        byte[] content = new byte[file.Length];
        file.Read(content, 0);
        int at = content.AsSpan().IndexOf(payload);
        file.Write([(byte)(content[at] ^ 4)], at);
        return at;
    }

    private static IEnumerable<string> FilesUnder(MemoryDisk disk, string directory) =>
    [
        .. disk.ListFiles(directory).Select(name => Path.Combine(directory, name)),
        .. disk.ListDirectories(directory).SelectMany(name => FilesUnder(disk, Path.Combine(directory, name))),
    ];
}
