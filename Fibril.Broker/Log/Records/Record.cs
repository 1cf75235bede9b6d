namespace Fibril.Broker.Log.Records;

/// <summary>A view of one record in log format. Valid as long as the buffer it points into.</summary>
internal readonly ref struct Record(ReadOnlySpan<byte> bytes)
{
    /// <summary>Header and body, without padding.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public long Offset => RecordHeader.Offset(Bytes);

    /// <summary>Unix milliseconds.</summary>
    public long Timestamp => RecordHeader.Timestamp(Bytes);

    public byte Kind => RecordHeader.Kind(Bytes);

    public byte Attributes => RecordHeader.Attributes(Bytes);

    public ReadOnlySpan<byte> Body => Bytes[RecordHeader.Size..];
}
