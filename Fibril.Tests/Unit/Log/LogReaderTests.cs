using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Several readers of one log, while it grows, rolls and gives up segments.</summary>
public sealed class LogReaderTests
{
    [Fact]
    public void Readers_have_a_file_each_and_do_not_wait_for_each_other()
    {
        LogHarness log = WithSealedSegments();
        using LogReader one = log.Log.NewReader();
        using LogReader other = log.Log.NewReader();
        log.Disk.BeforeRead = path =>
        {
            log.Disk.BeforeRead = null;
            Assert.Equal(log.PathOf(0), path);
            Assert.Equal(30, FirstOf(other, log, 30)); // while the first one is at the disk
        };
        Assert.Equal(3, FirstOf(one, log, 3));
        Assert.Equal(4, FirstOf(other, log, 4));
        Assert.Equal(2, log.Disk.OpenFiles().Count(path => path == log.PathOf(0)));

        one.Dispose();
        Assert.Single(log.Disk.OpenFiles(), path => path == log.PathOf(0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_segment_given_up_since_the_plan_was_made_is_gone_and_no_damage(bool isRemoved)
    {
        LogHarness log = WithSealedSegments();
        ReadPlan plan = log.Log.PlanRead(0, 100);
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        if (isRemoved) log.Run();
        SegmentGoneException gone = Assert.Throws<SegmentGoneException>(() => log.Reader.Read(plan));
        Assert.Contains(log.PathOf(0), gone.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(log.PathOf(0), log.Disk.OpenFiles());
        Assert.Equal(log.Log.StartOffset, log.ReadPiece(log.Log.StartOffset, 100)[0].Offset);
    }

    [Fact] // what it would have found damaged is needed by nobody any more
    public void A_segment_given_up_while_it_is_read_is_gone_whatever_the_read_met()
    {
        LogHarness log = WithSealedSegments();
        ReadPlan plan = log.Log.PlanRead(0, 100);
        log.Disk.BeforeRead = _ =>
        {
            log.Log.DropBefore(log.Log.ActiveSegmentBase);
            throw DiskFaults.InputOutputError();
        };
        Assert.Throws<SegmentGoneException>(() => log.Reader.Read(plan));
    }

    [Fact]
    public async Task A_file_given_up_during_a_read_is_read_and_closed_then()
    {
        LogHarness log = WithSealedSegments();
        ReadPlan plan = log.Log.PlanRead(0, 100);
        var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isDropped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        log.Disk.BeforeRead = _ =>
        {
            isReading.SetResult();
            isDropped.Task.Wait(Patience.Limit);
        };
        Task<long> read = Task.Run(() => FirstOf(log.Reader, plan));
        await Patience.Wait(isReading.Task);
        log.Disk.BeforeRead = null;
        log.Log.DropBefore(log.Log.ActiveSegmentBase); // does not wait for it
        Assert.Contains(log.PathOf(0), log.Disk.OpenFiles());
        isDropped.SetResult();
        Assert.Equal(0, await Patience.Wait(read));
        Assert.DoesNotContain(log.PathOf(0), log.Disk.OpenFiles());
    }

    [Fact] // S-53
    public void A_file_that_is_missing_and_was_not_given_up_is_damage()
    {
        LogHarness log = WithSealedSegments();
        log.Disk.DeleteFile(log.PathOf(0));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.ReadPiece(3, 100));
        Assert.Equal((log.PathOf(0), 0L), (damage.Path, damage.Offset));
        Assert.Contains("missing", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_reader_is_forgotten_and_a_closed_log_leaves_no_file_open()
    {
        LogHarness log = WithSealedSegments();
        LogReader disposed = log.Log.NewReader();
        FirstOf(disposed, log, 0);
        disposed.Dispose();
        FirstOf(log.Log.NewReader(), log, 0);
        Assert.Single(log.Disk.OpenFiles(), path => path == log.PathOf(0));
        log.Close();
        Assert.Empty(log.Disk.OpenFiles());
    }

    [Fact] // S-29
    public async Task Readers_that_need_the_same_index_at_once_may_all_make_it()
    {
        LogHarness log = WithSealedSegments();
        foreach (long baseOffset in log.SegmentBases) log.Disk.DeleteFile(SegmentNames.IndexOf(log.PathOf(baseOffset)));
        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);
        ReadPlan plan = trusting.Log.PlanRead(7, 100);
        Assert.Equal(0, plan.Position); // the index has to say

        using var together = new Barrier(4);
        await Patience.Wait(Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using LogReader reader = trusting.Log.NewReader();
            together.SignalAndWait(Patience.Limit);
            Assert.Equal(7, FirstOf(reader, plan));
        }))));
    }

    [Fact] // a plan is carried out, or its segment is gone; there is nothing between
    public async Task Readers_on_threads_get_what_was_appended_while_the_log_grows_and_gives_up_segments()
    {
        var log = new LogHarness();
        log.Commit(LogHarness.Text(0, 1000));
        var planning = new Lock(); // stands in for the partition loop
        using var over = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            using LogReader reader = log.Log.NewReader();
            while (!over.IsCancellationRequested)
            {
                ReadPlan plan;
                lock (planning) plan = log.Log.PlanRead(random.NextInt64(log.Log.StartOffset, log.Log.DurableEnd), random.Next(5000));
                try
                {
                    using RecordBlock block = reader.Read(plan).Block;
                    Assert.Equal(plan.Offset, block.FirstOffset);
                    for (int i = 0; i < block.Count; i++) Assert.Equal(LogHarness.Text((int)block.FirstOffset + i, 1000), TextOf(block[i]));
                }
                catch (SegmentGoneException)
                {
                    // Planned again, as a partition does.
                }
            }
        }))];

        for (int i = 1; i < TestScale.Iterations(400); i++)
        {
            lock (planning)
            {
                log.Commit(LogHarness.Text(i, 1000));
                if (i % 20 == 0) log.Log.DropBefore(i - 30);
            }
        }

        await over.CancelAsync();
        await Patience.Wait(Task.WhenAll(readers));
        log.Close();
        Assert.Empty(log.Disk.OpenFiles());
    }

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.True(log.SegmentBases.Count >= 3, "The log hardly rolled.");
        return log;
    }

    private static long FirstOf(LogReader reader, LogHarness log, long offset) => FirstOf(reader, log.Log.PlanRead(offset, 100));

    private static long FirstOf(LogReader reader, in ReadPlan plan)
    {
        using RecordBlock block = reader.Read(plan).Block;
        return block[0].Offset;
    }

    private static string TextOf(in Broker.Log.Records.Record record) => System.Text.Encoding.UTF8.GetString(record.Body);
}
