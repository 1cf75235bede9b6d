using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>A record on its way to many readers costs memory of pools only.</summary>
public sealed class StreamAllocationTests
{
    private const int Readers = 16;

    private static readonly HeaderFilter Filter = HeaderFilter.Of([new FilterClause("region", "eu-*"), new FilterClause("kind", "*order*")])!;

    [Fact]
    public void Encoding_filtering_and_addressing_records_for_many_readers_allocates_nothing()
    {
        using RecordBlock block = Block();
        var template = new DeliverTemplate(StreamHarness.Id, isSpeculative: true);
        var frames = new byte[64 << 10];
        ulong nextRequestId = 0;
        int passed = 0;
        AssertNoAllocation(() =>
        {
            DeliveryImage image = DeliveryImage.Rent(template, block, start: 0);
            image.TryAdd(block, start: 0);
            for (int reader = 0; reader < Readers; reader++)
            {
                for (int i = 0; i < image.Count; i++)
                    if (image.Passes(i, Filter)) passed++;
                image.CopyTo(frames.AsSpan(0, image.BytesOf(0, image.Count)), 0, image.Count, (ulong)reader, reader, ref nextRequestId);
            }

            image.Return();
        });
        Assert.True(passed > 0);
    }

    [Fact]
    public void Acknowledging_allocates_nothing()
    {
        using var stream = new StreamScenario();
        stream.Publish("a", "b");
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 0);
        AssertNoAllocation(() =>
        {
            // The second and all that follow cost nothing until the partition has looked at the first.
            for (int i = 0; i < 100; i++) reader.Subscription.NoteAcked(1);
        });
    }

    private static void AssertNoAllocation(Action action)
    {
        action(); // what is allocated once per process is not meant
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static RecordBlock Block()
    {
        RecordBlock block = RecordBlock.Rent(32 << 10);
        for (int i = 0; i < 20; i++)
        {
            var message = StreamHarness.WithHeaders(new string('x', 1000), ("region", "eu-west"), ("kind", i % 2 == 0 ? "an order" : "bill")).ToNewMessage();
            MessageRecord.Write(
                block.Add(MessageRecord.Kind, 0, timestamp: 77, MessageRecord.Measure(message)), message);
        }

        block.Seal(0, 0, 1);
        return block;
    }
}
