using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log.Repair;

/// <summary>Writes a whole segment under a temporary name, and puts it in its place when it is durable. Blocks on the disk.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private const string TemporaryExtension = ".tmp";
    private const int BufferBytes = 1 << 20;

    private readonly LogEnvironment _environment;
    private readonly string _path;
    private readonly IStorageFile _file;
    private readonly uint _salt;
    private readonly long _nowMs;
    private byte[] _buffer = new byte[BufferBytes];
    private int _buffered;
    private long _position = SegmentHeader.Size;

    public SegmentWriter(LogEnvironment environment, string directory, LogKind kind, long baseOffset)
    {
        _environment = environment;
        _path = Path.Combine(directory, SegmentNames.Log(kind, baseOffset));
        _salt = environment.NewSalt();
        _nowMs = environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        environment.Files.DeleteFile(_path + TemporaryExtension);
        _file = environment.Files.Create(_path + TemporaryExtension);
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        new SegmentHeader(kind, _salt, baseOffset, _nowMs).Write(header);
        _file.Write(header, 0);
    }

    /// <summary>Adds a record that was read from another segment.</summary>
    public void Add(in Record record)
    {
        Span<byte> copy = Next(record.Bytes.Length);
        record.Bytes.CopyTo(copy);
        RecordHeader.Seal(copy, record.Offset, unsynced: 0, _salt);
    }

    /// <summary>Adds a record that stands for one that is lost.</summary>
    public void AddLost(long offset)
    {
        Span<byte> record = Next(RecordHeader.Size);
        RecordHeader.Begin(record, bodyBytes: 0, LostRecord.Kind, attributes: 0, _nowMs);
        RecordHeader.Seal(record, offset, unsynced: 0, _salt);
    }

    /// <summary>Makes it durable, under its name and in place of what has that name; an index of that goes.</summary>
    public void Finish()
    {
        WriteBuffer();
        _file.Sync();
        _environment.Files.Rename(_path + TemporaryExtension, _path);
        _environment.Files.DeleteFile(SegmentNames.IndexOf(_path));
        _environment.Files.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    public void Dispose() => _file.Dispose();

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
