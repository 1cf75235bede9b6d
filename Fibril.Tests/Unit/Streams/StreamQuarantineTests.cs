using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>A stream partition whose files are damaged, through the whole broker.</summary>
public sealed class StreamQuarantineTests
{
    private static readonly PartitionId First = new(new QueueName("audit", null), 0);

    [Fact] // S-44, S-46, S-47, S-50 to S-53, F-37
    public async Task A_damaged_partition_is_parked_alone_until_a_repair_gives_up_what_cannot_be_read()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Quarantine);
        RawPeer peer = await broker.ConnectAsync();
        string text = await peer.ExpectRefusedAsync(RawPeer.StreamSubscription(), ErrorCode.ServerFault);
        Assert.Contains("quarantined until an operator repairs it", text, StringComparison.Ordinal);
        await peer.PublishAsync(new TestPublish("audit", Partition: 1) { Text = "neighbour" });
        QuarantinedPartition parked = Assert.Single(broker.Streams.Quarantined);
        Assert.Equal((First, 1, 2), (parked.Partition, parked.Damage.Offset, parked.Damage.EndOffset));
        Assert.Single(broker.Streams.OutOfService);
        Assert.Equal((1L, true), (broker.Streams.QuarantineCount, broker.Streams.IsReady));

        RepairStep step = Assert.Single(await Patience.Wait(broker.Streams.RepairAsync(First)));
        Assert.Equal(1, step.LostRecords);
        Assert.Empty(broker.Streams.OutOfService);
        await peer.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["a", "c"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text)); // P-50
        Assert.Equal(3UL, await peer.PublishAsync(new TestPublish("audit") { Text = "d" })); // S-2: the lost offset stays taken
        Assert.Equal("d", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // S-46, S-47: the damage is met while the partition serves, and what ends it must not be found again
    public async Task A_repair_that_fails_leaves_a_partition_that_answers_and_can_be_repaired_again()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("a", "b", "c");
        await broker.WhenIdleAsync();
        CorruptSecondRecord(broker.Disk);
        await peer.SubscribeStreamAsync(name: "billing");
        await peer.ExpectPushAsync<SubscriptionClosedMessage>();

        Action heal = broker.Disk.FailAlso(static operation => operation.Path.Contains("audit", StringComparison.Ordinal));
        await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Streams.RepairAsync(First)));
        string text = await peer.ExpectRefusedAsync(new TestPublish("audit") { Text = "d" }, ErrorCode.ServerFault);
        Assert.Contains("quarantined until an operator repairs it", text, StringComparison.Ordinal);
        Assert.Equal(First, Assert.Single(broker.Streams.Quarantined).Partition);

        heal();
        await Patience.Wait(broker.Streams.RepairAsync(First));
        Assert.Equal(3UL, await peer.PublishAsync(new TestPublish("audit") { Text = "d" }));
        await peer.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["a", "c", "d"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
    }

    [Fact] // S-49, S-50
    public async Task A_broker_that_refuses_is_not_ready_once_the_damage_was_met()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Refuse);
        RawPeer peer = await broker.ConnectAsync();
        Assert.True(broker.Streams.IsReady);
        await peer.ExpectRefusedAsync(RawPeer.StreamSubscription(), ErrorCode.ServerFault);
        Assert.False(broker.Streams.IsReady);
    }

    [Fact] // S-44, S-53
    public async Task A_broker_that_ignores_repairs_at_once()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Ignore);
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeStreamAsync(name: "billing");
        Assert.Equal(["a", "c"], (await peer.DrainDeliveriesAsync()).Select(static delivery => delivery.Text));
        Assert.Contains(broker.Log.Lines, static line => line.Event == 2321);
    }

    [Fact] // S-49: everything is read before anything is served
    public async Task An_eager_start_finds_the_damage_of_streams_too()
    {
        await using SessionHarness broker = await StartOnDamageAsync(MismatchPolicy.Quarantine);
        var progress = new List<(int, int)>();
        broker.Streams.VerifyAll((done, all) => progress.Add((done, all)));
        Assert.Equal([(1, 2), (2, 2)], progress);
        Assert.Equal(First, Assert.Single(broker.Streams.Quarantined).Partition);
    }

    [Fact] // S-54, F-39: without any snapshot cursors that only it knew start anew, and those of the log stay
    public void A_repair_without_snapshots_keeps_the_records()
    {
        SimulatedFileSystem disk;
        using (var stream = new StreamScenario())
        {
            stream.Publish("a");
            disk = stream.Harness.Disk;
            stream.Harness.Stop();
        }

        foreach (long number in (long[])[1, 2])
        {
            SnapshotFile.Save(disk, StreamHarness.PartitionDirectory, number, "abc"u8, previous: number - 1);
            disk.Corrupt(Path.Combine(StreamHarness.PartitionDirectory, $"state-{number:D20}.snapshot"), 21, 1);
        }

        LogDamagedException damaged = Assert.Throws<LogDamagedException>(
            () => new StreamHarness(disk, new JumpingTimeProvider()));
        StreamRepair.Fix(PartitionHarness.LogOn(disk), StreamHarness.PartitionDirectory, damaged.Damage);
        using var repaired = new StreamHarness(disk, new JumpingTimeProvider());
        Assert.Equal(["a"], repaired.Read("billing").Texts);
    }

    private static async Task<SessionHarness> StartOnDamageAsync(MismatchPolicy policy)
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.DeclareStreamAsync(count: 2);
            await peer.PublishRecordsAsync("a", "b", "c");
            await broker.StopAsync();
        }

        SimulatedFileSystem damaged = disk.AfterKill();
        CorruptSecondRecord(damaged);
        var next = new SessionHarness(disk: damaged);
        next.Recovery.OnMismatch = policy;
        return next;
    }

    private static void CorruptSecondRecord(SimulatedFileSystem disk)
    {
        string path = disk.Content().Keys.Single(static path =>
            path.Contains(Path.Combine("streams", "audit", "0"), StringComparison.Ordinal) && path.EndsWith(".log", StringComparison.Ordinal)
            && Path.GetFileName(path).StartsWith("messages-", StringComparison.Ordinal));
        disk.Corrupt(path, FindText(disk.Content()[path], "b"), 0x10);
    }

    /// <summary>Where a payload of one letter stands: behind its length.</summary>
    private static long FindText(byte[] content, string letter)
    {
        ReadOnlySpan<byte> wanted = [0, 0, 0, 1, (byte)letter[0]];
        return content.AsSpan().LastIndexOf(wanted) + 4;
    }
}
