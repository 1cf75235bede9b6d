using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Files that a crash leaves half made, half removed, or that are none of the log's.</summary>
public sealed class LogStartTests
{
    [Fact] // S-7, S-19
    public void Crash_before_any_step_of_rolling_costs_nothing_that_was_durable()
    {
        var log = new LogHarness();
        while (log.Log.NextOffset < 15) log.Commit(LogHarness.Text((int)log.Log.NextOffset, 1000));
        var images = new List<(string Where, SimulatedFileSystem Image)>();
        log.Disk.BeforeOperation = operation =>
        {
            string where = $"before {operation.Kind} {operation.Path} at {operation.Position}";
            images.Add(($"killed {where}", log.Disk.AfterKill()));
            images.Add(($"power lost {where}", log.Disk.AfterPowerLoss()));
        };
        log.Commit(LogHarness.Text(15, 1000));
        log.Disk.BeforeOperation = null;
        Assert.Equal(15, log.Log.ActiveSegmentBase);
        Assert.True(images.Count >= 16, "Rolling took fewer steps than expected.");

        foreach ((string where, SimulatedFileSystem image) in images) AssertGoesOn(log, image, where);
    }

    [Fact] // S-42, F-40
    public void Segment_whose_header_was_torn_at_any_byte_is_made_anew()
    {
        var log = new LogHarness();
        while (log.Log.NextOffset < 15) log.Commit(LogHarness.Text((int)log.Log.NextOffset, 1000));
        (SimulatedFileSystem Image, DiskOperation Write)? written = null;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation is { Kind: DiskOperationKind.Write, Position: 0, Data.Length: SegmentHeader.Size })
                written = (log.Disk.AfterKill(), operation);
        };
        log.Commit(LogHarness.Text(15, 1000));
        log.Disk.BeforeOperation = null;

        Assert.NotNull(written);
        for (int bytes = 0; bytes <= SegmentHeader.Size; bytes++)
        {
            SimulatedFileSystem image = written.Value.Image.AfterKill();
            image.ApplyPartOf(written.Value.Write, bytes);
            AssertGoesOn(log, image, $"header torn at byte {bytes}");
        }
    }

    [Fact] // S-42
    public void First_segment_without_a_header_is_made_anew()
    {
        var disk = new SimulatedFileSystem();
        var log = new LogHarness(disk);
        disk.FailNext(DiskOperationKind.Write);
        log.Commit("never written");
        Assert.Equal([0], log.SegmentBases);

        LogHarness again = log.Reopen();
        Assert.Empty(again.Visited);
        again.Commit("first");
        Assert.Equal(["first"], again.Reopen(disk.AfterPowerLoss()).ReadTexts());
    }

    [Fact] // S-28, F-40
    public void Removal_that_a_crash_interrupted_is_finished()
    {
        var log = new LogHarness();
        for (int i = 0; i < 60; i++) log.Commit(LogHarness.Text(i, 1000));
        IReadOnlyList<long> bases = log.SegmentBases;
        LogHarness again = log.Reopen(neededFrom: bases[2] + 1, visitFrom: bases[2] + 1);

        Assert.Equal(bases.Skip(2), again.SegmentBases);
        Assert.Equal(bases[2], again.Log.StartOffset);
        Assert.False(again.Exists(SegmentNames.IndexOf(log.PathOf(0))));
        Assert.True(again.Exists(SegmentNames.IndexOf(log.PathOf(bases[2]))));
        Assert.Equal(log.ReadTexts(bases[2]), again.ReadTexts(bases[2]));
    }

    [Fact]
    public void Segment_that_holds_the_first_needed_record_as_its_last_is_kept()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.Equal(0, log.Reopen(log.Disk.AfterKill(), neededFrom: log.SegmentBases[1] - 1).Log.StartOffset);
        Assert.Equal(log.SegmentBases[1], log.Reopen(log.Disk.AfterKill(), neededFrom: log.SegmentBases[1]).Log.StartOffset);
    }

    [Fact] // S-32, F-40
    public void Files_of_others_are_left_alone()
    {
        string[] foreign = ["notes.txt", "messages-x.log", "events-00000000000000000003.idx", "messages-1.log.bak"];
        var log = new LogHarness();
        log.Commit("record");
        foreach (string name in foreign) log.Disk.Create(Path.Combine(LogHarness.Folder, name)).Dispose();
        LogHarness again = log.Reopen();
        Assert.Equal(["record"], again.ReadTexts());
        Assert.Empty(foreign.Except(again.Disk.ListFiles(LogHarness.Folder)));
    }

    private static void AssertGoesOn(LogHarness log, SimulatedFileSystem image, string where)
    {
        LogHarness recovered = log.Reopen(image);
        Assert.True(recovered.Visited.Count >= 15, $"{where}: only {recovered.Visited.Count} records are left.");
        List<string> expected = [.. recovered.Visited.Select(static record => record.Text), "goes on"];
        recovered.Commit("goes on");
        Assert.True(recovered.Log.Fault is null, $"{where}: {recovered.Log.Fault}");
        Assert.Equal(expected, recovered.Reopen(image.AfterPowerLoss()).ReadTexts());
    }
}
