using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Old segments are given up whole, and for good.</summary>
public sealed class LogRetireTests
{
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
}
