namespace Fibril.Broker.Log;

/// <summary>Creates directories so that they survive a power loss.</summary>
internal static class StorageDirectories
{
    /// <summary>Creates <paramref name="root"/> and, below it, one directory in the other, and makes every entry on the way durable.</summary>
    /// <remarks>
    /// Entries that exist already are synced too: a process that was killed may have made them and not come to sync them, and a
    /// file synced inside a directory that is lost is lost with it.
    /// </remarks>
    /// <returns>The path of the innermost directory.</returns>
    public static string Ensure(IStorageFileSystem files, string root, params ReadOnlySpan<string> names)
    {
        files.CreateDirectory(root);
        string path = root;
        foreach (string name in names)
        {
            string parent = path;
            path = Path.Combine(parent, name);
            files.CreateDirectory(path);
            files.SyncDirectory(parent);
        }

        return path;
    }
}
