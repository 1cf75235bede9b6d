using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>The first failed write or sync ends the log: what it was about is never called durable, nothing is tried again (S-65).</summary>
public sealed class LogFaultTests
{
    [Theory] // S-65, S-11
    [InlineData((int)DiskOperationKind.Sync)]
    [InlineData((int)DiskOperationKind.Write)]
    public void Failed_write_or_sync_makes_nothing_durable_and_ends_the_log(int kind)
    {
        var log = new LogHarness();
        log.Commit("a", "b");
        log.TakeCompleted();
        IOException failure = DiskFaults.InputOutputError();
        log.Disk.FailNext((DiskOperationKind)kind, with: failure);
        int advances = log.AdvanceCount;
        log.Commit("c", "d");

        Assert.Same(failure, log.Log.Fault);
        Assert.Equal((2L, true), (log.Log.DurableEnd, log.Log.IsClosed));
        Assert.Equal(advances + 1, log.AdvanceCount);
        Assert.Equal([(2L, 4L)], log.TakeCompleted()); // for their owner to answer, and to give the memory back
        Assert.Equal(["a", "b"], log.ReadTexts());
        Assert.Equal(["a", "b"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact] // S-65
    public void Failed_sync_is_not_tried_again()
    {
        var log = new LogHarness();
        log.Commit("a");
        log.Disk.FailNext(DiskOperationKind.Sync);
        log.Commit("b");
        int operations = log.Disk.OperationCount;

        log.Log.Flush();
        log.Log.RequestSync();
        log.Log.RequestClose();
        log.Run();
        Assert.True(log.Scheduler.IsIdle);
        Assert.Equal(operations, log.Disk.OperationCount);
        Assert.Equal(1, log.Log.DurableEnd);
    }

    [Fact] // S-11: whoever appends while the disk fails hears of it, however the two meet
    public void Failed_log_gives_a_block_back_that_it_gets_afterwards()
    {
        var log = new LogHarness();
        log.Disk.FailNext(DiskOperationKind.Sync);
        log.Commit("a");
        log.TakeCompleted();
        long unwritten = log.Log.UnwrittenBytes;

        log.Commit("b");
        Assert.Equal([(1L, 2L)], log.TakeCompleted());
        Assert.Equal((0L, unwritten), (log.Log.DurableEnd, log.Log.UnwrittenBytes));
        Assert.Empty(log.Reopen(log.Disk.AfterPowerLoss()).Visited);
    }

    [Fact] // S-65: what was accepted meanwhile shares the fate of the batch
    public void Blocks_accepted_while_the_disk_was_failing_come_back_without_being_durable()
    {
        var log = new LogHarness();
        log.Commit("a");
        log.TakeCompleted();
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            log.Append("late");
            throw DiskFaults.InputOutputError();
        };
        log.Commit("b");

        Assert.Equal([(1L, 2L), (2L, 3L)], log.TakeCompleted());
        Assert.Equal((1L, 3L), (log.Log.DurableEnd, log.Log.NextOffset));
        Assert.DoesNotContain("late", log.Reopen(log.Disk.AfterKill()).ReadTexts());
    }

    [Theory] // S-65: after a failed sync the system's cache may show what it has given up writing
    [InlineData((byte)LogKind.Messages)]
    [InlineData((byte)LogKind.Events)]
    public void What_a_restart_shows_after_a_failed_sync_is_on_the_disk_then(byte kind)
    {
        var log = new LogHarness(kind: (LogKind)kind);
        log.Commit("a");
        log.Log.RequestSync();
        log.Run();
        log.Append(LogHarness.Text(1, 700), LogHarness.Text(2, 700));
        log.Disk.FailNext(DiskOperationKind.Sync);
        log.Log.RequestSync();
        log.Run();
        Assert.NotNull(log.Log.Fault);

        AssertShownIsDurable(log, log.Disk.AfterKill());
    }

    [Theory] // S-11, S-66
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(336)]
    [InlineData(700)]
    public void Disk_that_fills_up_in_the_middle_of_a_gathered_write_confirms_nothing_of_it(int writtenBytes)
    {
        var log = new LogHarness();
        log.Commit("a");
        log.TakeCompleted();
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Write) return;
            log.Disk.BeforeOperation = null;
            log.Disk.ApplyPartOf(operation, writtenBytes);
            throw DiskFaults.DiskFull();
        };
        string[] batch = [.. Enumerable.Range(1, 4).Select(static i => LogHarness.Text(i, 300))];
        foreach (string text in batch) log.Append(text);
        log.Log.Flush();
        log.Run();

        Assert.Contains("No space left", log.Log.Fault?.Message, StringComparison.Ordinal);
        Assert.Equal(1, log.Log.DurableEnd);
        Assert.Equal(4, log.TakeCompleted().Count);
        Assert.Equal(["a"], log.ReadTexts()); // S-66: reads go on
        int whole = writtenBytes / LogHarness.SizeOf(batch[0]);
        Assert.Equal(["a", .. batch[..whole]], log.Reopen(log.Disk.AfterKill()).Visited.Select(static record => record.Text));
        AssertShownIsDurable(log, log.Disk.AfterKill());
    }

    [Fact] // S-66
    public void Disk_without_room_to_reserve_ahead_takes_what_it_has_room_for()
    {
        var log = new LogHarness();
        log.Commit("a");
        log.Disk.CapacityBytes = log.Disk.Content().Values.Sum(static file => (long)file.Length) + 6200;
        log.Commit(LogHarness.Text(1, 9000));
        Assert.Null(log.Log.Fault);
        Assert.Equal(2, log.Log.DurableEnd);
    }

    [Fact] // S-66
    public void Disk_without_room_for_the_reserve_says_so_and_serves_again_when_space_returns()
    {
        var log = new LogHarness();
        log.Commit("a");
        log.Disk.CapacityBytes = log.Disk.Content().Values.Sum(static file => (long)file.Length) + 100;
        log.Commit(LogHarness.Text(1, 6000));
        Assert.Contains("No space left", log.Log.Fault?.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], log.ReadTexts());

        log.Disk.CapacityBytes = long.MaxValue;
        LogHarness again = log.Reopen();
        again.Commit("b");
        Assert.Equal(["a", "b"], again.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact] // S-19, S-65
    public void Failure_at_any_step_to_the_next_segment_confirms_nothing_and_leaves_a_log_that_goes_on_after_a_restart()
    {
        int failing = 0;
        for (; ; failing++)
        {
            LogHarness log = FullSegment();
            int step = 0;
            string what = "";
            log.Disk.BeforeOperation = operation =>
            {
                if (step++ != failing) return;
                what = $"step {failing}: {operation.Kind} {operation.Path}";
                throw DiskFaults.InputOutputError();
            };
            // The first of them still fits into the old segment.
            log.Append(LogHarness.Text(15, 400));
            log.Append(LogHarness.Text(16, 1000));
            log.Log.Flush();
            log.Run();
            log.Disk.BeforeOperation = null;
            if (what.Length == 0) break;

            if (what.Contains(nameof(DiskOperationKind.Reserve), StringComparison.Ordinal))
            {
                Assert.Equal((null, 17L), (log.Log.Fault, log.Log.DurableEnd)); // it asks for less, and only a write needs the space
                continue;
            }

            Assert.True(log.Log.Fault is not null, what);
            bool wasSynced = what.EndsWith(SegmentNames.IndexOf(log.PathOf(0)), StringComparison.Ordinal);
            Assert.Equal((15L, 17L, true), (log.Log.DurableEnd, log.Log.NextOffset, log.Log.IsClosed));
            Assert.Equal(15, log.ReadTexts().Count);
            AssertShownIsDurable(log, log.Disk.AfterKill());
            AssertShownIsDurable(log, log.Disk.AfterPowerLoss());
            Assert.True(log.Reopen(log.Disk.AfterPowerLoss()).Visited.Count >= (wasSynced ? 16 : 15), what);
        }

        Assert.True(failing >= 12, $"Rolling took {failing} steps only.");
    }

    [Fact] // S-65
    public void Denied_access_is_a_fault_too()
    {
        var log = new LogHarness();
        var denied = new UnauthorizedAccessException("Access to the path is denied.");
        log.Disk.FailNext(DiskOperationKind.Create, with: denied);
        log.Commit("a");
        Assert.Same(denied, log.Log.Fault);
        Assert.Equal([(0L, 1L)], log.TakeCompleted());
    }

    [Theory]
    [InlineData((int)DiskOperationKind.Truncate)]
    [InlineData((int)DiskOperationKind.Sync)]
    public void Failure_while_closing_is_kept_and_the_log_is_closed_all_the_same(int kind)
    {
        var log = new LogHarness();
        log.Commit("a");
        log.Log.RequestClose();
        int syncs = 0;
        log.Disk.BeforeOperation = operation =>
        {
            // The first sync is that of the log; the second is that of its new length.
            if (operation.Kind == DiskOperationKind.Sync) syncs++;
            if (operation.Kind == (DiskOperationKind)kind && (syncs == 2 || operation.Kind != DiskOperationKind.Sync))
                throw DiskFaults.InputOutputError();
        };
        log.Run();
        log.Disk.BeforeOperation = null;

        Assert.NotNull(log.Log.Fault);
        Assert.True(log.Log.IsClosed);
        Assert.Equal(["a"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Theory] // S-28
    [InlineData((int)DiskOperationKind.Delete)]
    [InlineData((int)DiskOperationKind.SyncDirectory)]
    public void Failed_removal_of_old_segments_is_reported_and_ends_nothing(int kind)
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        List<string> kept = log.ReadTexts(log.Log.ActiveSegmentBase);
        log.Disk.FailNext((DiskOperationKind)kind);
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        log.Run();

        Assert.NotNull(log.NotRemoved);
        Assert.Null(log.Log.Fault);
        log.Commit("goes on");
        Assert.Equal(41, log.Log.DurableEnd);
        kept.Add("goes on");
        long needed = log.Log.ActiveSegmentBase;
        LogHarness again = log.Reopen(log.Disk.AfterPowerLoss(), neededFrom: needed, visitFrom: needed);
        Assert.Equal([needed], again.SegmentBases);
        Assert.Equal(kept, again.ReadTexts(needed));
    }

    private static LogHarness FullSegment()
    {
        var log = new LogHarness();
        while (log.Log.NextOffset < 15) log.Commit(LogHarness.Text((int)log.Log.NextOffset, 1000));
        log.TakeCompleted();
        return log;
    }

    /// <summary>Recovers, appends, loses power: everything that was shown and everything confirmed since must be there.</summary>
    private static void AssertShownIsDurable(LogHarness log, SimulatedFileSystem disk)
    {
        LogHarness recovered = log.Reopen(disk);
        List<string> shown = [.. recovered.Visited.Select(static record => record.Text)];
        Assert.Equal(shown, recovered.Reopen(disk.AfterPowerLoss()).Visited.Select(static record => record.Text));

        recovered.Commit("confirmed later");
        recovered.Log.RequestSync();
        recovered.Run();
        Assert.Equal([.. shown, "confirmed later"], recovered.Reopen(disk.AfterPowerLoss()).Visited.Select(static record => record.Text));
    }
}
