namespace Fibril.Broker.Log;

/// <summary>Removes directories with everything in them.</summary>
internal static class StorageTrees
{
    /// <summary>Removes a directory, and makes that durable in the one around it; no error when it is not there. Blocks on the disk.</summary>
    /// <remarks>A crash in between leaves some of it; calling this again removes the rest.</remarks>
    public static void Delete(IStorageFileSystem files, string path)
    {
        if (!files.DirectoryExists(path)) return;
        DeleteContent(files, path);
        files.DeleteDirectory(path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void DeleteContent(IStorageFileSystem files, string path)
    {
        foreach (string name in files.ListFiles(path)) files.DeleteFile(Path.Combine(path, name));
        foreach (string name in files.ListDirectories(path))
        {
            string child = Path.Combine(path, name);
            DeleteContent(files, child);
            files.DeleteDirectory(child);
        }
    }
}
