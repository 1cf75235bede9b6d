using Fibril.Broker.Log;
using Fibril.Broker.Security;

namespace Fibril.Broker.Sessions;

/// <summary>The owner id that every HELLO_OK carries: minted once for a data directory, the same after a restart (RES-2).</summary>
internal sealed record BrokerIdentity(Guid OwnerId)
{
    private const string FileName = "owner.id";
    private const int IdBytes = 16;

    /// <summary>Reads the id of a data directory, or mints it. Blocks on the disk.</summary>
    public static BrokerIdentity Load(IStorageFileSystem files, string dataDirectory)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        if (files.ListFiles(dataDirectory).Contains(FileName))
        {
            using IStorageFile existing = files.Open(Path.Combine(dataDirectory, FileName));
            if (existing.Read(bytes, 0) == IdBytes) return new BrokerIdentity(new Guid(bytes, bigEndian: true));
        }

        // Whole or not at all: a torn id would make every client of the old one a stranger.
        var minted = Guid.NewGuid();
        minted.TryWriteBytes(bytes, bigEndian: true, out _);
        PrivateFiles.Replace(files, dataDirectory, FileName, bytes, isSecret: false);
        return new BrokerIdentity(minted);
    }
}
