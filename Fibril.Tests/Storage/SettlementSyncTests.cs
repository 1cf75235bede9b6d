using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>How long a settlement may be lost: until its interval has passed, or the partition stops.</summary>
public sealed class SettlementSyncTests
{
    [Fact] // S-60, M-38
    public void Settlement_is_durable_after_its_interval_and_costs_no_sync_before()
    {
        using var partition = new PartitionHarness(new SimulatedFileSystem(), new FakeTimeProvider());
        Consumer consumer = WithSettledMessage(partition);
        Assert.Equal(["settled"], RedeliveredAfterPowerLoss(partition));

        int early = partition.Disk.CountOf(DiskOperationKind.Sync, () => partition.Advance(TimeSpan.FromMilliseconds(49)));
        Assert.Equal(0, early);
        Assert.Equal(["settled"], RedeliveredAfterPowerLoss(partition));

        int due = partition.Disk.CountOf(DiskOperationKind.Sync, () => partition.Advance(TimeSpan.FromMilliseconds(1)));
        Assert.Equal(1, due);
        Assert.Empty(RedeliveredAfterPowerLoss(partition));
        Assert.Single(consumer.Deliveries);
    }

    [Fact] // S-60
    public void Settlement_is_durable_when_the_partition_has_stopped()
    {
        using var partition = new PartitionHarness(new SimulatedFileSystem(), new FakeTimeProvider());
        WithSettledMessage(partition);
        partition.Stop();
        Assert.Empty(RedeliveredAfterPowerLoss(partition));
    }

    private static Consumer WithSettledMessage(PartitionHarness partition)
    {
        // The first events make the log's file, with syncs of its own.
        Consumer consumer = partition.Subscribe();
        partition.Publish(TestMessage.Of("earlier"));
        partition.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Complete);
        partition.Advance(TimeSpan.FromSeconds(1));
        consumer.Deliveries.Clear();

        partition.Publish(TestMessage.Of("settled"));
        partition.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Complete);
        return consumer;
    }

    private static List<string> RedeliveredAfterPowerLoss(PartitionHarness partition)
    {
        using var recovered = new PartitionHarness(partition.Disk.AfterPowerLoss(), partition.Time);
        return [.. recovered.Subscribe(prefetch: 10).Deliveries.Select(static delivery => delivery.Text)];
    }
}
