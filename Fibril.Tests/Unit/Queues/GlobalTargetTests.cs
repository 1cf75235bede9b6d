using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>The broker-wide dead-letter target: live, persisted, and changed by who has seen it last.</summary>
public sealed class GlobalTargetTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly QueueName Graveyard = new("graveyard", "eu");

    private readonly SimulatedFileSystem _disk = new();

    public GlobalTargetTests() => StorageDirectories.EnsureRoot(_disk, Root);

    [Fact] // D-35, D-36
    public void A_change_names_the_version_it_is_based_on_and_outlives_a_power_loss()
    {
        GlobalTarget target = GlobalTarget.Open(_disk, Root);
        Assert.Equal(new GlobalTargetDocument(0, null), target.Current);
        Assert.True(target.TryChange(0, Graveyard, out GlobalTargetDocument first));
        Assert.Equal(new GlobalTargetDocument(1, Graveyard), first);

        Assert.False(target.TryChange(0, new QueueName("other", null), out GlobalTargetDocument present));
        Assert.Equal(first, present);
        Assert.Equal(first, GlobalTarget.Open(_disk.AfterPowerLoss(), Root).Current);

        Assert.True(target.TryChange(1, null, out _));
        Assert.Equal(new GlobalTargetDocument(2, null), GlobalTarget.Open(_disk.AfterPowerLoss(), Root).Current);
    }

    [Fact] // D-36
    public void A_change_that_cannot_be_written_is_none()
    {
        GlobalTarget target = GlobalTarget.Open(_disk, Root);
        target.TryChange(0, Graveyard, out _);
        _disk.FailNext(DiskOperationKind.Sync);
        Assert.Throws<IOException>(() => target.TryChange(1, null, out _));
        Assert.Equal(new GlobalTargetDocument(1, Graveyard), target.Current);
        Assert.True(target.TryChange(1, null, out _));
    }

    [Fact] // an older target is not the one that was set
    public void A_damaged_target_is_refused_and_not_replaced_by_an_older_one()
    {
        GlobalTarget target = GlobalTarget.Open(_disk, Root);
        target.TryChange(0, Graveyard, out _);
        string file = _disk.Content().Keys.Single(static path => path.EndsWith(".snapshot", StringComparison.Ordinal));
        _disk.Corrupt(file, position: 25, xor: 1);
        Assert.Throws<LogDamagedException>(() => GlobalTarget.Open(_disk, Root));
    }

    [Fact] // D-35, D-37: it takes effect at once
    public async Task Dead_letters_that_wait_follow_a_target_that_is_set()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(policy: DeadLetterPolicy.Global);
        await peer.PublishAllAsync("a");
        await peer.SubscribeAsync();
        await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        await peer.PingAsync();
        await broker.WhenIdleAsync();
        Assert.Single(broker.Queues.Loaded, static partition => partition.AwaitsDeadLetterTarget);

        Assert.True(broker.Queues.GlobalDeadLetterTarget.TryChange(0, Graveyard, out _));
        await peer.SubscribeAsync(Graveyard.Topic, group: Graveyard.Group);
        Assert.Equal("a", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact] // D-50: the number of the source's partition, as far as the target has as many
    public async Task The_broker_chooses_the_partition_of_the_target()
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareAsync(count: 4, policy: DeadLetterPolicy.Custom("graveyard", null));
        await peer.DeclareAsync("graveyard", count: 2);
        for (uint partition = 0; partition < 4; partition++)
        {
            await peer.PublishAsync(new TestPublish(Partition: partition) { Text = $"{partition}" });
            await peer.SubscribeAsync(partition: partition);
            await peer.NackAsync(await peer.ExpectDeliveryAsync(), requeue: false);
        }

        for (uint partition = 0; partition < 2; partition++)
        {
            await peer.SubscribeAsync("graveyard", partition, prefetch: 10);
            ReceivedDelivery[] copies = await peer.ExpectDeliveriesAsync(2);
            Assert.Equal([$"{partition}", $"{partition + 2}"], copies.Select(static copy => copy.Text).Order());
        }
    }
}
