using Fibril.Broker.Log.Records;
using Record = Fibril.Broker.Log.Records.Record;

namespace Fibril.Tests.Unit.Log;

public sealed class RecordBlockTests
{
    [Fact]
    public void Records_stand_one_behind_the_other_padded_with_zeros()
    {
        using RecordBlock block = RecordBlock.Rent(1024);
        for (int size = 0; size < 9; size++) block.Add(kind: 7, attributes: (byte)size, timestamp: 1000 + size, size).Fill(0xff);
        block.Seal(firstOffset: 40, unsyncedBefore: 100, salt: 5);

        Assert.Equal((9, 40L, 49L), (block.Count, block.FirstOffset, block.EndOffset));
        int position = 0;
        for (int size = 0; size < 9; size++)
        {
            Assert.Equal(position, block.PositionOf(size));
            Record record = block[size];
            Assert.Equal((40L + size, 1000L + size, (byte)7, (byte)size), (record.Offset, record.Timestamp, record.Kind, record.Attributes));
            Assert.Equal(size, record.Body.Length);
            Assert.Equal(-1, record.Body.IndexOfAnyExcept((byte)0xff));
            Assert.True(RecordHeader.HasValidChecksum(record.Bytes, 5));
            Assert.False(RecordHeader.HasValidChecksum(record.Bytes, 6));
            Assert.Equal((uint)(100 + position), RecordHeader.Unsynced(record.Bytes));

            int aligned = RecordHeader.AlignedSize(size);
            Assert.Equal(0, aligned % 8);
            Assert.Equal(-1, block.Bytes.Span[(position + record.Bytes.Length)..(position + aligned)].IndexOfAnyExcept((byte)0));
            position += aligned;
        }

        Assert.Equal(position, block.Length);
        Assert.Equal(position, block.Bytes.Length);
    }

    [Fact]
    public void Room_is_counted_with_header_and_padding()
    {
        using RecordBlock block = RecordBlock.Rent(64);
        int room = block.HeldBytes; // at least what was asked for
        while (block.HasRoomFor(1)) block.Add(1, 0, 0, 1);

        Assert.InRange(block.Length, 1, room);
        Assert.False(block.HasRoomFor(0) && block.HasRoomFor(9));
    }

    [Fact]
    public void More_records_than_expected_are_no_problem()
    {
        using RecordBlock block = RecordBlock.Rent(64 << 10, expectedCount: 1);
        for (int i = 0; i < 1000; i++) block.Add(1, 0, timestamp: i, 1)[0] = (byte)i;

        Assert.Equal(1000, block.Count);
        for (int i = 0; i < 1000; i++) Assert.Equal(((long)i, (byte)i), (block[i].Timestamp, block[i].Body[0]));
    }

    [Fact]
    public void Record_added_last_can_be_taken_back()
    {
        using RecordBlock block = RecordBlock.Rent(1024);
        block.Add(1, 0, timestamp: 1, 10);
        int length = block.Length;
        block.Add(1, 0, timestamp: 2, 100);
        block.RemoveLast();
        Assert.Equal((1, length), (block.Count, block.Length));

        block.Add(1, 0, timestamp: 3, 5);
        Assert.Equal((2, 3L, length), (block.Count, block[1].Timestamp, block.PositionOf(1)));
    }

    [Fact]
    public void Window_of_unsynced_bytes_stops_at_what_its_field_can_say()
    {
        using RecordBlock block = RecordBlock.Rent(1024);
        block.Add(1, 0, 0, 8);
        block.Add(1, 0, 0, 8);
        block.Seal(0, uint.MaxValue - 10L, salt: 1);

        Assert.Equal(uint.MaxValue - 10, RecordHeader.Unsynced(block[0].Bytes));
        Assert.Equal(uint.MaxValue, RecordHeader.Unsynced(block[1].Bytes));
    }

    [Fact]
    public void Block_can_be_disposed_twice_and_is_empty_then()
    {
        RecordBlock block = RecordBlock.Rent(100);
        block.Add(1, 0, 0, 8);
        block.Dispose();
        block.Dispose();
        Assert.Equal((0, 0, 0), (block.Count, block.Length, block.HeldBytes));
    }

    [Theory] // a header is only looked at when it can be one
    [InlineData(31, 1000, 0, false)]
    [InlineData(0, 1000, 0, false)]
    [InlineData(-5, 1000, 0, false)]
    [InlineData(32, 32, 0, true)]
    [InlineData(33, 32, 0, false)]
    [InlineData(40, 1000, 1, false)]
    public void Header_must_be_plausible(int length, long bytesToEnd, byte reserved, bool plausible)
    {
        var header = new byte[RecordHeader.Size];
        BitConverter.TryWriteBytes(header, length);
        header[14] = reserved;
        Assert.Equal(plausible, RecordHeader.IsPlausible(header, bytesToEnd));
    }
}
