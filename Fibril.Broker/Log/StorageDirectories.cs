namespace Fibril.Broker.Log;

/// <summary>Creates directories so that they survive a power loss.</summary>
internal static class StorageDirectories
{
    /// <summary>Creates the data directory with its missing parents, and makes it durable in them.</summary>
    public static void EnsureRoot(IStorageFileSystem files, string root)
    {
        string? parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(root));
        if (string.IsNullOrEmpty(parent))
        {
            files.CreateDirectory(root);
            return;
        }

        bool existed = files.DirectoryExists(root);
        if (!existed) EnsureRoot(files, parent);
        files.CreateDirectory(root);
        try
        {
            files.SyncDirectory(parent);
        }
        catch (Exception denied) when (existed && denied is IOException or UnauthorizedAccessException)
        {
            // The directory was made for us in a place we may not open; whoever made it answers for it.
        }
    }

    /// <summary>Creates, below <paramref name="root"/>, one directory in the other, and makes every entry on the way durable.</summary>
    /// <remarks>
    /// Entries that exist already are synced too: a process that was killed may have made them and not come to sync them, and a
    /// file synced inside a directory that is lost is lost with it.
    /// </remarks>
    /// <returns>The path of the innermost directory.</returns>
    public static string Ensure(IStorageFileSystem files, string root, params ReadOnlySpan<string> names)
    {
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
