using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Many readers of one partition: those that keep up, and those that do not.</summary>
public sealed class StreamFanOutTests
{
    [Fact] // P-1, STR-1, P-70
    public void Every_reader_sees_every_record_once_and_in_order()
    {
        using var stream = new StreamScenario();
        TestReader[] readers = [.. Enumerable.Range(0, 16).Select(_ => stream.Harness.Read(StreamStart.Latest))];
        for (int i = 0; i < 50; i++) stream.Publish($"{i} a", $"{i} b");
        string[] all = [.. Enumerable.Range(0, 50).SelectMany(static i => (string[])[$"{i} a", $"{i} b"])];
        Assert.All(readers, reader => Assert.Equal(all, reader.Texts));
        Assert.All(readers, static reader => Assert.Equal(Enumerable.Range(0, 100).Select(static i => (ulong)i), reader.Deliveries.Select(static delivery => delivery.RequestId)));
        Assert.Equal((100, 1600), (stream.Harness.Partition.PublishedCount, stream.Harness.Partition.DeliveredCount));
        Assert.Equal(16, stream.Harness.Partition.LiveSubscriptionCount);
    }

    [Fact] // those that keep up are served without the disk
    public void Readers_that_keep_up_need_no_read()
    {
        using var stream = new StreamScenario();
        TestReader reader = stream.Harness.Read(StreamStart.Latest);
        stream.Harness.Disk.BeforeRead = static path => Assert.Fail($"{path} was read");
        for (int i = 0; i < 100; i++) stream.Publish(StreamScenario.TextOf(i));
        stream.Harness.Disk.BeforeRead = null;
        Assert.Equal(100, reader.Deliveries.Count);
    }

    [Theory, InlineData(Durability.Ephemeral), InlineData(Durability.Speculative), InlineData(Durability.Durable)] // P-50 to P-52, P-54, F-18, FRM-18, M-67
    public void A_stalled_reader_costs_the_others_nothing_and_comes_back_without_a_gap_or_a_repetition(Durability tier)
    {
        using var stream = new StreamScenario(tier, options: new StreamOptions { LiveBytes = 64 << 10 });
        TestReader quick = stream.Harness.Read(StreamStart.Latest);
        TestReader stalled = stream.Harness.Read("stalled", room: 5);
        for (int i = 0; i < 200; i++)
        {
            stream.Harness.Publish(StreamScenario.TextOf(i));
            Assert.Equal(i + 1, quick.Deliveries.Count);
        }

        Assert.Equal(5, stalled.Deliveries.Count);
        Assert.Equal(1, stream.Harness.Partition.LiveSubscriptionCount);
        Assert.Equal(0, stream.Harness.Partition.LagRecoveries);

        // It reads on, slower than the producer at first.
        for (int i = 200; i < 260; i++)
        {
            stalled.MakeRoom(3);
            stream.Harness.Publish(StreamScenario.TextOf(i));
        }

        stalled.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        for (int i = 260; i < 300; i++) stream.Harness.Publish(StreamScenario.TextOf(i));
        string[] all = [.. Enumerable.Range(0, 300).Select(StreamScenario.TextOf)];
        Assert.Equal(all, stalled.Texts);
        Assert.Equal(all, quick.Texts);
        Assert.Equal((2, 1), (stream.Harness.Partition.LiveSubscriptionCount, stream.Harness.Partition.LagRecoveries));
    }

    [Fact] // P-51, P-53
    public void An_auto_ack_cursor_of_a_stalled_reader_stays_where_it_was_sent_to()
    {
        using var stream = new StreamScenario(options: new StreamOptions { LiveBytes = 64 << 10 });
        TestReader stalled = stream.Harness.Read("stalled", autoAck: true, room: 5);
        for (int i = 0; i < 100; i++) stream.Harness.Publish(StreamScenario.TextOf(i));
        Assert.Equal(5, stream.Harness.Cursor("stalled").Position);
        stalled.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        Assert.Equal(100, stream.Harness.Cursor("stalled").Position);
    }

    [Fact] // the memory for recent records is bounded, however far readers are behind
    public void Records_that_nobody_will_be_served_from_memory_are_not_kept_there()
    {
        using var stream = new StreamScenario(options: new StreamOptions { LiveBytes = 64 << 10 });
        stream.Harness.Read(StreamStart.Latest, room: 0);
        for (int i = 0; i < 100; i++) stream.Harness.Publish(StreamScenario.TextOf(i));
        Assert.True(stream.Harness.Budget.TryTake((16 << 20) - (96 << 10)), "more is held than the bound and one image");
    }

    [Fact] // the memory that all partitions share is used up: what cannot be kept is read
    public void Without_memory_to_share_readers_are_served_all_the_same()
    {
        using var stream = new StreamScenario();
        Assert.True(stream.Harness.Budget.TryTake(16 << 20));
        TestReader quick = stream.Harness.Read(StreamStart.Latest);
        TestReader slow = stream.Harness.Read(StreamStart.Latest, room: 1);
        for (int i = 0; i < 20; i++) stream.Harness.Publish(StreamScenario.TextOf(i));
        slow.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        Assert.Equal((20, 20), (quick.Deliveries.Count, slow.Deliveries.Count));
    }

    [Fact] // P-50: whatever the sizes
    public void A_record_that_is_larger_than_every_piece_is_delivered_whole()
    {
        using var stream = new StreamScenario();
        TestReader live = stream.Harness.Read(StreamStart.Latest);
        string large = new('x', 700_000);
        stream.Publish("before", large, "after");
        Assert.Equal(["before", large, "after"], live.Texts);
        Assert.Equal(["before", large, "after"], stream.Harness.Read(StreamStart.Earliest).Texts);
    }

    [Fact] // X-11, DLV-3
    public void A_tag_says_its_offset_and_its_subscription()
    {
        foreach (long offset in (long[])[0, 1, 12345, (1L << 41) - 1])
        {
            foreach (int slot in (int[])[0, 7, StreamTags.SlotCount - 1])
            {
                ulong tag = StreamTags.Of(offset, slot);
                Assert.Equal((offset, slot), (StreamTags.OffsetOf(tag), StreamTags.SlotOf(tag)));
                Assert.True(tag < 1UL << 53);
            }
        }
    }

    [Fact] // DLV-8
    public void A_reader_that_acknowledges_nothing_is_served_on_for_ever()
    {
        using var stream = new StreamScenario();
        TestReader reader = stream.Harness.Read("never");
        for (int i = 0; i < 500; i++) stream.Publish("a");
        Assert.Equal(500, reader.Deliveries.Count);
    }

    [Fact] // M-66: a read that fails is tried again
    public void A_read_that_fails_is_tried_again_and_readers_that_keep_up_do_not_notice()
    {
        using var stream = new StreamScenario();
        stream.PublishLarge(0, 30);
        stream.Harness.Disk.BeforeRead = static _ => throw DiskFaults.InputOutputError();
        TestReader behind = stream.Harness.Read(StreamStart.Earliest);
        TestReader live = stream.Harness.Read(StreamStart.Latest);
        stream.Publish("new");
        Assert.Equal(["new"], live.Texts);
        Assert.Empty(behind.Deliveries);
        stream.Harness.Disk.BeforeRead = null;
        stream.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(31, behind.Deliveries.Count);
    }
}
