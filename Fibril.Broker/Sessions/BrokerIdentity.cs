using Fibril.Broker.Log;

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
        string path = Path.Combine(dataDirectory, FileName);
        if (files.ListFiles(dataDirectory).Contains(FileName))
        {
            using IStorageFile existing = files.Open(path);
            if (existing.Read(bytes, 0) == IdBytes) return new BrokerIdentity(new Guid(bytes, bigEndian: true));
        }

        // Written to another name first: a torn id would make every client of the old one a stranger.
        var minted = Guid.NewGuid();
        string temporary = path + ".tmp";
        files.DeleteFile(temporary);
        using (IStorageFile file = files.Create(temporary))
        {
            minted.TryWriteBytes(bytes, bigEndian: true, out _);
            file.Write(bytes, 0);
            file.Sync();
        }

        files.Rename(temporary, path);
        files.SyncDirectory(dataDirectory);
        return new BrokerIdentity(minted);
    }
}
