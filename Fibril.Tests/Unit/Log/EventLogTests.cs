using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Events are written at once and synced on request.</summary>
public sealed class EventLogTests
{
    [Fact] // S-1
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

    [Fact]
    public void Writes_of_events_cost_no_sync_and_wake_nobody()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("creates the file");
        int advances = log.AdvanceCount;
        int syncs = log.Disk.CountOf(DiskOperationKind.Sync, () =>
        {
            for (int i = 0; i < 5; i++) log.Commit(LogHarness.Text(i, 100));
        });
        Assert.Equal((0, 0), (syncs, log.AdvanceCount - advances));
    }

    [Fact] // S-15
    public void One_sync_covers_every_event_accepted_before_the_request()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("written");
        log.Append("accepted only");
        int syncs = log.Disk.CountOf(DiskOperationKind.Sync, () =>
        {
            log.Log.RequestSync();
            log.Log.RequestSync();
            log.Run();
        });
        Assert.Equal((1, 2L), (syncs, log.Log.DurableEnd));
        Assert.Equal(["written", "accepted only"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact] // a request that comes while the disk is busy is not answered by the sync that is under way
    public void Request_made_during_a_sync_gets_a_sync_of_its_own()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("first");
        int syncs = 0;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || syncs++ > 0) return;
            log.Append("second");
            log.Log.RequestSync();
        };
        log.Log.RequestSync();
        Assert.True(log.Scheduler.Step());
        log.Disk.BeforeOperation = null;

        Assert.Equal((2, 2L), (syncs, log.Log.DurableEnd));
        Assert.Equal(["first", "second"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact]
    public void Request_made_during_a_write_is_served_by_the_flush_that_is_under_way()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("creates the file");
        bool isRequested = false;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Write || isRequested) return;
            isRequested = true;
            log.Log.RequestSync();
        };
        log.Commit("event");
        log.Disk.BeforeOperation = null;
        Assert.True(isRequested);
        Assert.Equal(2, log.Log.DurableEnd);
    }

    [Fact] // S-19: what stands in a sealed segment is durable before the next one has a record
    public void Rolling_syncs_the_segment_that_is_full()
    {
        var log = new LogHarness(kind: LogKind.Events);
        while (log.Log.ActiveSegmentBase == 0) log.Commit(LogHarness.Text((int)log.Log.NextOffset, 1000));
        int full = (int)log.Log.ActiveSegmentBase;
        Assert.Equal(
            Enumerable.Range(0, full).Select(static i => LogHarness.Text(i, 1000)),
            log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());
    }
}
