namespace Fibril.Broker.Log.Segments;

/// <summary>The file of a sealed segment's index: a help, never a need (S-29).</summary>
internal static class IndexFile
{
    /// <summary>Writes the index of a segment. Not synced: a lost or torn one is made anew.</summary>
    public static void Write(IStorageFileSystem files, Segment segment)
    {
        string path = SegmentNames.IndexOf(segment.Path);
        files.DeleteFile(path);
        using IStorageFile file = files.Create(path);
        file.Write(segment.Index!.Encode(segment.Salt, segment.EndOffset, segment.EndPosition), 0);
    }

    /// <summary>The index of a sealed segment from its file, or from the segment when that is missing or damaged.</summary>
    /// <remarks>Readers may do so at the same time: whichever index is kept, it says the same.</remarks>
    /// <exception cref="LogDamagedException">The index had to be made anew, and the segment is damaged.</exception>
    public static SegmentIndex Load(IStorageFileSystem files, Segment segment, IStorageFile opened) =>
        segment.Index ??= Read(files, segment) ?? Rebuild(segment, opened);

    private static SegmentIndex? Read(IStorageFileSystem files, Segment segment)
    {
        string path = SegmentNames.IndexOf(segment.Path);
        if (!files.ListFiles(Path.GetDirectoryName(path)!).Contains(Path.GetFileName(path))) return null;
        using IStorageFile file = files.Open(path);
        var encoded = new byte[file.Length];
        int read = file.Read(encoded, 0);
        return SegmentIndex.TryDecode(encoded.AsSpan(0, read), segment.Salt, out DecodedIndex decoded) && decoded.EndOffset == segment.EndOffset
            ? decoded.Index
            : null;
    }

    private static SegmentIndex Rebuild(Segment segment, IStorageFile opened)
    {
        var index = new SegmentIndex();
        using var walk = SegmentWalk.Sealed(opened, segment, segment.EndOffset);
        SegmentScan.Run(walk, index, visitor: null);
        return index;
    }
}
