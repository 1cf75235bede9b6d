using System.Buffers;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Protocol;

public sealed class FrameTests
{
    private static readonly byte[] AckOfOneTag = Hex.Bytes("46414b31 00000004 6a6f6273 00 00000000 00000001 0000000000000007");

    [Fact] // FRM-8
    public void Header_is_written_big_endian_with_version_one_and_no_flags()
    {
        byte[] bytes = new byte[FrameHeader.Size];
        new FrameHeader(0x01020304, OpCode.TopologyUpdate, 0x1112131415161718).Write(bytes);

        Assert.Equal("01020304" + "0001" + "0065" + "00000000" + "1112131415161718", Hex.Text(bytes));
    }

    [Theory] // FRM-8
    [InlineData("0000", "00000000")]
    [InlineData("0002", "00000001")]
    [InlineData("ffff", "ffffffff")]
    public void Version_and_flags_of_a_received_header_are_ignored(string version, string flags)
    {
        byte[] bytes = Hex.Bytes("0000000c" + version + "0019" + flags + "ffffffffffffffff");

        Assert.True(FrameHeader.TryRead(bytes, out FrameHeader header));
        Assert.Equal(new FrameHeader(12, OpCode.PublishOk, ulong.MaxValue), header);
    }

    [Fact] // FRM-4, and the largest number a header can hold
    public void Header_announces_bodies_up_to_four_gigabytes()
    {
        Assert.True(FrameHeader.TryRead(Hex.Bytes("ffffffff 0001 270f 00000000 0000000000000000"), out FrameHeader header));
        Assert.Equal(new FrameHeader(uint.MaxValue, (OpCode)9999, 0), header);
    }

    [Fact]
    public void Header_is_read_only_when_all_of_it_has_arrived()
    {
        byte[] bytes = new byte[FrameHeader.Size + 5];
        new FrameHeader(5, OpCode.Ping, 21).Write(bytes);

        for (int arrived = 0; arrived <= bytes.Length; arrived++)
            Assert.Equal(arrived >= FrameHeader.Size, FrameHeader.TryRead(bytes.AsSpan(0, arrived), out _));
    }

    [Fact] // FRM-6
    public void Largest_frame_a_server_may_send_is_two_to_the_31_minus_one_bytes() =>
        Assert.Equal(2_147_483_627, FrameHeader.MaxSentBodyBytes);

    [Fact] // FRM-6
    public void Frame_that_would_be_larger_than_that_is_not_measured_but_refused()
    {
        const int Overhead = FrameHeader.Size + 4;

        Assert.Equal(int.MaxValue, Frame.Measure(new MessageOfSize(int.MaxValue - Overhead)));
        Assert.Throws<OverflowException>(() => Frame.Measure(new MessageOfSize(int.MaxValue - Overhead + 1)));
        Assert.Throws<OverflowException>(() => Frame.Measure(new MessageOfSize(int.MaxValue)));
    }

    [Fact]
    public void Frames_are_appended_to_a_buffer_writer_one_after_the_other()
    {
        var output = new ArrayBufferWriter<byte>();
        Frame.Write(output, 9, new PublishOkMessage(4711));
        Frame.Write(output, 21, default(PongMessage));

        Assert.Equal(
            "0000000c00010019000000000000000000000009" + "46504f310000000000001267"
            + "0000000000010033000000000000000000000015",
            Hex.Text(output.WrittenSpan));
        Assert.Equal(PublishOkMessage.FrameBytes, Frame.Measure(new PublishOkMessage(4711)));
    }

    [Theory]
    [InlineData(OpCode.HelloErr)]
    [InlineData(OpCode.AuthErr)]
    [InlineData(OpCode.SubscribeErr)]
    [InlineData(OpCode.Error)]
    public void Error_bodies_go_out_under_each_of_their_four_operations(OpCode opCode)
    {
        var output = new ArrayBufferWriter<byte>();
        Frame.WriteError(output, opCode, 6, new ErrorMessage(ErrorCode.TlsRequired, "TLS required"));

        Assert.True(FrameHeader.TryRead(output.WrittenSpan, out FrameHeader header));
        Assert.Equal(new FrameHeader(22, opCode, 6), header);
        Assert.Equal("4645523101aa0000000c544c53207265717569726564", Hex.Text(output.WrittenSpan[FrameHeader.Size..]));
    }

    [Fact]
    public void Destination_that_is_too_small_is_the_callers_mistake()
    {
        int size = Frame.Measure(new GoingAwayMessage(15_000, "maintenance"));
        for (int room = 0; room < size; room++)
        {
            byte[] destination = new byte[room];
            Assert.ThrowsAny<ArgumentException>(() => Frame.Write(destination, 0, new GoingAwayMessage(15_000, "maintenance")));
        }
    }

    [Fact]
    public void Messages_of_the_delivery_path_are_views_of_the_body_they_were_read_from()
    {
        Assert.True(Frame.TryRead(AckOfOneTag, out AckMessage ack, out _));
        Assert.Equal("jobs"u8, ack.Topic);
        Assert.True(ack.Topic.Overlaps(AckOfOneTag));
        Assert.Equal(7UL, ack.Tags[0]);
    }

    [Fact] // a fault is told once: what comes after it does not hide it
    public void First_fault_of_a_body_is_the_one_that_is_reported()
    {
        byte[] body = [.. AckOfOneTag, 0xAA];
        body[9] = 0xFF;

        Assert.False(Frame.TryRead(body, out AckMessage _, out DecodeError error));
        Assert.Equal(new DecodeError(DecodeFault.InvalidUtf8, 4), error);
    }

    [Fact]
    public void Every_fault_is_explained_in_a_sentence_of_its_own()
    {
        string[] sentences = [.. Enum.GetValues<DecodeFault>().Select(fault => new DecodeError(fault, 17).ToString())];

        Assert.Equal(sentences.Length, sentences.Distinct().Count());
        Assert.DoesNotContain(new DecodeError((DecodeFault)99, 17).ToString(), sentences);
    }

    /// <summary>Only says how large it is.</summary>
    private readonly record struct MessageOfSize(int FieldBytes) : IWireMessage<MessageOfSize>
    {
        public static OpCode OpCode => OpCode.Error;

        public static uint Magic => 1;

        public int MeasureFields() => FieldBytes;

        public void WriteFields(ref WireWriter writer) => throw new NotSupportedException();

        public static MessageOfSize ReadFields(scoped ref WireReader reader) => throw new NotSupportedException();
    }
}
