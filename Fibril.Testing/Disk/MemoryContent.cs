namespace Fibril.Testing.Disk;

/// <summary>The content of a file, in pieces, and how to get back to what was synced. Belongs to the disk's lock.</summary>
/// <remarks>
/// Logs only grow, so what a power loss takes away is mostly what lies behind the synced length. Bytes before it that are written again are kept as
/// they were until the next sync.
/// </remarks>
internal sealed class MemoryContent
{
    private const int PieceBytes = 16 << 10;

    private readonly List<byte[]?> _pieces = [];
    private readonly List<(long Position, byte[] Bytes)> _overwritten = [];
    private long _syncedLength;

    public long Length { get; private set; }

    public int Read(Span<byte> buffer, long position)
    {
        int count = (int)Math.Clamp(Length - position, 0, buffer.Length);
        for (int done = 0; done < count;)
        {
            (int piece, int at, int length) = Locate(position + done, count - done);
            Span<byte> target = buffer.Slice(done, length);
            if (_pieces[piece] is { } bytes) bytes.AsSpan(at, length).CopyTo(target);
            else target.Clear();
            done += length;
        }

        return count;
    }

    public void Write(ReadOnlySpan<byte> data, long position)
    {
        KeepSynced(position, data.Length);
        if (position + data.Length > Length) SetLength(position + data.Length);
        for (int done = 0; done < data.Length;)
        {
            (int piece, int at, int length) = Locate(position + done, data.Length - done);
            byte[] bytes = _pieces[piece] ??= new byte[PieceBytes];
            data.Slice(done, length).CopyTo(bytes.AsSpan(at));
            done += length;
        }
    }

    /// <summary>Makes the file at least so long; the new bytes are zero and take no memory.</summary>
    public void Extend(long length)
    {
        if (length > Length) SetLength(length);
    }

    public void Truncate(long length)
    {
        if (length < Length) KeepSynced(length, Length - length);
        long before = Length;
        SetLength(length);
        if (length >= before) return;
        (int piece, int at, _) = Locate(length, 1);
        if (at > 0 && _pieces[piece] is { } bytes) bytes.AsSpan(at).Clear(); // bytes that come again are zero
    }

    public void Sync()
    {
        _overwritten.Clear();
        _syncedLength = Length;
    }

    public MemoryContent Copy(bool durableOnly)
    {
        var copy = new MemoryContent();
        copy._pieces.AddRange(_pieces.Select(static piece => piece?.ToArray()));
        copy.Length = Length;
        if (durableOnly)
        {
            for (int i = _overwritten.Count - 1; i >= 0; i--) copy.Write(_overwritten[i].Bytes, _overwritten[i].Position);
            copy.Truncate(_syncedLength);
        }

        copy.Sync();
        return copy;
    }

    private void KeepSynced(long position, long length)
    {
        long end = Math.Min(position + length, _syncedLength);
        if (position >= end) return;
        var bytes = new byte[end - position];
        Read(bytes, position);
        _overwritten.Add((position, bytes));
    }

    private void SetLength(long length)
    {
        Length = length;
        int pieces = (int)((length + PieceBytes - 1) / PieceBytes);
        if (pieces < _pieces.Count) _pieces.RemoveRange(pieces, _pieces.Count - pieces);
        while (_pieces.Count < pieces) _pieces.Add(null);
    }

    private static (int Piece, int At, int Length) Locate(long position, long wanted)
    {
        int at = (int)(position % PieceBytes);
        return ((int)(position / PieceBytes), at, (int)Math.Min(wanted, PieceBytes - at));
    }
}
