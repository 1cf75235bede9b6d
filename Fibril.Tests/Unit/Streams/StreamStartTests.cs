using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Where a reader without a cursor starts (P-14, P-15, STR-3, 5.3).</summary>
public sealed class StreamStartTests
{
    [Fact] // P-14: the default
    public void Latest_is_what_comes_from_now_on()
    {
        using StreamScenario stream = WithTen();
        TestReader reader = stream.Harness.Read(StreamStart.Latest);
        Assert.Empty(reader.Deliveries);
        stream.Publish("new");
        Assert.Equal(["new"], reader.Texts);
    }

    [Theory] // P-14, P-15
    [InlineData(StreamStartKind.Earliest, 0, 0)]
    [InlineData(StreamStartKind.Offset, 4, 4)]
    [InlineData(StreamStartKind.Offset, 0, 0)]
    [InlineData(StreamStartKind.Offset, 10, 10)]
    [InlineData(StreamStartKind.Offset, 11, 10)]
    [InlineData(StreamStartKind.Offset, ulong.MaxValue, 10)]
    [InlineData(StreamStartKind.Back, 3, 7)]
    [InlineData(StreamStartKind.Back, 0, 10)]
    [InlineData(StreamStartKind.Back, 10, 0)]
    [InlineData(StreamStartKind.Back, 11, 0)]
    [InlineData(StreamStartKind.Back, ulong.MaxValue, 0)]
    public void A_start_is_within_what_is_kept(StreamStartKind kind, ulong value, int first)
    {
        using StreamScenario stream = WithTen();
        TestReader reader = stream.Harness.Read(Of(kind, value));
        stream.Publish("10");
        Assert.Equal(Enumerable.Range(first, 11 - first).Select(static number => (long)number), reader.Offsets);
    }

    [Theory] // P-15
    [InlineData(StreamStartKind.Earliest, 0)]
    [InlineData(StreamStartKind.Offset, 0)]
    [InlineData(StreamStartKind.Back, 1000)]
    [InlineData(StreamStartKind.Time, 1)]
    public void A_start_before_the_oldest_record_that_is_kept_is_that_record(StreamStartKind kind, ulong value)
    {
        using var stream = new StreamScenario(retention: new RetentionBounds(null, 20_000, null));
        stream.PublishLarge(0, 40);
        stream.Advance(stream.Options.RetentionInterval);
        long oldest = stream.Harness.Describe().StartOffset;
        Assert.True(oldest > 0);
        TestReader reader = stream.Harness.Read(Of(kind, value));
        Assert.Equal(oldest, reader.Deliveries[0].Offset);
        Assert.Equal(40 - oldest, reader.Deliveries.Count);
    }

    [Fact] // OPEN-5, X-22: by the broker's clock, whatever the producer says
    public void By_time_is_the_first_record_that_was_received_then_or_later()
    {
        using var stream = new StreamScenario();
        long start = stream.Harness.NowMs;
        for (int i = 0; i < 30; i++)
        {
            stream.Harness.Publish(new TestMessage(System.Text.Encoding.ASCII.GetBytes(StreamScenario.TextOf(i)), Published: 0));
            stream.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.True(stream.MessageSegments.Count > 2);
        foreach ((int ms, int first) in new[] { (-5, 0), (0, 0), (1, 1), (10, 1), (55, 6), (150, 15), (290, 29), (291, 30) })
        {
            TestReader reader = stream.Harness.Read(StreamStart.AtTime((ulong)(start + ms)));
            Assert.Equal(Enumerable.Range(first, 30 - first).Select(static number => (long)number), reader.Offsets);
        }
    }

    [Fact] // P-14
    public void Records_that_come_before_the_place_of_a_time_is_found_are_not_missed()
    {
        using var stream = new StreamScenario();
        stream.Publish("old");
        stream.Advance(TimeSpan.FromSeconds(1));
        long time = stream.Harness.NowMs;
        var reader = new TestReader(stream.Harness.Partition, new(null, StreamStart.AtTime((ulong)time), null, AutoAck: false, "a reader"));
        Assert.True(stream.Harness.Partition.TryPost(new SubscribeStreamCommand(reader.Subscription)));
        stream.Harness.Post("a");
        stream.Harness.Run();
        stream.Publish("b");
        Assert.Equal(["a", "b"], reader.Texts);
    }

    [Fact] // P-14: nothing is kept of it
    public void A_reader_without_a_name_leaves_nothing_behind()
    {
        using StreamScenario stream = WithTen();
        TestReader reader = stream.Harness.Read(StreamStart.Earliest);
        stream.Harness.Acknowledge(reader, 5);
        Assert.Empty(stream.Harness.Describe().Cursors);
        Assert.Equal(10, stream.Harness.Read(StreamStart.Earliest).Deliveries.Count);
    }

    private static StreamScenario WithTen()
    {
        var stream = new StreamScenario();
        for (int i = 0; i < 10; i++) stream.Publish(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return stream;
    }

    private static StreamStart Of(StreamStartKind kind, ulong value) => kind switch
    {
        StreamStartKind.Earliest => StreamStart.Earliest,
        StreamStartKind.Offset => StreamStart.AtOffset(value),
        StreamStartKind.Back => StreamStart.Back(value),
        StreamStartKind.Time => StreamStart.AtTime(value),
        _ => StreamStart.Latest,
    };
}
