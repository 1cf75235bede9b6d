using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Old segments are given up whole, and for good.</summary>
public sealed class LogRetireTests
{
    [Fact] // or it would take its space on the disk for as long as nothing else is read
    public void Segment_that_was_read_last_is_closed_when_it_is_given_up()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        log.ReadPiece(from: 0, maxBytes: 2000);
        Assert.Contains(log.PathOf(0), log.Disk.OpenFiles());
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        Assert.DoesNotContain(log.PathOf(0), log.Disk.OpenFiles());
        log.Run();
        log.Close();
        Assert.Empty(log.Disk.OpenFiles());
    }

    [Fact] // S-28
    public void Only_whole_sealed_segments_before_the_offset_are_given_up()
    {
        var log = new LogHarness();
        for (int i = 0; i < 60; i++) log.Commit(LogHarness.Text(i, 1000));
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
        for (int i = 0; i < 30; i++) log.Commit(LogHarness.Text(i, 1000));
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
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        log.Log.DropBefore(log.Log.ActiveSegmentBase);
        log.Run();
        Assert.Equal([log.Log.ActiveSegmentBase], log.Reopen(log.Disk.AfterPowerLoss(), neededFrom: 40).SegmentBases);
    }

    [Fact] // S-27: until the directory is synced, a power loss may bring them back, in any part
    public void Removal_that_was_not_synced_may_come_undone_and_recovery_finishes_it()
    {
        LogHarness log = WithSealedSegments();
        var images = new List<SimulatedFileSystem>();
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.SyncDirectory) return;
            images.Add(log.Disk.AfterPowerLoss());
            for (int seed = 1; seed <= 20; seed++) images.Add(log.Disk.AfterPowerLoss(new Random(seed), SimulatedFileSystem.SectorBytes));
        };
        long needed = log.Log.ActiveSegmentBase;
        log.Log.DropBefore(needed);
        log.Run();
        log.Disk.BeforeOperation = null;

        Assert.Contains(images, static image => image.ListFiles(LogHarness.Folder).Count > 2);
        foreach (SimulatedFileSystem image in images)
        {
            LogHarness again = log.Reopen(image, neededFrom: needed, visitFrom: needed);
            Assert.Equal([needed], again.SegmentBases);
            Assert.Single(again.Disk.ListFiles(LogHarness.Folder));
            Assert.Equal(log.ReadTexts(needed), again.ReadTexts(needed));
        }
    }

    [Fact] // S-28
    public void Segments_are_removed_only_after_what_was_appended_before_is_durable()
    {
        LogHarness log = WithSealedSegments();
        log.Append(LogHarness.Text(40, 1000)); // accepted and not yet written, like the segments that the next ones roll to
        for (int i = 41; i < 60; i++) log.Append(LogHarness.Text(i, 1000));
        long needed = log.Log.ActiveSegmentBase;
        log.Log.DropBefore(needed);
        int deletions = 0;
        log.Disk.BeforeOperation = operation =>
        {
            // Indexes are deleted before they are written, too.
            if (operation.Kind != DiskOperationKind.Delete || operation.Path.EndsWith(".idx", StringComparison.Ordinal)) return;
            deletions++;
            Assert.Equal(60, log.Log.DurableEnd);
        };
        log.Log.Flush();
        log.Run();
        log.Disk.BeforeOperation = null;
        Assert.True(deletions > 2);
        Assert.Equal([needed], log.SegmentBases);
    }

    [Fact] // S-28
    public void Segments_given_up_while_the_disk_is_busy_are_removed_by_the_flush_that_is_under_way()
    {
        LogHarness log = WithSealedSegments();
        bool isGivenUp = false;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync || isGivenUp) return;
            isGivenUp = true;
            Assert.True(log.Log.DropBefore(log.Log.ActiveSegmentBase) > 0);
        };
        log.Commit("keeps the disk busy");
        log.Disk.BeforeOperation = null;
        Assert.True(isGivenUp);
        Assert.Equal([log.Log.ActiveSegmentBase], log.SegmentBases);
    }

    [Fact]
    public void Giving_up_nothing_touches_no_disk()
    {
        LogHarness log = WithSealedSegments();
        Assert.Empty(log.Disk.OperationsOf(() =>
        {
            Assert.Equal(0, log.Log.DropBefore(0));
            log.Run();
        }));
    }

    [Fact]
    public void Sizes_count_what_is_kept_and_positions_go_on_growing()
    {
        LogHarness log = WithSealedSegments();
        (long appended, long size) = (log.Log.AppendedBytes, log.Log.SizeBytes);
        long freed = log.Log.DropBefore(log.Log.ActiveSegmentBase);
        log.Run();
        Assert.True(freed > 0);
        Assert.Equal((appended, size - freed), (log.Log.AppendedBytes, log.Log.SizeBytes));
    }

    [Fact] // a partition reads ahead while it settles
    public void Segment_that_is_being_read_can_be_given_up()
    {
        LogHarness log = WithSealedSegments();
        Assert.Equal(0, log.ReadPiece(0, 100)[0].Offset);
        long needed = log.Log.ActiveSegmentBase;
        log.Log.DropBefore(needed);
        log.Run();
        Assert.Equal(needed, log.ReadPiece(needed, 100)[0].Offset);
        log.Close();
    }

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.True(log.SegmentBases.Count >= 3, "The log hardly rolled.");
        return log;
    }
}
