using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>The sparse index of sealed segments: a help, never a need.</summary>
public sealed class LogIndexTests
{
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
        Assert.Equal(0, trusting.Reader.FindByTime(trusting.Log.PlanTimeSearch(0)));
        foreach (long offset in (ReadOnlySpan<long>)[200, 0, 100, 199]) Assert.Equal(offset, trusting.ReadPiece(offset, 100)[0].Offset);
        Assert.Equal(log.ReadTexts(), trusting.ReadTexts());
    }

    [Fact] // S-29: nobody waits for its sync
    public void Index_lost_with_the_power_is_rebuilt()
    {
        LogHarness log = WithSealedSegments();
        SimulatedFileSystem image = log.Disk.AfterPowerLoss();
        Assert.DoesNotContain(image.Content(), static file => file.Key.EndsWith(".idx", StringComparison.Ordinal) && file.Value.Length > 0);
        LogHarness trusting = log.Reopen(image, visitFrom: log.Log.NextOffset);
        Assert.Equal(200, trusting.ReadPiece(200, 100)[0].Offset);
        Assert.Equal(log.ReadTexts(), trusting.ReadTexts());
    }

    [Fact] // S-4, S-29: a rebuild verifies what it passes
    public void Rebuilding_an_index_over_damage_says_where_the_damage_is()
    {
        LogHarness log = WithSealedSegments();
        log.Disk.DeleteFile(SegmentNames.IndexOf(log.PathOf(0)));
        log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + 100, 1);
        LogHarness trusting = log.Reopen(visitFrom: log.Log.NextOffset);
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => trusting.ReadPiece(200, 100));
        Assert.Equal((log.PathOf(0), (long)SegmentHeader.Size, 0L), (damage.Path, damage.Position, damage.Offset));
    }

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        for (int i = 0; i < 700; i += 10) log.Commit([.. Enumerable.Range(i, 10).Select(static number => LogHarness.Text(number, 1000))]);
        Assert.True(log.Log.ActiveSegmentBase > 400);
        return log;
    }
}
