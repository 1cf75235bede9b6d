namespace Fibril.Broker.Streams.Cursors;

/// <summary>The cursors of one partition, and which of them have moved since they were written down last. Belongs to the partition loop.</summary>
internal sealed class CursorTable
{
    private readonly Dictionary<string, StreamCursor> _cursors = new(StringComparer.Ordinal);
    private readonly List<StreamCursor> _dirty = [];

    public IReadOnlyCollection<StreamCursor> All => _cursors.Values;

    /// <summary>Changes with the set of cursors, not with their places.</summary>
    public int Version { get; private set; }

    public bool HasDirty => _dirty.Count > 0;

    public StreamCursor? Find(string name) => _cursors.GetValueOrDefault(name);

    public StreamCursor GetOrAdd(string name)
    {
        if (_cursors.TryGetValue(name, out StreamCursor? cursor)) return cursor;
        _cursors.Add(name, cursor = new StreamCursor(name));
        Version++;
        return cursor;
    }

    /// <summary>A reader is gone; a name that never committed anything is forgotten with it.</summary>
    public void Leave(StreamCursor cursor)
    {
        cursor.ReaderCount--;
        if (cursor.ReaderCount > 0 || cursor.Position is not null) return;
        _cursors.Remove(cursor.Name);
        Version++;
    }

    /// <summary>Moves a cursor, forwards only (P-13); false when it stands there or further already.</summary>
    public bool Advance(StreamCursor cursor, long position, long nowMs)
    {
        if (position <= (cursor.Position ?? 0)) return false;
        Put(cursor, position, nowMs);
        return true;
    }

    /// <summary>Cursors before <paramref name="startOffset"/> are moved there: what they stood at is kept no more (P-42).</summary>
    /// <returns>How many, and how many records they will never see.</returns>
    public (int Count, long Records) RaiseTo(long startOffset, long nowMs)
    {
        (int count, long records) = (0, 0L);
        foreach (StreamCursor cursor in _cursors.Values)
        {
            if (cursor.Position is not { } position || position >= startOffset) continue;
            records += startOffset - position;
            count++;
            cursor.IsLagged = true;
            Put(cursor, startOffset, nowMs);
        }

        return (count, records);
    }

    /// <summary>Cursors behind the end of the log are set back to it: the records there were lost before they were durable (P-32).</summary>
    public int LowerTo(long endOffset, long nowMs)
    {
        int count = 0;
        foreach (StreamCursor cursor in _cursors.Values)
        {
            if (cursor.Position is not { } position || position <= endOffset) continue;
            count++;
            Put(cursor, endOffset, nowMs);
        }

        return count;
    }

    /// <summary>All of them are written down again.</summary>
    public void MarkAllDirty()
    {
        foreach (StreamCursor cursor in _cursors.Values)
        {
            if (cursor.Position is not null) MarkDirty(cursor);
        }
    }

    /// <summary>The cursors to write down, which count as written from here on.</summary>
    public void TakeDirty(List<StreamCursor> taken)
    {
        foreach (StreamCursor cursor in _dirty) cursor.IsDirty = false;
        taken.AddRange(_dirty);
        _dirty.Clear();
    }

    /// <summary>A commit that was read from the log.</summary>
    public void Replay(string name, long position, long atMs)
    {
        StreamCursor cursor = GetOrAdd(name);
        cursor.Position = position;
        cursor.LastAdvancedMs = atMs;
    }

    private void Put(StreamCursor cursor, long position, long nowMs)
    {
        cursor.Position = position;
        cursor.LastAdvancedMs = nowMs;
        MarkDirty(cursor);
    }

    private void MarkDirty(StreamCursor cursor)
    {
        if (cursor.IsDirty) return;
        cursor.IsDirty = true;
        _dirty.Add(cursor);
    }
}
