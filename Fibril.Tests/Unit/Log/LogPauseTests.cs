using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>A floor between two commits, for drives that are slow at them (S-16).</summary>
public sealed class LogPauseTests
{
    private static readonly LogOptions Pausing = new()
    {
        MessageSegmentBytes = 16 << 10,
        EventSegmentBytes = 16 << 10,
        PreallocateBytes = 4 << 10,
        MinSyncInterval = TimeSpan.FromMilliseconds(100),
    };

    [Fact] // S-16
    public void First_commit_and_one_after_a_long_rest_start_at_once()
    {
        var log = new LogHarness(options: Pausing);
        log.Commit("first");
        Assert.Equal(1, log.Log.DurableEnd);

        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Commit("second");
        Assert.Equal(2, log.Log.DurableEnd);
    }

    [Fact] // S-15, S-16
    public void Commits_within_the_pause_share_one_sync_at_its_end()
    {
        var log = new LogHarness(options: Pausing);
        log.Commit("first");
        log.TakeCompleted();
        int syncs = log.Disk.CountOf(DiskOperationKind.Sync, () =>
        {
            for (int i = 0; i < 3; i++)
            {
                log.Time.Advance(TimeSpan.FromMilliseconds(33));
                log.Commit("in the pause", "and another");
            }

            Assert.Equal(1, log.Log.DurableEnd);
            Assert.Empty(log.TakeCompleted());
            log.Time.Advance(TimeSpan.FromMilliseconds(1));
            log.Run();
        });

        Assert.Equal((7L, 1), (log.Log.DurableEnd, syncs));
        Assert.Equal([(1L, 3L), (3L, 5L), (5L, 7L)], log.TakeCompleted());
        Assert.Equal(7, log.Reopen(log.Disk.AfterPowerLoss()).Visited.Count);
    }

    [Fact] // S-16: a slow sync has used up its pause
    public void Pause_counts_from_the_start_of_the_last_commit()
    {
        var log = new LogHarness(options: Pausing);
        log.Commit("first");
        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync) log.Time.Advance(TimeSpan.FromMilliseconds(70));
        };
        log.Commit("slow");
        log.Disk.BeforeOperation = null;

        log.Commit("next");
        log.Time.Advance(TimeSpan.FromMilliseconds(29));
        log.Run();
        Assert.Equal(2, log.Log.DurableEnd);
        log.Time.Advance(TimeSpan.FromMilliseconds(1));
        log.Run();
        Assert.Equal(3, log.Log.DurableEnd);
    }

    [Fact] // S-60
    public void Close_in_the_pause_completes_at_its_end_with_everything_durable()
    {
        var log = new LogHarness(options: Pausing);
        log.Commit("first");
        log.Commit("in the pause");
        log.Log.RequestClose();
        log.Run();
        Assert.False(log.Log.IsClosed);

        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Run();
        Assert.True(log.Log.IsClosed);
        Assert.Equal(["first", "in the pause"], log.Reopen(log.Disk.AfterPowerLoss()).ReadTexts());

        log.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(log.Scheduler.IsIdle, "The pause outlived its log.");
    }

    [Fact] // S-28
    public void Old_segments_given_up_in_the_pause_go_at_its_end()
    {
        var log = new LogHarness(options: Pausing);
        for (int i = 0; i < 40; i++)
        {
            log.Time.Advance(TimeSpan.FromMilliseconds(100));
            log.Commit(LogHarness.Text(i, 1000));
        }

        log.Commit("in the pause");
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        log.Run();
        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Run();
        Assert.Equal([log.Log.ActiveSegmentBase], log.SegmentBases);
        Assert.False(log.Exists(SegmentNames.IndexOf(log.PathOf(0))));
        Assert.Equal(41, log.Log.DurableEnd);
    }

    [Fact] // S-65
    public void Sync_that_fails_after_the_pause_ends_the_log_and_its_timer()
    {
        var log = new LogHarness(options: Pausing);
        log.Commit("first");
        log.Commit("in the pause");
        log.Disk.FailNext(DiskOperationKind.Sync);
        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Run();
        Assert.NotNull(log.Log.Fault);
        Assert.Equal(1, log.Log.DurableEnd);

        log.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(log.Scheduler.IsIdle, "The pause outlived its log.");
    }

    [Fact]
    public void Events_are_written_in_the_pause_and_synced_at_its_end()
    {
        var log = new LogHarness(options: Pausing, kind: LogKind.Events);
        log.Commit("first");
        log.Log.RequestSync();
        log.Run();
        log.Commit("written at once");
        Assert.Equal((1L, 0L), (log.Log.DurableEnd, log.Log.UnwrittenBytes));

        log.Log.RequestSync();
        log.Run();
        Assert.Equal(1, log.Log.DurableEnd);
        log.Time.Advance(TimeSpan.FromMilliseconds(100));
        log.Run();
        Assert.Equal(2, log.Log.DurableEnd);
    }
}
