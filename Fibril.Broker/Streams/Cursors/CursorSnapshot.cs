using System.Buffers;
using MessagePack;

namespace Fibril.Broker.Streams.Cursors;

/// <summary>Every cursor of a partition and where its log starts, so that the history of the cursors need not be kept.</summary>
/// <param name="EventEnd">Records of the cursor log before this one are contained.</param>
/// <param name="StartOffset">Records of the stream before this one are kept no more.</param>
/// <param name="Cursors">Name, next offset, and Unix milliseconds of the last move.</param>
internal sealed record CursorSnapshot(long EventEnd, long StartOffset, IReadOnlyList<(string Name, long Position, long AtMs)> Cursors)
{
    private const int FieldCount = 3;

    public static CursorSnapshot Empty { get; } = new(0, 0, []);

    public static CursorSnapshot Of(CursorTable cursors, long eventEnd, long startOffset) => new(
        eventEnd, startOffset,
        [.. cursors.All.Where(static cursor => cursor.Position is not null)
            .Select(static cursor => (cursor.Name, cursor.Position!.Value, cursor.LastAdvancedMs))]);

    /// <summary>The snapshot as a MessagePack array; fields are only ever added behind the last.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(EventEnd);
        writer.Write(StartOffset);
        writer.WriteArrayHeader(Cursors.Count * 3);
        foreach ((string name, long position, long atMs) in Cursors)
        {
            writer.Write(name);
            writer.Write(position);
            writer.Write(atMs);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static CursorSnapshot Decode(byte[] payload)
    {
        var reader = new MessagePackReader(payload);
        int fields = reader.ReadArrayHeader();
        long eventEnd = reader.ReadInt64();
        long startOffset = reader.ReadInt64();
        var cursors = new (string, long, long)[reader.ReadArrayHeader() / 3];
        for (int i = 0; i < cursors.Length; i++) cursors[i] = (reader.ReadString()!, reader.ReadInt64(), reader.ReadInt64());
        for (int i = FieldCount; i < fields; i++) reader.Skip();
        return new CursorSnapshot(eventEnd, startOffset, cursors);
    }

    /// <summary>Puts the cursors into a table.</summary>
    public void Restore(CursorTable table)
    {
        foreach ((string name, long position, long atMs) in Cursors) table.Replay(name, position, atMs);
    }
}
