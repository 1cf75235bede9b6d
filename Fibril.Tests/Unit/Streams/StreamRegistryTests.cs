using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Which streams there are, and how they come and go.</summary>
public sealed class StreamRegistryTests
{
    private static readonly QueueName Audit = new("audit", null);

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Theory, MemberData(nameof(Endings))] // P-4, Q-9, S-34
    public async Task A_declaration_is_remembered_with_everything_in_it(Ending ending)
    {
        var disk = new SimulatedFileSystem();
        var declaration = new StreamDeclaration(3, Durability.Durable, new RetentionBounds(1, 2, 3), 2);
        var plain = new StreamDeclaration(null, Durability.Ephemeral, RetentionBounds.None, null);
        await using (var broker = new SessionHarness(disk: disk))
        {
            await broker.Streams.DeclareAsync(Audit, declaration);
            await broker.Streams.DeclareAsync(new QueueName("news", null), plain);
            if (ending == Ending.Stop) await broker.StopAsync();
        }

        await using var next = new SessionHarness(disk: ending == Ending.PowerLoss ? disk.AfterPowerLoss() : disk.AfterKill());
        Assert.Equal(new StreamEntry(Audit, 3, new StreamSettings(Durability.Durable, new RetentionBounds(1, 2, 3), 2)), next.Streams.Catalogue.Find(Audit));
        Assert.Equal(new StreamSettings(Durability.Ephemeral, RetentionBounds.None, null), next.Streams.Catalogue.Find(new QueueName("news", null))!.Settings);
        Assert.Empty(next.Queues.Catalogue.All);
    }

    [Fact] // P-5
    public async Task A_declaration_changes_retention_and_followers_and_keeps_what_it_does_not_name()
    {
        await using var broker = new SessionHarness();
        await broker.Streams.DeclareAsync(Audit, new StreamDeclaration(2, Durability.Durable, new RetentionBounds(10, 20, null), 1));
        StreamEntry same = await broker.Streams.DeclareAsync(Audit, new StreamDeclaration(null, Durability.Durable, RetentionBounds.None, null));
        Assert.Equal((2, new RetentionBounds(10, 20, null), 1), (same.PartitionCount, same.Settings.Retention, same.Settings.ReplicationFactor));
        StreamEntry changed = await broker.Streams.DeclareAsync(Audit, new StreamDeclaration(1, Durability.Durable, new RetentionBounds(null, null, 5), 3));
        Assert.Equal((2, new RetentionBounds(null, null, 5), 3), (changed.PartitionCount, changed.Settings.Retention, changed.Settings.ReplicationFactor));
    }

    [Fact] // P-5, DCL-5: a declaration that changes nothing costs no write
    public async Task The_same_declaration_writes_nothing()
    {
        await using var broker = new SessionHarness();
        var declaration = new StreamDeclaration(2, Durability.Durable, new RetentionBounds(10, 20, null), null);
        await broker.Streams.DeclareAsync(Audit, declaration);
        (int operations, long generation) = (broker.Disk.OperationCount, broker.Catalogue.Generation);
        await broker.Streams.DeclareAsync(Audit, declaration);
        Assert.Equal((operations, generation), (broker.Disk.OperationCount, broker.Catalogue.Generation));
    }

    [Fact] // P-2: partitions serve throughput; they do not divide the records among readers
    public async Task Every_reader_of_every_partition_gets_all_that_is_in_it()
    {
        await using var broker = new SessionHarness();
        RawPeer producer = await broker.ConnectAsync();
        await producer.DeclareStreamAsync(count: 2);
        for (uint partition = 0; partition < 2; partition++)
            await producer.PublishAsync(new TestPublish("audit", Partition: partition) { Text = $"{partition}" });
        foreach (RawPeer reader in (RawPeer[])[await broker.ConnectAsync(), await broker.ConnectAsync()])
        {
            for (uint partition = 0; partition < 2; partition++)
            {
                await reader.SubscribeStreamAsync(partition: partition, start: StreamStart.Earliest);
                Assert.Equal($"{partition}", (await reader.ExpectDeliveryAsync()).Text);
            }
        }
    }

    [Theory, MemberData(nameof(Endings))] // S-32, Q-9: the topic is free, for either kind, and nothing of it comes back
    public async Task A_deletion_is_for_good(Ending ending)
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.DeclareStreamAsync();
            await peer.PublishRecordsAsync("old");
            await Patience.Wait(broker.Streams.DeleteAsync(Audit));
            Assert.DoesNotContain(disk.Content().Keys, static path => path.Contains("audit", StringComparison.Ordinal));
            await peer.DeclareAsync("audit");
            if (ending == Ending.Stop) await broker.StopAsync();
        }

        await using var next = new SessionHarness(disk: ending == Ending.PowerLoss ? disk.AfterPowerLoss() : disk.AfterKill());
        Assert.Null(next.Streams.Catalogue.Find(Audit));
        Assert.NotNull(next.Queues.Catalogue.Find(Audit));
    }

    [Fact] // S-64: else the files of the new stream go with those of the old
    public async Task Who_declares_a_stream_again_while_it_is_deleted_waits_for_the_end_of_that()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("old");
        Task<StreamEntry>? again = null;
        bool wasThere = false;
        Action<DiskOperation> usual = broker.Disk.BeforeOperation!;
        broker.Disk.BeforeOperation = operation =>
        {
            usual(operation);
            if (again is not null || operation.Kind != DiskOperationKind.Delete) return;
            again = broker.Streams.DeclareAsync(Audit, new StreamDeclaration(4, Durability.Durable, RetentionBounds.None, null));
            wasThere = again.Wait(TimeSpan.FromMilliseconds(200)); // as long as it takes when it does not wait, and then some
        };
        await Patience.Wait(broker.Streams.DeleteAsync(Audit));
        Assert.False(wasThere);
        Assert.Equal(4, (await Patience.Wait(again!)).PartitionCount);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish("audit", Partition: 3) { Text = "new" }));
        await using var next = new SessionHarness(disk: broker.Disk.AfterKill());
        RawPeer later = await next.ConnectAsync();
        await later.SubscribeStreamAsync(partition: 3, name: "billing");
        Assert.Equal("new", Assert.Single(await later.DrainDeliveriesAsync()).Text);
    }

    [Fact] // S-32, S-64
    public async Task A_stream_whose_files_could_not_be_removed_does_not_come_back_with_its_name()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishRecordsAsync("old");
        Action heal = broker.Disk.FailAlso(static operation => operation.Kind == DiskOperationKind.Delete);
        await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Streams.DeleteAsync(Audit)));
        var declaration = new StreamDeclaration(1, Durability.Durable, RetentionBounds.None, null);
        await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Streams.DeclareAsync(Audit, declaration)));

        heal();
        await peer.DeclareStreamAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish("audit") { Text = "new" }));
        await peer.SubscribeStreamAsync(name: "billing");
        Assert.Equal("new", Assert.Single(await peer.DrainDeliveriesAsync()).Text);
    }

    [Fact] // S-32: a crash between the catalogue and the files, and the topic is a queue by then
    public async Task The_next_start_removes_the_files_of_a_stream_whose_topic_is_a_queue_by_now()
    {
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            RawPeer peer = await broker.ConnectAsync();
            await peer.DeclareStreamAsync();
            await peer.PublishRecordsAsync("old");
            disk.FailAlso(static operation => operation.Kind == DiskOperationKind.Delete && operation.Path.Contains("streams", StringComparison.Ordinal));
            await Assert.ThrowsAsync<IOException>(() => Patience.Wait(broker.Streams.DeleteAsync(Audit)));
            await peer.DeclareAsync("audit");
        }

        SimulatedFileSystem left = disk.AfterKill();
        Assert.Contains(left.Content().Keys, static path => path.Contains(Path.Combine("streams", "audit"), StringComparison.Ordinal));
        await using var next = new SessionHarness(disk: left);
        Assert.DoesNotContain(left.Content().Keys, static path => path.Contains(Path.Combine("streams", "audit"), StringComparison.Ordinal));
    }

    [Fact] // S-60
    public async Task A_stop_closes_what_is_open_and_opens_nothing_more()
    {
        await using var broker = new SessionHarness();
        await broker.Streams.DeclareAsync(Audit, new StreamDeclaration(2, Durability.Durable, RetentionBounds.None, null));
        StreamPartition partition;
        using (PartitionLease<StreamPartition> lease = await broker.Streams.AcquireAsync(new(Audit, 0), PartitionUse.Visit)) partition = lease.Partition;
        await Patience.Wait(broker.Streams.StopAsync());
        Assert.Contains("stopping", partition.ParkedBecause, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await broker.Streams.AcquireAsync(new(Audit, 1), PartitionUse.Visit));
    }

    [Fact] // P-3: no group
    public async Task A_stream_has_no_group()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.DeclareStreamAsync();
        await peer.PublishAsync(new TestPublish("audit", "eu") { Text = "a" });
        await peer.PublishAsync(new TestPublish("audit", "default") { Text = "b" });
        Assert.Equal(2, Assert.Single(await Patience.Wait(broker.Streams.DescribeAsync(Audit))).EndOffset);
        Assert.Single(broker.Catalogue.Entries);
    }

    [Fact] // S-32, S-34
    public async Task Topics_on_the_disk_that_nobody_declared_are_reported()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data", "streams", "stray"));
        await using var broker = new SessionHarness(disk: disk);
        Assert.Equal(["stray"], broker.Streams.FindUnknownTopics());
    }
}
