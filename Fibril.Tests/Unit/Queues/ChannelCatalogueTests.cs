using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;
using Fibril.Tests.Support;
using MessagePack;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Which queues exist, with what they were declared with.</summary>
public sealed class ChannelCatalogueTests
{
    private static readonly QueueName Orders = new("orders", null);

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Fact] // Q-11, DCL-1
    public async Task A_change_is_visible_and_reported_when_it_is_durable()
    {
        using var broker = new CatalogueHarness();
        Task<QueueEntry> change = Change(broker, Orders, count: 3);
        Assert.Null(broker.Catalogue.Find(Orders));
        Assert.Equal((0, 0L), (broker.Catalogue.Count, broker.Channels.Generation));
        Assert.False(change.IsCompleted);
        broker.Run();
        Assert.True(change.IsCompleted);
        Assert.Equal(3, (await change).PartitionCount);
        Assert.Equal(3, broker.Catalogue.Find(Orders)!.PartitionCount);
        Assert.Equal(1, broker.Channels.Generation);
    }

    [Fact]
    public async Task A_change_builds_on_the_one_that_is_on_its_way()
    {
        using var broker = new CatalogueHarness();
        Task<QueueEntry> first = Change(broker, Orders, count: 3);
        Task<QueueEntry> second = broker.Catalogue.ChangeAsync(Orders, static present => present! with { PartitionCount = present.PartitionCount + 1 });
        Task<QueueEntry> other = Change(broker, new QueueName("other", null), count: 1);
        broker.Run();
        Assert.Equal((3, 4, 1), ((await first).PartitionCount, (await second).PartitionCount, (await other).PartitionCount));
        Assert.Equal(4, broker.Catalogue.Find(Orders)!.PartitionCount);
    }

    [Fact]
    public async Task Who_declares_what_is_on_its_way_already_hears_of_it_no_earlier()
    {
        using var broker = new CatalogueHarness();
        Task<QueueEntry> first = Change(broker, Orders, count: 3);
        Task<QueueEntry> second = Change(broker, Orders, count: 3);
        Assert.False(second.IsCompleted);
        broker.Run();
        Assert.True(first.IsCompleted && second.IsCompleted);
        Assert.Equal(await first, await second);
    }

    [Fact] // DCL-1: idempotent
    public void An_equal_entry_costs_no_write_and_no_generation()
    {
        using var broker = new CatalogueHarness();
        broker.Await(Change(broker, Orders, count: 3));
        long generation = broker.Channels.Generation;
        int operations = broker.Disk.OperationCount;
        Assert.True(Change(broker, Orders, count: 3).IsCompletedSuccessfully);
        broker.Run();
        Assert.Equal(operations, broker.Disk.OperationCount);
        Assert.Equal(generation, broker.Channels.Generation);
    }

    [Theory, MemberData(nameof(Endings))] // S-34
    public void A_restart_brings_back_every_entry_with_everything_in_it(Ending ending)
    {
        using var broker = new CatalogueHarness();
        QueueEntry[] entries =
        [
            new(Orders, IsDeclared: true, 3, new QueueSettings(MaxRetries: 0, DefaultTtlMs: 1, DeadLetterPolicy.Discard)),
            new(new QueueName("orders", "eu"), true, 1024, new QueueSettings(int.MaxValue, long.MaxValue, DeadLetterPolicy.Global)),
            new(new QueueName("mail", null), IsDeclared: true, 1, new QueueSettings(null, null, DeadLetterPolicy.Custom("dead", "eu"))),
            new(new QueueName("log", null), IsDeclared: true, 1, new QueueSettings(5, null, DeadLetterPolicy.Custom("dead", null))),
            new(new QueueName("used", null), IsDeclared: false, 2, QueueSettings.Default),
        ];
        foreach (QueueEntry entry in entries) broker.Await(broker.Catalogue.ChangeAsync(entry.Name, _ => entry));

        using CatalogueHarness next = broker.After(ending);
        using CatalogueHarness afterNext = next.After(ending);
        Assert.Equal(entries.OrderBy(static entry => entry.Name), next.Catalogue.All.OrderBy(static entry => entry.Name));
        Assert.Equal(entries.OrderBy(static entry => entry.Name), afterNext.Catalogue.All.OrderBy(static entry => entry.Name));
    }

    [Theory, MemberData(nameof(Endings))]
    public void A_restart_keeps_the_generation(Ending ending)
    {
        using var broker = new CatalogueHarness();
        for (int count = 1; count <= 4; count++) broker.Await(Change(broker, Orders, count));
        Assert.True(broker.Channels.Generation > 0);
        using CatalogueHarness next = broker.After(ending);
        Assert.Equal(broker.Channels.Generation, next.Channels.Generation);
        Assert.Equal(4, next.Catalogue.Find(Orders)!.PartitionCount);
    }

    [Theory, MemberData(nameof(Endings))] // whatever was changed last
    public void The_generation_never_goes_back_and_never_comes_twice(Ending ending)
    {
        using var broker = new CatalogueHarness();
        broker.Await(Change(broker, Orders, count: 1));
        broker.Await(Change(broker, Orders, count: 1, maxRetries: 7));
        using CatalogueHarness next = broker.After(ending);
        Assert.True(next.Channels.Generation >= broker.Channels.Generation);
        long before = next.Channels.Generation;
        next.Await(Change(next, Orders, count: 2));
        Assert.True(next.Channels.Generation > before);
    }

    [Fact] // TOP-5: not on a bare change of settings
    public void The_generation_follows_queues_and_counts_and_not_settings()
    {
        using var broker = new CatalogueHarness();
        long empty = broker.Channels.Generation;
        broker.Await(Change(broker, Orders, count: 1));
        long created = broker.Channels.Generation;
        broker.Await(Change(broker, Orders, count: 1, maxRetries: 7));
        long configured = broker.Channels.Generation;
        broker.Await(Change(broker, Orders, count: 2, maxRetries: 7));
        long grown = broker.Channels.Generation;
        Assert.True(empty < created);
        Assert.Equal(created, configured);
        Assert.True(configured < grown);
    }

    [Fact] // S-65, 6.3
    public void A_change_whose_sync_fails_is_not_acknowledged_and_is_gone_after_a_power_loss()
    {
        using var broker = new CatalogueHarness();
        broker.Await(Change(broker, Orders, count: 1));
        broker.FailSyncs();
        Task<QueueEntry> lost = Change(broker, new QueueName("lost", null), count: 1);
        Task<QueueEntry> grown = Change(broker, Orders, count: 2);
        broker.Run();
        Assert.Contains("Input/output error", Assert.IsType<IOException>(lost.Exception?.InnerException).Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(grown.Exception?.InnerException);
        Assert.Equal((1, 1L), (broker.Catalogue.Find(Orders)!.PartitionCount, broker.Channels.Generation));
        Assert.Null(broker.Catalogue.Find(new QueueName("lost", null)));

        using CatalogueHarness next = broker.After(Ending.PowerLoss);
        Assert.Null(next.Catalogue.Find(new QueueName("lost", null)));
        Assert.Equal(1, next.Catalogue.Find(Orders)!.PartitionCount);
        Assert.Equal(1, next.Catalogue.Count);
    }

    [Fact] // S-65: never retried on the same dirty pages, but on files that were opened anew and recovered
    public void After_a_failed_sync_the_next_change_opens_the_files_anew()
    {
        using var broker = new CatalogueHarness();
        broker.FailSyncs();
        Task<QueueEntry> lost = Change(broker, Orders, count: 1);
        broker.Run();
        Assert.True(lost.IsFaulted);
        Task<QueueEntry> again = Change(broker, Orders, count: 1);
        broker.Run();
        Assert.IsType<IOException>(again.Exception?.InnerException);

        broker.Disk.BeforeOperation = null;
        broker.Await(Change(broker, Orders, count: 3));
        using CatalogueHarness next = broker.After(Ending.PowerLoss);
        Assert.Equal(3, next.Catalogue.Find(Orders)!.PartitionCount);
    }

    [Theory, MemberData(nameof(Endings))] // S-34, F-39: what the older of two snapshots stands on stays, for the first one from the beginning on
    public void A_long_history_is_compacted_at_a_start_and_means_the_same(Ending ending)
    {
        using var broker = new CatalogueHarness();
        broker.Await(Change(broker, new QueueName("other", "eu"), count: 5));
        ChangeOften(broker);
        using CatalogueHarness compacting = broker.After(ending);
        ChangeOften(compacting);
        using CatalogueHarness compactingAgain = compacting.After(ending);
        compactingAgain.Run();
        long bytes = BytesOf(compactingAgain);
        Assert.True(bytes < BytesOf(compacting) * 2 / 3, $"{BytesOf(compacting)} bytes became {bytes}");

        compactingAgain.Await(Change(compactingAgain, new QueueName("new", null), count: 1));
        using CatalogueHarness next = compactingAgain.After(ending);
        AssertCompacted(next, compactingAgain.Channels.Generation);
        Assert.True(next.Channels.Generation >= broker.Channels.Generation);
    }

    [Fact] // F-39
    public void A_damaged_newest_snapshot_is_told_replaced_and_means_the_same()
    {
        using var broker = new CatalogueHarness();
        broker.Await(Change(broker, new QueueName("other", "eu"), count: 5));
        ChangeOften(broker);
        using CatalogueHarness second = broker.After(Ending.Kill);
        ChangeOften(second);
        using CatalogueHarness third = second.After(Ending.Kill);
        third.Await(Change(third, new QueueName("new", null), count: 1));
        string directory = Path.Combine(CatalogueHarness.Root, "channels");
        string damaged = SnapshotDamage.FlipBitOfNewest(third.Disk, directory, new Random(1))!;

        using CatalogueHarness next = third.After(Ending.PowerLoss);
        Assert.Equal(damaged, Assert.Single(next.Channels.SnapshotDamages).Path);
        AssertCompacted(next, third.Channels.Generation);
        next.Run();
        using CatalogueHarness afterNext = next.After(Ending.Kill);
        Assert.Empty(afterNext.Channels.SnapshotDamages);
        AssertCompacted(afterNext, third.Channels.Generation);
        Assert.NotNull(SnapshotDamage.FlipBitOfNewest(afterNext.Disk, directory, new Random(2)));
        AssertCompacted(afterNext.After(Ending.PowerLoss), third.Channels.Generation);
    }

    [Fact] // S-54
    public void Fields_that_a_later_version_adds_are_passed_over()
    {
        var entry = new QueueEntry(Orders, IsDeclared: true, 3, new QueueSettings(1, 2, DeadLetterPolicy.Global));
        byte[] encoded = entry.Encode();
        Assert.Equal(0x9e, encoded[0]); // an array of fourteen
        byte[] extended = [0xdc, 0, 16, .. encoded[1..], 0xa1, (byte)'x', 0x93, 1, 2, 3, /* the next entry */ .. encoded];
        var reader = new MessagePackReader(extended);
        Assert.Equal(entry, QueueEntry.Read(ref reader));
        Assert.Equal(entry, QueueEntry.Read(ref reader));
        Assert.True(reader.End);
    }

    [Fact] // S-54: refused, not guessed at
    public void An_entry_of_an_unknown_kind_is_refused()
    {
        byte[] encoded = new QueueEntry(Orders, IsDeclared: true, 3, QueueSettings.Default).Encode();
        encoded[1] = 9;
        Assert.Contains("newer broker", Assert.Throws<InvalidDataException>(() => Read(encoded)).Message, StringComparison.Ordinal);

        static void Read(byte[] bytes)
        {
            var reader = new MessagePackReader(bytes);
            QueueEntry.Read(ref reader);
        }
    }

    private static Task<QueueEntry> Change(CatalogueHarness broker, QueueName name, int count, int? maxRetries = null) =>
        broker.Catalogue.ChangeAsync(name, _ => new QueueEntry(name, IsDeclared: true, count, new QueueSettings(maxRetries, null, null)));

    private static void ChangeOften(CatalogueHarness broker)
    {
        Task<QueueEntry>[] changes = [.. Enumerable.Range(0, 5000).Select(i => Change(broker, Orders, count: 2, maxRetries: i))];
        broker.Run();
        Assert.All(changes, static change => Assert.True(change.IsCompletedSuccessfully));
    }

    private static void AssertCompacted(CatalogueHarness broker, long generation)
    {
        Assert.Equal(3, broker.Catalogue.Count);
        Assert.Equal(4999, broker.Catalogue.Find(Orders)!.Settings.MaxRetries);
        Assert.Equal(5, broker.Catalogue.Find(new QueueName("other", "eu"))!.PartitionCount);
        Assert.Equal(generation, broker.Channels.Generation);
    }

    private static long BytesOf(CatalogueHarness broker) => broker.Disk.Content().Values.Sum(static file => file.LongLength);
}
