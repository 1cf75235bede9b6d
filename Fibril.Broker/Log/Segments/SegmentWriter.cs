using System.Buffers.Binary;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Log.Segments;

/// <summary>Writes a whole segment under a temporary name, and puts it in its place when it is durable. Blocks on the disk.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private const string TemporaryExtension = ".tmp";
    private const int BufferBytes = 1 << 20;

    private readonly LogEnvironment _environment;
    private readonly string _path;
    private readonly IStorageFile _file;
    private readonly long _coversTo;
    private readonly long _nowMs;
    private byte[] _buffer = new byte[BufferBytes];
    private int _buffered;
    private long _position = SegmentHeader.Size;
    private long _nextOffset;

    /// <param name="environment">What the logs of the broker share.</param>
    /// <param name="directory">The partition's directory.</param>
    /// <param name="kind">Which log.</param>
    /// <param name="baseOffset">Offset the segment starts with.</param>
    /// <param name="coversTo">Offset it ends before, whatever is added: what is left out in between becomes gaps; null when nothing is left out.</param>
    public SegmentWriter(LogEnvironment environment, string directory, LogKind kind, long baseOffset, long? coversTo = null)
    {
        _environment = environment;
        _coversTo = coversTo ?? 0;
        _nextOffset = baseOffset;
        _path = Path.Combine(directory, SegmentNames.Log(kind, baseOffset));
        Salt = environment.NewSalt();
        _nowMs = environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        environment.Files.DeleteFile(_path + TemporaryExtension);
        _file = environment.Files.Create(_path + TemporaryExtension);
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        new SegmentHeader(kind, Salt, baseOffset, _nowMs) { CoversTo = _coversTo }.Write(header);
        _file.Write(header, 0);
    }

    /// <summary>Seed of the checksums.</summary>
    public uint Salt { get; }

    /// <summary>True when it has its name, whether or not that is durable.</summary>
    public bool IsInPlace { get; private set; }

    /// <summary>Bytes of the segment.</summary>
    public long Length => _position + _buffered;

    /// <summary>Adds a record that was read from another segment, or a gap as it stands there.</summary>
    public void Add(in Record record)
    {
        if (_coversTo > 0) AddGapUpTo(record.Offset);
        _nextOffset = GapRecord.EndOf(record);
        Span<byte> copy = Next(record.Bytes.Length);
        record.Bytes.CopyTo(copy);
        RecordHeader.Seal(copy, record.Offset, unsynced: 0, Salt);
    }

    /// <summary>Adds a record that stands for one that is lost.</summary>
    public void AddLost(long offset)
    {
        Span<byte> record = Next(RecordHeader.Size);
        RecordHeader.Begin(record, bodyBytes: 0, LostRecord.Kind, attributes: 0, _nowMs);
        RecordHeader.Seal(record, offset, unsynced: 0, Salt);
    }

    /// <summary>Makes it durable, under its name and in place of what has that name; an index of that goes.</summary>
    public void Finish()
    {
        Sync();
        PutInPlace();
    }

    /// <summary>Makes what was added durable, still under the temporary name: the first half of <see cref="Finish"/>.</summary>
    public void Sync()
    {
        if (_coversTo > 0) AddGapUpTo(_coversTo);
        WriteBuffer();
        _file.Sync();
    }

    /// <summary>Gives it its name: the second half of <see cref="Finish"/>.</summary>
    public void PutInPlace()
    {
        _environment.Files.Rename(_path + TemporaryExtension, _path);
        IsInPlace = true;
        _environment.Files.DeleteFile(SegmentNames.IndexOf(_path));
        _environment.Files.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!IsInPlace) _environment.Files.DeleteFile(_path + TemporaryExtension);
    }

    private void AddGapUpTo(long offset)
    {
        if (offset <= _nextOffset) return;
        Span<byte> record = Next(RecordHeader.Size + GapRecord.BodyBytes);
        RecordHeader.Begin(record, GapRecord.BodyBytes, GapRecord.Kind, attributes: 0, _nowMs);
        BinaryPrimitives.WriteInt64LittleEndian(record[RecordHeader.Size..], offset - _nextOffset);
        RecordHeader.Seal(record, _nextOffset, unsynced: 0, Salt);
        _nextOffset = offset;
    }

    /// <summary>Cleared room for one record.</summary>
    private Span<byte> Next(int length)
    {
        int aligned = RecordHeader.Align(length);
        if (aligned > _buffer.Length - _buffered) WriteBuffer();
        if (aligned > _buffer.Length) _buffer = new byte[aligned];
        Span<byte> next = _buffer.AsSpan(_buffered, aligned);
        next.Clear();
        _buffered += aligned;
        return next;
    }

    private void WriteBuffer()
    {
        _file.Write(_buffer.AsSpan(0, _buffered), _position);
        _position += _buffered;
        _buffered = 0;
    }
}
