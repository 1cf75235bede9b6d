using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Where reads start and end, and what they refuse to return.</summary>
public sealed class LogReadTests
{
    [Fact]
    public void Read_starts_at_any_offset_wherever_it_stands_in_its_block_or_segment()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        for (int i = 0; i < 300; i += 3) log.Commit(LogHarness.Text(i, 1000), LogHarness.Text(i + 1, 500), LogHarness.Text(i + 2, 10));
        LogHarness recovered = log.Reopen();
        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);
        foreach (LogHarness each in (ReadOnlySpan<LogHarness>)[log, recovered, trusting])
        {
            for (int offset = 299; offset >= 0; offset--)
            {
                TestRecord first = each.ReadPiece(offset, 2000)[0];
                int length = (offset % 3) switch { 0 => 1000, 1 => 500, _ => 10 };
                Assert.Equal((offset, LogHarness.Text(offset, length)), (first.Offset, first.Text));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(40)]
    [InlineData(1 << 20)]
    public void Record_larger_than_the_read_is_read_whole(int maxBytes)
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        string[] texts = [LogHarness.Text(0, 5000), "", LogHarness.Text(2, 70_000), "x", LogHarness.Text(4, 40)];
        log.Commit(texts);
        Assert.Equal(texts, log.ReadFrom(0, maxBytes).Select(static record => record.Text));
    }

    [Fact]
    public void Read_returns_about_what_was_asked_for()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        for (int i = 0; i < 100; i++) log.Commit(LogHarness.Text(i, 1000));
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));
        Assert.Equal(10, log.ReadPiece(0, 10 * size).Count);
        Assert.Equal(9, log.ReadPiece(10, (10 * size) - 1).Count);
    }

    [Fact]
    public void Read_that_continues_the_last_one_knows_its_place()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        for (int i = 0; i < 60; i++) log.Commit(LogHarness.Text(i, 1000));
        LogHarness trusting = log.Reopen();
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));

        List<TestRecord> piece = trusting.ReadPiece(3, 5 * size);
        long next = piece[^1].Offset + 1;
        Assert.Equal(SegmentHeader.Size + (next * size), trusting.Log.PlanRead(next, 100).Position);
        Assert.NotEqual(SegmentHeader.Size + ((next + 1) * size), trusting.Log.PlanRead(next + 1, 100).Position);
    }

    [Fact] // S-8
    public void Read_stops_before_what_is_not_durable()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("durable");
        log.Disk.BeforeOperation = operation =>
        {
            // The second record is written, and not synced yet.
            if (operation.Kind == DiskOperationKind.Sync) Assert.Equal(["durable"], ReadSome(log, 0, 1 << 20));
        };
        log.Commit("on its way");
        log.Disk.BeforeOperation = null;
        Assert.Equal(["durable", "on its way"], log.ReadTexts());
    }

    [Fact] // S-4
    public void Record_that_was_damaged_on_the_disk_is_not_returned()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first", "second", "third");
        int second = SegmentHeader.Size + LogHarness.SizeOf("first");
        log.Disk.Corrupt(log.PathOf(0), second + RecordHeader.Size, 1);

        Assert.Equal(["first"], ReadSome(log, 0, LogHarness.SizeOf("first")));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(1, 1000));
        Assert.Equal((log.PathOf(0), (long)second, 1L), (damage.Path, damage.Position, damage.Offset));
        Assert.Contains(damage.Path, damage.Message, StringComparison.Ordinal);
        Assert.Contains($"byte {second}", damage.Message, StringComparison.Ordinal);
    }

    [Theory] // S-53: the segment is looked at as a whole to say so
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(40)]
    public void Read_that_meets_damage_says_where_good_records_go_on(int first)
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        for (int i = 0; i < 80; i++) log.Commit(LogHarness.Text(i, 1000));
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));
        for (int record = first; record < first + 3; record++) log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + (record * size) + 500, 1);
        for (int from = first; from < first + 3; from++)
        {
            LogDamage damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(from, 100)).Damage;
            Assert.Equal((SegmentHeader.Size + (first * size), SegmentHeader.Size + ((first + 3) * size)), ((int)damage.Position, (int)damage.EndPosition));
            Assert.Equal(((long?)first, (long?)first + 3), (damage.Offset, damage.EndOffset));
            Assert.Contains("the checksum does not match", damage.Detail, StringComparison.Ordinal);
        }
    }

    [Theory] // S-4: wherever the pieces of a read end
    [InlineData(38)] // in the padding
    [InlineData(100)]
    [InlineData(1 << 20)]
    public void Any_flipped_bit_is_noticed_by_a_read(int maxBytes)
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first", "second", "third");
        int size = LogHarness.SizeOf("first");
        Assert.Equal(size, LogHarness.SizeOf("second"));
        for (int bit = 0; bit < size * 3 * 8; bit++)
        {
            log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + (bit / 8), (byte)(1 << (bit % 8)));
            LogDamage damage = Assert.Throws<LogDamagedException>(() => log.ReadFrom(0, maxBytes)).Damage;
            Assert.Equal((SegmentHeader.Size + (bit / 8 / size * size), (long?)(bit / 8 / size)), ((int)damage.Position, damage.Offset));
            log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + (bit / 8), (byte)(1 << (bit % 8)));
        }

        Assert.Equal(["first", "second", "third"], log.ReadTexts());
    }

    [Fact] // S-4
    public void Length_that_was_damaged_on_the_disk_is_noticed()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first", "second");
        log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + 3, 0x7f);
        Assert.Throws<LogDamagedException>(() => log.ReadPiece(0, 1000));
    }

    [Fact] // S-2, S-4
    public void Record_of_another_offset_than_the_expected_one_is_not_returned()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first", "second", "third");
        int second = SegmentHeader.Size + LogHarness.SizeOf("first");
        byte[] strange = LogHarness.RawRecord(offset: 5, "second", unsynced: 0, log.HeaderOf(0).Salt);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), second, strange);
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(0, 1000));
        Assert.Equal(second, damage.Position);
        Assert.Contains("offset 5", damage.Message, StringComparison.Ordinal);
    }

    [Theory] // S-4
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(RecordHeader.Size)]
    [InlineData(RecordHeader.Size + 1)]
    public void Read_of_a_file_that_was_cut_short_says_so_instead_of_waiting_for_the_rest(int left)
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first", "second");
        int second = SegmentHeader.Size + LogHarness.SizeOf("first");
        using (IStorageFile file = log.Disk.Open(log.PathOf(0))) file.Truncate(second + left);
        Assert.Equal(["first"], ReadSome(log, 0, LogHarness.SizeOf("first")));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(1, 1000));
        Assert.Equal((second, 1L), (damage.Position, damage.Offset));
    }

    [Fact] // S-19
    public void Read_ends_with_its_segment_and_the_next_one_starts_in_the_next()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        IReadOnlyList<long> bases = log.SegmentBases;
        List<TestRecord> piece = log.ReadPiece(bases[1] - 2, 1 << 20);
        Assert.Equal([bases[1] - 2, bases[1] - 1], piece.Select(static record => record.Offset));
        Assert.Equal(
            Enumerable.Range((int)bases[1], (int)(bases[2] - bases[1])),
            log.ReadPiece(bases[1], 1 << 20).Select(static record => (int)record.Offset));
    }

    [Fact]
    public void Records_are_found_by_time_in_every_segment()
    {
        var log = new LogHarness();
        for (int i = 0; i < 60; i++) log.Append([new byte[1000]], [1000 + (i * 10)]);
        log.Log.Flush();
        log.Run();
        IReadOnlyList<long> bases = log.SegmentBases;
        foreach (LogHarness each in (ReadOnlySpan<LogHarness>)[log, log.Reopen(), log.Reopen(visitFrom: 60)])
        {
            Assert.Equal(0, FindByTime(each, 0));
            Assert.Equal(bases[1], FindByTime(each, 1000 + (bases[1] * 10)));
            Assert.Equal(bases[2], FindByTime(each, 1001 + ((bases[2] - 1) * 10)));
            Assert.InRange(FindByTime(each, 1000 + ((bases[2] - 1) * 10)), bases[1], bases[2] - 1);
            Assert.Equal(60, FindByTime(each, 1000 + (60 * 10)));
        }
    }

    private static long FindByTime(LogHarness log, long timestamp) => log.Reader.FindByTime(log.Log.PlanTimeSearch(timestamp));

    private static List<string> ReadSome(LogHarness log, long from, int maxBytes) =>
        [.. log.ReadPiece(from, maxBytes).Select(static record => record.Text)];
}
