using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Append and roll, on a disk that does what it is told.</summary>
public sealed class LogAppendTests
{
    [Fact] // S-2, S-19
    public void Records_come_back_in_order_and_unaltered_across_segments()
    {
        var log = new LogHarness();
        var expected = new List<string>();
        var random = new Random(1);
        while (log.Log.NextOffset < 200)
        {
            var block = new string[random.Next(1, 6)];
            for (int i = 0; i < block.Length; i++) block[i] = LogHarness.Text(expected.Count + i, random.Next(0, 900));
            expected.AddRange(block);
            log.Commit(block);
            log.TakeCompleted();
        }

        Assert.True(log.SegmentBases.Count > 3, "The log hardly rolled.");
        Assert.Equal(expected, log.ReadTexts());
        Assert.Equal(
            Enumerable.Range(0, expected.Count).Select(static i => (long)i),
            log.ReadFrom(0).Select(static record => record.Offset));

        LogHarness again = log.Reopen();
        Assert.Equal(expected, again.Visited.Select(static record => record.Text));
        Assert.Equal(expected, again.ReadTexts());
        Assert.Equal(log.Log.NextOffset, again.Log.NextOffset);
        Assert.Equal(log.Log.AppendedBytes, again.Log.AppendedBytes);
        Assert.Equal(log.Log.SizeBytes, again.Log.SizeBytes);
    }

    [Fact] // S-2
    public void Log_goes_on_behind_its_last_record_after_every_reopening()
    {
        var log = new LogHarness();
        var expected = new List<string>();
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 3; i++)
            {
                expected.Add(LogHarness.Text(expected.Count, 800));
                log.Commit(expected[^1]);
            }

            if (round % 2 == 0) log.Close();
            log = log.Reopen();
            Assert.Equal(expected, log.ReadTexts());
        }

        Assert.True(log.SegmentBases.Count > 1);
    }

    [Fact] // S-15, S-16
    public void What_is_appended_during_a_sync_shares_the_next_one()
    {
        var log = new LogHarness();
        log.Commit("the segment is there");
        int syncs = 0;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || ++syncs > 1) return;
            for (int i = 0; i < 100; i++) log.Append(LogHarness.Text(i, 20));
            log.Log.Flush();
        };
        log.Commit("alone");
        Assert.Equal(2, syncs);
        Assert.Equal(102, log.Log.DurableEnd);
    }

    [Fact] // S-19
    public void Segment_is_closed_before_it_would_grow_beyond_its_size_and_keeps_no_reserve()
    {
        var log = new LogHarness();
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));
        int perSegment = ((16 << 10) - SegmentHeader.Size) / size;
        for (int i = 0; i < perSegment; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.Equal(0, log.Log.ActiveSegmentBase);

        log.Commit(LogHarness.Text(perSegment, 1000));
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
        log.Commit(LogHarness.Text(1, 30_000));
        log.Commit("small again");

        Assert.Equal(2, log.Log.ActiveSegmentBase);
        Assert.Equal(["small", LogHarness.Text(1, 30_000), "small again"], log.ReadTexts());
        Assert.Equal(["small", LogHarness.Text(1, 30_000), "small again"], log.Reopen().ReadTexts());
    }

    [Fact]
    public void First_block_goes_into_the_first_segment_however_large_it_is()
    {
        var log = new LogHarness();
        log.Commit(LogHarness.Text(0, 30_000));
        Assert.Equal(0, log.Log.ActiveSegmentBase);
        Assert.Equal([0], log.SegmentBases);
    }

    [Fact] // S-19
    public void Several_segments_filled_before_the_first_write_are_written_in_order()
    {
        var log = new LogHarness();
        string[] texts = [.. Enumerable.Range(0, 60).Select(static i => LogHarness.Text(i, 1000))];
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

    [Theory] // S-60
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
}
