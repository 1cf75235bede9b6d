namespace Fibril.Testing.Disk;

/// <summary>The entries of a directory, and those that would survive a power loss. Belongs to the disk's lock.</summary>
internal sealed class MemoryFolder
{
    private readonly SortedDictionary<string, object> _current = new(StringComparer.Ordinal);
    private SortedDictionary<string, object> _durable = new(StringComparer.Ordinal);

    public bool IsEmpty => _current.Count == 0;

    /// <summary>The folder or content with a name; null when there is none.</summary>
    public object? Find(string name) => _current.GetValueOrDefault(name);

    public List<string> NamesOf<T>() => [.. _current.Where(static entry => entry.Value is T).Select(static entry => entry.Key)];

    public MemoryFolder GetOrAddFolder(string name)
    {
        if (Find(name) is { } present) return present as MemoryFolder ?? throw new IOException($"{name} is a file.");
        var folder = new MemoryFolder();
        Set(name, folder);
        return folder;
    }

    public void Set(string name, object entry) => _current[name] = entry;

    public void Remove(string name) => _current.Remove(name);

    public void Sync() => _durable = new SortedDictionary<string, object>(_current, StringComparer.Ordinal);

    public MemoryFolder Copy(bool durableOnly)
    {
        var copy = new MemoryFolder();
        foreach ((string name, object entry) in durableOnly ? _durable : _current)
        {
            copy.Set(name, entry switch
            {
                MemoryFolder folder => folder.Copy(durableOnly),
                MemoryContent content => content.Copy(durableOnly),
                _ => throw new InvalidOperationException($"{entry.GetType()} is no entry of a folder."),
            });
        }

        copy.Sync();
        return copy;
    }
}
