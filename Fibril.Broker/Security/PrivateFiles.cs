using Fibril.Broker.Log;

namespace Fibril.Broker.Security;

/// <summary>Small files that hold secrets: written whole or not at all, and readable for the user of this process only.</summary>
internal static class PrivateFiles
{
    public const string TemporaryExtension = ".tmp";

    /// <summary>Puts a file in the place of whatever has its name, durably. Blocks on the disk.</summary>
    /// <exception cref="IOException">It could not be made durable; what was there before still is.</exception>
    public static void Replace(IStorageFileSystem files, string directory, string name, ReadOnlySpan<byte> content, bool isSecret = true)
    {
        string path = Path.Combine(directory, name);
        string temporary = path + TemporaryExtension;
        files.DeleteFile(temporary);
        using (IStorageFile file = isSecret ? files.CreatePrivate(temporary) : files.Create(temporary))
        {
            file.Write(content, 0);
            file.Sync();
        }

        files.Rename(temporary, path);
        files.SyncDirectory(directory);
    }
}
