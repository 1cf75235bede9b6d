using Fibril.Client;
using Fibril.Client.Connection;
using Fibril.Protocol;

namespace Fibril.Tests.Unit.Client;

public sealed class BufferTests
{
    [Fact]
    public void Frames_are_found_wherever_the_bytes_were_cut()
    {
        byte[] stream = [.. MakeFrame(1, 0), .. MakeFrame(2, 5), .. MakeFrame(3, 1), .. MakeFrame(4, 40)];
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second += 7)
            {
                using var buffer = new ReceiveBuffer(1 << 20);
                var ids = new List<ulong>();
                foreach (Range piece in (Range[])[new Range(0, first), new Range(first, second), new Range(second, stream.Length)])
                {
                    Receive(buffer, stream.AsSpan(piece));
                    ids.AddRange(TakeAll(buffer));
                }

                Assert.Equal([1UL, 2UL, 3UL, 4UL], ids);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Frames_of_all_sizes_come_through_in_pieces_of_any_size(int pieceBytes)
    {
        int[] sizes = [0, 300_000, 10, 262_124, 262_125, 1, 900_000, 64];
        byte[] stream = [.. sizes.SelectMany((size, index) => MakeFrame((ulong)index, pieceBytes == 1 ? size / 100 : size))];
        using var buffer = new ReceiveBuffer(1 << 20);
        var ids = new List<ulong>();
        for (int at = 0; at < stream.Length; at += pieceBytes)
        {
            Receive(buffer, stream.AsSpan(at, Math.Min(pieceBytes, stream.Length - at)));
            ids.AddRange(TakeAll(buffer));
        }

        Assert.Equal(Enumerable.Range(0, sizes.Length).Select(index => (ulong)index), ids);
    }

    [Fact]
    public void A_frame_over_the_limit_is_refused_by_its_header()
    {
        using var buffer = new ReceiveBuffer(1000);
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(uint.MaxValue, OpCode.Deliver, 1).Write(header);
        Receive(buffer, header);
        Assert.Throws<FibrilProtocolException>(() => buffer.TryPeek(out _, out _));
    }

    [Fact]
    public void Output_is_taken_whole_and_filling_goes_on_beside_it()
    {
        var output = new OutputBuffer(keptBytes: 1 << 16);
        Fill(output, 1, 10);
        Fill(output, 2, 100_000);
        ArraySegment<byte> first = output.Take();
        Fill(output, 3, 50);
        Assert.Equal(100_010, first.Count);
        Assert.Equal(-1, first.AsSpan(0, 10).IndexOfAnyExcept((byte)1));
        Assert.Equal(-1, first.AsSpan(10).IndexOfAnyExcept((byte)2));
        Assert.Equal(50, output.PendingBytes);
        ArraySegment<byte> second = output.Take();
        Assert.Equal(50, second.Count);
        Assert.Equal(-1, second.AsSpan().IndexOfAnyExcept((byte)3));
        Assert.Equal(0, output.PendingBytes);
    }

    [Fact]
    public void The_memory_of_a_large_frame_is_given_back_after_it()
    {
        var output = new OutputBuffer(keptBytes: 1 << 16);
        Fill(output, 1, 10 << 20);
        Assert.True(output.Take().Array!.Length >= 10 << 20);
        Fill(output, 2, 1);
        output.Take();
        Fill(output, 3, 1);
        Assert.True(output.Take().Array!.Length <= 1 << 16);
    }

    private static void Fill(OutputBuffer output, byte value, int bytes)
    {
        output.GetSpan(bytes).Fill(value);
        output.Advance(bytes);
    }

    private static void Receive(ReceiveBuffer buffer, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> room = buffer.GetRoom();
            int count = Math.Min(room.Length, bytes.Length);
            Assert.NotEqual(0, count);
            bytes[..count].CopyTo(room.Span);
            buffer.Advance(count);
            bytes = bytes[count..];
        }
    }

    private static List<ulong> TakeAll(ReceiveBuffer buffer)
    {
        var ids = new List<ulong>();
        while (buffer.TryPeek(out FrameHeader header, out ReadOnlySpan<byte> body))
        {
            Assert.Equal(-1, body.IndexOfAnyExcept((byte)header.RequestId));
            ids.Add(header.RequestId);
            buffer.Skip(in header);
        }

        return ids;
    }

    private static byte[] MakeFrame(ulong id, int bodyBytes)
    {
        byte[] frame = new byte[FrameHeader.Size + bodyBytes];
        new FrameHeader((uint)bodyBytes, OpCode.Deliver, id).Write(frame);
        frame.AsSpan(FrameHeader.Size).Fill((byte)id);
        return frame;
    }
}
