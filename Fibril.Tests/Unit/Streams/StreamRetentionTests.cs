using Fibril.Broker.Log;
using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>What is kept, and what happens to those who have not read the rest (P-40 to P-43).</summary>
public sealed class StreamRetentionTests
{
    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Fact] // P-40
    public void A_stream_without_bounds_keeps_everything()
    {
        using var stream = new StreamScenario();
        stream.PublishLarge(0, 100);
        stream.Advance(TimeSpan.FromDays(1000));
        Assert.Equal(100, stream.Harness.Read(StreamStart.Earliest).Deliveries.Count);
    }

    [Fact] // P-40, P-41
    public void Of_the_records_at_least_as_many_are_kept_as_the_bound_says_and_at_most_a_segment_more()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(null, null, MaxRecords: 20));
        stream.PublishLarge(0, 100);
        stream.Advance(stream.Options.RetentionInterval);
        Assert.InRange(stream.Harness.Read(StreamStart.Earliest).Deliveries.Count, 20, 26); // five to a segment of 16 KiB
    }

    [Fact] // P-40, P-41
    public void Of_the_bytes_at_least_as_many_are_kept_as_the_bound_says_and_at_most_a_segment_more()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(null, MaxBytes: 100_000, null));
        stream.PublishLarge(0, 100);
        stream.Advance(stream.Options.RetentionInterval);
        Assert.InRange(stream.Harness.Describe().SizeBytes, 100_000, 100_000 + (16 << 10));
    }

    [Fact] // P-40
    public void Records_go_when_all_of_their_segment_is_too_old()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(MaxAgeMs: 60_000, null, null));
        stream.PublishLarge(0, 20);
        stream.Advance(TimeSpan.FromSeconds(40));
        stream.PublishLarge(20, 20);
        Assert.Equal(0, stream.Harness.Describe().StartOffset);
        stream.Advance(TimeSpan.FromSeconds(30));
        long start = stream.Harness.Describe().StartOffset;
        Assert.InRange(start, 15, 20);
        stream.Advance(TimeSpan.FromSeconds(60));
        Assert.InRange(stream.Harness.Describe().StartOffset, start + 1, 39); // all but the active segment
    }

    [Fact] // P-41
    public void The_segment_that_is_written_to_is_never_dropped()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(1, 1, 1));
        stream.Publish("a");
        stream.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["a"], stream.Harness.Read(StreamStart.Earliest).Texts);
    }

    [Fact] // P-41: a stream that is written to slowly is not kept for ever because no segment of it is full
    public void A_segment_is_sealed_before_it_is_full_when_a_good_part_of_the_bound_is_in_it()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(MaxAgeMs: 80_000, null, null));
        for (int i = 0; i < 20; i++)
        {
            stream.Publish($"{i}");
            stream.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(stream.Harness.Read(StreamStart.Earliest).Deliveries.Count, 8, 11);
    }

    [Fact] // P-42
    public void A_cursor_that_retention_overtakes_goes_on_at_the_oldest_record_and_is_marked()
    {
        using var stream = new StreamScenario(
            retention: new RetentionBounds(null, 50_000, null), options: new StreamOptions { LiveBytes = 64 << 10 });
        stream.PublishLarge(0, 5);
        TestReader reader = stream.Harness.Read("slow", room: 3);
        stream.Harness.Acknowledge(reader, 1);
        stream.PublishLarge(5, 60);
        stream.Advance(stream.Options.RetentionInterval);
        StreamPartitionStatus status = stream.Harness.Describe();
        Assert.True(status.StartOffset > 5);
        CursorStatus cursor = Assert.Single(status.Cursors);
        Assert.Equal((status.StartOffset, true), (cursor.Position, cursor.IsLagged));
        Assert.Contains(stream.Log.Lines, static line => line.Text.Contains("retention overtook", StringComparison.Ordinal));

        reader.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        AssertJumpsOnce(reader, status.StartOffset, 65);
        Assert.True(reader.Subscription.IsLagged);
        Assert.True(stream.Harness.Describe().Lagged >= 2, "the cursor and its reader are counted");
    }

    [Fact] // P-43
    public void A_reader_amid_a_segment_that_is_dropped_goes_on_with_the_oldest_record_that_is_kept()
    {
        using var stream = new StreamScenario();
        stream.PublishLarge(0, 100);
        TestReader reader = stream.Harness.Read(StreamStart.Earliest, room: 7);
        stream.Keep(new RetentionBounds(null, null, 20));
        long start = stream.Harness.Describe().StartOffset;
        reader.MakeRoom(int.MaxValue);
        stream.Harness.Run();

        AssertJumpsOnce(reader, start, 100);
    }

    [Theory, MemberData(nameof(Endings))] // P-42, S-2
    public void A_restart_knows_where_the_stream_starts_and_ends(Ending ending)
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(null, null, 20));
        stream.PublishLarge(0, 100);
        stream.Advance(stream.Options.RetentionInterval);
        long start = stream.Harness.Describe().StartOffset;
        stream.Restart(ending);
        Assert.Equal((start, 100), (stream.Harness.Describe().StartOffset, stream.Harness.Describe().EndOffset));
        Assert.Equal(Range(start, 100), stream.Harness.Read(StreamStart.Earliest).Offsets);
        stream.PublishLarge(100, 1);
        Assert.Equal(100, stream.Harness.Publisher.Confirmed.Values.Max());
    }

    [Fact] // S-44: a segment that nobody gave up is missed
    public void A_missing_file_is_told_from_one_that_was_given_up()
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(null, null, 20));
        stream.PublishLarge(0, 100);
        stream.Advance(stream.Options.RetentionInterval);
        stream.Harness.Disk.DeleteFile(Path.Combine(StreamHarness.PartitionDirectory, stream.MessageSegments[0]));
        LogDamagedException damaged = Assert.Throws<LogDamagedException>(() => stream.Restart(Ending.Kill));
        Assert.True(damaged.Damage.IsMissing);
    }

    [Fact] // P-43: what a crash leaves of a removal is finished
    public void Files_that_were_given_up_and_came_back_with_the_power_are_removed()
    {
        using var stream = new StreamScenario();
        stream.PublishLarge(0, 100);
        stream.Harness.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Delete) throw DiskFaults.InputOutputError();
        };
        stream.Keep(new RetentionBounds(null, null, 20));
        long start = stream.Harness.Describe().StartOffset;
        Assert.True(start > 0);
        int before = stream.MessageSegments.Count;
        stream.Restart(Ending.PowerLoss);
        Assert.True(stream.MessageSegments.Count < before);
        Assert.Equal(start, stream.Harness.Describe().StartOffset);
    }

    [Fact] // P-5
    public void Changed_retention_applies_at_once()
    {
        using var stream = new StreamScenario();
        stream.PublishLarge(0, 100);
        stream.Keep(new RetentionBounds(null, null, 30));
        Assert.InRange(stream.Harness.Describe().StartOffset, 64, 70);
        stream.Keep(RetentionBounds.None);
        long start = stream.Harness.Describe().StartOffset;
        stream.PublishLarge(100, 50);
        stream.Advance(TimeSpan.FromDays(1));
        Assert.Equal(start, stream.Harness.Describe().StartOffset);
    }

    /// <summary>P-50: nothing is left out but what retention took; what was read before that may still come.</summary>
    private static void AssertJumpsOnce(TestReader reader, long start, long end)
    {
        long[] offsets = [.. reader.Offsets];
        int jump = Array.FindIndex(offsets, offset => offset >= start);
        Assert.True(jump < start, "nothing was left out");
        Assert.Equal(Range(0, jump), offsets[..jump]);
        Assert.Equal(Range(start, end), offsets[jump..]);
    }

    private static IEnumerable<long> Range(long from, long to)
    {
        for (long offset = from; offset < to; offset++) yield return offset;
    }
}
