using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Append, roll and read back, on a disk that does what it is told.</summary>
public sealed class SegmentedLogTests
{
    private static readonly LogOptions LargeSegments = new() { MessageSegmentBytes = 256 << 10, EventSegmentBytes = 256 << 10, PreallocateBytes = 64 << 10 };

    [Fact] // S-2, S-19
    public void Records_come_back_in_order_and_unaltered_across_segments()
    {
        var log = new LogHarness();
        var expected = new List<string>();
        var random = new Random(1);
        while (log.Log.NextOffset < 200)
        {
            string[] block = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => Text(expected.Count + i, random.Next(0, 900)))];
            expected.AddRange(block);
            log.Commit(block);
            log.TakeCompleted();
        }

        Assert.True(log.SegmentBases.Count > 3, "The log hardly rolled.");
        Assert.Equal(expected, log.ReadTexts());
        Assert.Equal(Enumerable.Range(0, expected.Count).Select(static i => (long)i), log.ReadFrom(0).Select(static record => record.Offset));

        LogHarness again = log.Reopen();
        Assert.Equal(expected, again.Visited.Select(static record => record.Text));
        Assert.Equal(expected, again.ReadTexts());
        Assert.Equal(log.Log.NextOffset, again.Log.NextOffset);
        Assert.Equal(log.Log.AppendedBytes, again.Log.AppendedBytes);
        Assert.Equal(log.Log.SizeBytes, again.Log.SizeBytes);
    }

    [Fact]
    public void Log_goes_on_behind_its_last_record_after_every_reopening()
    {
        var log = new LogHarness();
        var expected = new List<string>();
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 3; i++)
            {
                expected.Add(Text(expected.Count, 800));
                log.Commit(expected[^1]);
            }

            if (round % 2 == 0) log.Close();
            log = log.Reopen();
            Assert.Equal(expected, log.ReadTexts());
        }

        Assert.True(log.SegmentBases.Count > 1);
    }

    [Fact] // S-19
    public void Segment_is_closed_before_it_would_grow_beyond_its_size_and_keeps_no_reserve()
    {
        var log = new LogHarness();
        int size = LogHarness.SizeOf(Text(0, 1000));
        int perSegment = ((16 << 10) - SegmentHeader.Size) / size;
        for (int i = 0; i < perSegment; i++) log.Commit(Text(i, 1000));
        Assert.Equal(0, log.Log.ActiveSegmentBase);

        log.Commit(Text(perSegment, 1000));
        Assert.Equal(perSegment, log.Log.ActiveSegmentBase);
        Assert.Equal(SegmentHeader.Size + (perSegment * size), log.ContentOf(log.PathOf(0)).Length);
        Assert.Equal((LogKind.Messages, (long)perSegment), (log.HeaderOf(perSegment).Kind, log.HeaderOf(perSegment).BaseOffset));
        Assert.NotEqual(log.HeaderOf(0).Salt, log.HeaderOf(perSegment).Salt);
    }

    [Fact] // S-19
    public void Block_larger_than_a_segment_gets_one_to_itself()
    {
        var log = new LogHarness();
        log.Commit("small");
        log.Commit(Text(1, 30_000));
        log.Commit("small again");

        Assert.Equal(2, log.Log.ActiveSegmentBase);
        Assert.Equal(["small", Text(1, 30_000), "small again"], log.ReadTexts());
        Assert.Equal(["small", Text(1, 30_000), "small again"], log.Reopen().ReadTexts());
    }

    [Fact]
    public void First_block_goes_into_the_first_segment_however_large_it_is()
    {
        var log = new LogHarness();
        log.Commit(Text(0, 30_000));
        Assert.Equal(0, log.Log.ActiveSegmentBase);
        Assert.Equal([0], log.SegmentBases);
    }

    [Fact]
    public void Several_segments_filled_before_the_first_write_are_written_in_order()
    {
        var log = new LogHarness();
        string[] texts = [.. Enumerable.Range(0, 60).Select(static i => Text(i, 1000))];
        foreach (string text in texts) log.Append(text);
        Assert.Equal(0, log.Log.DurableEnd);
        Assert.True(log.Log.UnwrittenBytes > 60_000);

        log.Log.Flush();
        log.Run();
        Assert.Equal((60L, 0L), (log.Log.DurableEnd, log.Log.UnwrittenBytes));
        Assert.Equal(texts, log.ReadTexts());
        Assert.Equal(texts, log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact]
    public void Blocks_come_back_in_order_once_they_are_durable()
    {
        var log = new LogHarness();
        log.Append("a", "b");
        log.Append("c");
        log.Log.Flush();
        Assert.Empty(log.TakeCompleted());

        log.Run();
        Assert.Equal([(0L, 2L), (2L, 3L)], log.TakeCompleted());
        Assert.Empty(log.TakeCompleted());
        Assert.True(log.AdvanceCount > 0);
    }

    [Fact] // events
    public void Log_of_events_writes_at_once_and_syncs_on_request()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("event");
        Assert.Equal((1L, 0L, 0L), (log.Log.NextOffset, log.Log.DurableEnd, log.Log.UnwrittenBytes));
        Assert.Single(log.Reopen(log.Disk.AfterKill()).Visited);
        Assert.Empty(log.Reopen(log.Disk.AfterPowerLoss()).Visited);

        log.Log.RequestSync();
        log.Run();
        Assert.Equal(1, log.Log.DurableEnd);
        Assert.Single(log.Reopen(log.Disk.AfterPowerLoss()).Visited);
        Assert.Empty(log.TakeCompleted()); // nobody needs their blocks
    }

    [Theory]
    [InlineData((byte)LogKind.Messages)]
    [InlineData((byte)LogKind.Events)]
    [InlineData((byte)LogKind.Catalogue)]
    public void Closed_log_is_durable_and_holds_no_reserve(byte kind)
    {
        var log = new LogHarness(kind: (LogKind)kind);
        log.Commit("first");
        log.Append("last"); // accepted, and nothing else
        log.Close();

        int used = SegmentHeader.Size + LogHarness.SizeOf("first") + LogHarness.SizeOf("last");
        Assert.Equal(used, log.ContentOf(log.PathOf(0)).Length);
        Assert.Equal(["first", "last"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact]
    public void Log_that_was_never_used_closes_and_leaves_no_file()
    {
        var log = new LogHarness();
        log.Close();
        Assert.Empty(log.Disk.Content());
        Assert.Equal((0L, 0L), (log.Log.NextOffset, log.Log.StartOffset));
    }

    [Fact]
    public void Read_starts_at_any_offset_wherever_it_stands_in_its_block_or_segment()
    {
        var log = new LogHarness(options: LargeSegments);
        for (int i = 0; i < 300; i += 3) log.Commit(Text(i, 1000), Text(i + 1, 500), Text(i + 2, 10));
        LogHarness recovered = log.Reopen();
        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);
        foreach (LogHarness each in (ReadOnlySpan<LogHarness>)[log, recovered, trusting])
        {
            for (int offset = 299; offset >= 0; offset--)
            {
                TestRecord first = each.ReadPiece(offset, 2000)[0];
                Assert.Equal((offset, Text(offset, offset % 3 == 0 ? 1000 : offset % 3 == 1 ? 500 : 10)), (first.Offset, first.Text));
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
        var log = new LogHarness(options: LargeSegments);
        string[] texts = [Text(0, 5000), "", Text(2, 70_000), "x", Text(4, 40)];
        log.Commit(texts);
        Assert.Equal(texts, log.ReadFrom(0, maxBytes).Select(static record => record.Text));
    }

    [Fact]
    public void Read_returns_about_what_was_asked_for()
    {
        var log = new LogHarness(options: LargeSegments);
        for (int i = 0; i < 100; i++) log.Commit(Text(i, 1000));
        int size = LogHarness.SizeOf(Text(0, 1000));
        Assert.Equal(10, log.ReadPiece(0, 10 * size).Count);
        Assert.Equal(9, log.ReadPiece(10, (10 * size) - 1).Count);
    }

    [Fact]
    public void Read_that_continues_the_last_one_knows_its_place()
    {
        var log = new LogHarness(options: LargeSegments);
        for (int i = 0; i < 60; i++) log.Commit(Text(i, 1000));
        LogHarness trusting = log.Reopen();
        int size = LogHarness.SizeOf(Text(0, 1000));

        List<TestRecord> piece = trusting.ReadPiece(3, 5 * size);
        long next = piece[^1].Offset + 1;
        Assert.Equal(SegmentHeader.Size + (next * size), trusting.Log.PlanRead(next, 100).Position);
        Assert.NotEqual(SegmentHeader.Size + ((next + 1) * size), trusting.Log.PlanRead(next + 1, 100).Position);
    }

    [Fact] // S-8
    public void Read_stops_before_what_is_not_durable()
    {
        var log = new LogHarness(options: LargeSegments);
        log.Commit("durable");
        log.Disk.BeforeOperation = operation =>
        {
            // The second record is written, and not synced yet.
            if (operation.Kind == DiskOperationKind.Sync) Assert.Equal(["durable"], log.ReadPiece(0, 1 << 20).Select(static record => record.Text));
        };
        log.Commit("on its way");
        log.Disk.BeforeOperation = null;
        Assert.Equal(["durable", "on its way"], log.ReadTexts());
    }

    [Fact] // S-4
    public void Record_that_was_damaged_on_the_disk_is_not_returned()
    {
        var log = new LogHarness(options: LargeSegments);
        log.Commit("first", "second", "third");
        int second = SegmentHeader.Size + LogHarness.SizeOf("first");
        log.Disk.Corrupt(log.PathOf(0), second + RecordHeader.Size, 1);

        Assert.Equal(["first"], ReadSome(log, 0, LogHarness.SizeOf("first")));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(1, 1000));
        Assert.Equal((log.PathOf(0), (long)second, 1L), (damage.Path, damage.Position, damage.Offset));
        Assert.Contains(damage.Path, damage.Message, StringComparison.Ordinal);
        Assert.Contains($"byte {second}", damage.Message, StringComparison.Ordinal);
    }

    [Fact] // S-4
    public void Length_that_was_damaged_on_the_disk_is_noticed()
    {
        var log = new LogHarness(options: LargeSegments);
        log.Commit("first", "second");
        log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + 3, 0x7f);
        Assert.Throws<LogDamagedException>(() => log.ReadPiece(0, 1000));
    }

    [Fact] // S-29
    public void Index_file_spares_the_scan_of_a_sealed_segment()
    {
        LogHarness log = WithSealedSegments();
        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);

        // Far before the record that is read: only a scan would meet it.
        log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + 100, 1);
        Assert.Equal(200, trusting.ReadPiece(200, 100)[0].Offset);
    }

    [Theory] // S-29, F-38
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("empty")]
    [InlineData("of another segment")]
    [InlineData("of an older end")]
    public void Index_that_cannot_be_used_is_rebuilt(string what)
    {
        LogHarness log = WithSealedSegments();
        string index = SegmentNames.IndexOf(log.PathOf(0));
        Assert.True(log.Exists(index), "There is no index file.");
        byte[] content = what switch
        {
            "of another segment" => log.ContentOf(SegmentNames.IndexOf(log.PathOf(log.SegmentBases[1]))),
            "of an older end" => new SegmentIndex().Encode(log.HeaderOf(0).Salt, endOffset: 5, endPosition: 1000),
            _ => [],
        };
        if (what == "damaged")
        {
            log.Disk.Corrupt(index, 50, 1);
        }
        else
        {
            log.Disk.DeleteFile(index);
            if (what != "missing")
            {
                log.Disk.Create(index).Dispose();
                LogHarness.Overwrite(log.Disk, index, 0, content);
            }
        }

        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);
        foreach (long offset in (ReadOnlySpan<long>)[200, 0, 100, 199]) Assert.Equal(offset, trusting.ReadPiece(offset, 100)[0].Offset);
        Assert.Equal(log.ReadTexts(), trusting.ReadTexts());
    }

    [Fact] // S-28
    public void Only_whole_sealed_segments_before_the_offset_are_given_up()
    {
        var log = new LogHarness();
        for (int i = 0; i < 60; i++) log.Commit(Text(i, 1000));
        IReadOnlyList<long> bases = log.SegmentBases;
        Assert.True(bases.Count >= 4);

        Assert.Equal(0, log.Log.DropBefore(bases[1] - 1));
        Assert.Equal(log.ContentOf(log.PathOf(0)).Length, log.Log.DropBefore(bases[2] - 1));
        log.Run();
        Assert.Equal(bases[1], log.Log.StartOffset);
        Assert.False(log.Exists(log.PathOf(0)));
        Assert.False(log.Exists(SegmentNames.IndexOf(log.PathOf(0))));
        Assert.True(log.Exists(log.PathOf(bases[1])));
        Assert.Equal(60 - (int)bases[1], log.ReadTexts(bases[1]).Count);
    }

    [Fact] // S-28
    public void Segment_that_is_appended_to_is_never_given_up()
    {
        var log = new LogHarness();
        for (int i = 0; i < 30; i++) log.Commit(Text(i, 1000));
        long active = log.Log.ActiveSegmentBase;
        log.Log.DropBefore(long.MaxValue);
        log.Run();

        Assert.Equal(active, log.Log.StartOffset);
        Assert.Equal([active], log.SegmentBases);
        log.Commit("goes on");
        Assert.Equal("goes on", log.ReadTexts(30)[0]);
    }

    [Fact] // S-27: the removal is durable with its directory
    public void Given_up_segments_do_not_come_back()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(Text(i, 1000));
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        log.Run();
        Assert.Equal([log.Log.ActiveSegmentBase], log.Reopen(log.Disk.AfterPowerLoss(), neededFrom: 40).SegmentBases);
    }

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness(options: LargeSegments);
        for (int i = 0; i < 700; i += 10) log.Commit([.. Enumerable.Range(i, 10).Select(static number => Text(number, 1000))]);
        Assert.True(log.Log.ActiveSegmentBase > 400);
        return log;
    }

    private static List<string> ReadSome(LogHarness log, long from, int maxBytes) =>
        [.. log.ReadPiece(from, maxBytes).Select(static record => record.Text)];

    private static string Text(int number, int length)
    {
        var text = new StringBuilder($"{number}:");
        return text.Append((char)('a' + (number % 26)), Math.Max(0, length - text.Length)).ToString();
    }
}
