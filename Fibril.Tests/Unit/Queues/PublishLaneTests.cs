using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What waits for a partition whose disk is slow is bounded, in batches and in bytes.</summary>
public sealed class PublishLaneTests
{
    private readonly PublishLane _lane = new(mostBytes: 10_000);

    [Fact]
    public void Batches_come_out_in_order()
    {
        PublishBatch[] batches = [BatchOf(10), BatchOf(20), BatchOf(30)];
        foreach (PublishBatch batch in batches) Assert.True(_lane.TryWrite(batch));
        Assert.Equal(batches, Drain());
        Assert.True(_lane.IsEmpty);
    }

    [Fact] // S-18
    public void Lane_takes_64_small_batches()
    {
        for (int i = 0; i < 64; i++) Assert.True(_lane.TryWrite(BatchOf(1)));
        Assert.False(_lane.TryWrite(BatchOf(1)));
        Assert.Equal(64, Drain().Count);
    }

    [Fact] // S-18
    public void Lane_takes_few_large_batches()
    {
        for (int i = 0; i < 3; i++) Assert.True(_lane.TryWrite(BatchOf(3000)));
        Assert.False(_lane.TryWrite(BatchOf(3000)));
        Assert.True(_lane.TryWrite(BatchOf(100)));
    }

    [Fact]
    public void Batch_larger_than_the_lane_goes_alone()
    {
        Assert.True(_lane.TryWrite(BatchOf(20_000)));
        Assert.False(_lane.TryWrite(BatchOf(1)));
        Assert.Single(Drain());
        Assert.True(_lane.TryWrite(BatchOf(1)));
        Assert.False(_lane.TryWrite(BatchOf(20_000)));
    }

    [Fact] // M-68
    public async Task Writers_wait_until_there_is_room_for_them()
    {
        Assert.True(_lane.TryWrite(BatchOf(5000)));
        PublishBatch large = BatchOf(8000);
        PublishBatch alsoLarge = BatchOf(8001);
        Task first = _lane.WriteAsync(large, TestContext.Current.CancellationToken).AsTask();
        Task second = _lane.WriteAsync(alsoLarge, TestContext.Current.CancellationToken).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted);

        var taken = new List<PublishBatch>();
        while (taken.Count < 3)
        {
            if (_lane.TryRead(out PublishBatch? batch)) taken.Add(batch);
            else await Patience.Wait(Task.WhenAny(first, second));
        }

        await Patience.Wait(Task.WhenAll(first, second));
        Assert.Equivalent(new[] { large, alsoLarge }, taken[1..]);
        Assert.True(_lane.IsEmpty);
    }

    [Fact]
    public async Task Writer_that_gives_up_leaves_nothing_behind()
    {
        Assert.True(_lane.TryWrite(BatchOf(9000)));
        using var cancel = new CancellationTokenSource();
        Task write = _lane.WriteAsync(BatchOf(5000), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Single(Drain());
    }

    private static PublishBatch BatchOf(int payloadBytes)
    {
        PublishBatch batch = PublishBatch.Rent(new Publisher(), payloadBytes + 256, receivedAt: 0);
        var message = new NewMessage { ContentType = ContentType.Of(ContentTypeKind.Text), Payload = new byte[payloadBytes] };
        Assert.True(batch.TryAdd(in message, receivedMs: 0, confirmId: null));
        return batch;
    }

    private List<PublishBatch> Drain()
    {
        var batches = new List<PublishBatch>();
        while (_lane.TryRead(out PublishBatch? batch)) batches.Add(batch);
        return batches;
    }
}
