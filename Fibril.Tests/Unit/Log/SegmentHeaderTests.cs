using System.Buffers.Binary;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;

namespace Fibril.Tests.Unit.Log;

public sealed class SegmentHeaderTests
{
    private static readonly SegmentHeader Sample = new(LogKind.Events, Salt: 0xdecafbad, BaseOffset: 1L << 40, CreatedMs: 1_700_000_000_123);

    [Fact]
    public void Header_survives_the_way_to_bytes_and_back()
    {
        Assert.True(SegmentHeader.TryRead(Bytes(), out SegmentHeader read));
        Assert.Equal(Sample, read);
    }

    [Fact]
    public void Any_flipped_byte_is_noticed()
    {
        for (int i = 0; i < SegmentHeader.Size; i++)
        {
            byte[] bytes = Bytes();
            bytes[i] ^= 0x40;
            Assert.False(SegmentHeader.TryRead(bytes, out _), $"byte {i}");
        }
    }

    [Fact]
    public void Header_cut_short_is_no_header()
    {
        for (int length = 0; length < SegmentHeader.Size; length++) Assert.False(SegmentHeader.TryRead(Bytes().AsSpan(0, length), out _));
    }

    [Fact] // S-54
    public void Newer_format_is_refused_with_both_numbers_and_a_remedy()
    {
        byte[] bytes = Bytes();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));

        string message = Assert.Throws<NotSupportedException>(() => SegmentHeader.TryRead(bytes, out _)).Message;
        Assert.Contains("format 2", message, StringComparison.Ordinal);
        Assert.Contains("format 1", message, StringComparison.Ordinal);
        Assert.Contains("newer broker", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((byte)LogKind.Messages, 0, "messages-00000000000000000000.log")]
    [InlineData((byte)LogKind.Events, 42, "events-00000000000000000042.log")]
    [InlineData((byte)LogKind.Catalogue, long.MaxValue, "channels-09223372036854775807.log")]
    public void File_names_say_kind_and_first_offset(byte number, long baseOffset, string name)
    {
        var kind = (LogKind)number;
        Assert.Equal(name, SegmentNames.Log(kind, baseOffset));
        Assert.True(SegmentNames.TryParse(kind, name, out long parsed));
        Assert.Equal(baseOffset, parsed);
        Assert.False(SegmentNames.TryParseIndex(kind, name, out _));
        Assert.True(SegmentNames.TryParseIndex(kind, SegmentNames.IndexOf(name), out parsed));
        Assert.Equal(baseOffset, parsed);
    }

    [Theory] // S-32
    [InlineData("messages-.log")]
    [InlineData("messages-12x.log")]
    [InlineData("messages--1.log")]
    [InlineData("messages-1.log.bak")]
    [InlineData("events-00000000000000000001.log")]
    [InlineData("messages-99999999999999999999.log")]
    [InlineData("notes.txt")]
    public void Other_names_are_no_segments(string name) => Assert.False(SegmentNames.TryParse(LogKind.Messages, name, out _));

    private static byte[] Bytes()
    {
        var bytes = new byte[SegmentHeader.Size];
        Sample.Write(bytes);
        return bytes;
    }
}
