using System.Text;
using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Partitions come into being, are opened once, and each in a place of its own.</summary>
public sealed class QueueRegistryTests
{
    private static readonly QueueName Orders = new("orders", null);

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Theory, MemberData(nameof(Endings))] // DCL-2, Q-13, S-34
    public async Task What_was_declared_and_declared_again_is_there_after_a_restart(Ending ending)
    {
        using var broker = new CatalogueHarness();
        Assert.Equal(2, (await DeclareAsync(broker, Orders, count: 2, maxRetries: 1)).PartitionCount);
        Assert.Equal(4, (await DeclareAsync(broker, Orders, count: 4)).PartitionCount);
        Assert.Equal(4, (await DeclareAsync(broker, Orders, count: 3, maxRetries: 5)).PartitionCount);

        using CatalogueHarness next = broker.After(ending);
        Assert.Equal(new QueueEntry(Orders, IsDeclared: true, 4, new QueueSettings(5, null, null)), Assert.Single(next.Catalogue.All));
        Assert.Equal(5, (await next.Registry.GetAsync(new PartitionId(Orders, 3))).Settings.MaxRetries);
    }

    [Fact] // Q-13, M-45
    public async Task Another_declaration_reaches_partitions_that_are_open()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 2, maxRetries: 1);
        QueuePartition[] partitions = [await broker.Registry.GetAsync(new(Orders, 0)), await broker.Registry.GetAsync(new(Orders, 1))];
        Assert.All(partitions, static partition => Assert.Equal(1, partition.Settings.MaxRetries));
        await DeclareAsync(broker, Orders, maxRetries: 2);
        Assert.All(partitions, static partition => Assert.Equal(2, partition.Settings.MaxRetries));
    }

    [Fact] // Q-13, M-45
    public async Task A_declaration_says_what_it_has_changed()
    {
        using var broker = new CatalogueHarness();
        DeclarationOutcome first = await DeclareAsync(broker, Orders, new QueueDeclaration(2, 5, null, DeadLetterPolicy.Custom("graveyard", "eu")) { MaxMessages = 100 });
        Assert.True(first.IsNew);
        Assert.Equal(
            ["partition_count: 1 -> 2", "max_retries: none -> 5", "dead_letter_policy: none -> custom graveyard@eu", "max_messages: none -> 100"],
            first.Changes.Select(static change => change.ToString()));

        DeclarationOutcome same = await DeclareAsync(broker, Orders, new QueueDeclaration(2, 5, null, null));
        Assert.Equal((false, 0), (same.IsNew, same.Changes.Count));

        DeclarationOutcome other = await DeclareAsync(broker, Orders, new QueueDeclaration(1, 6, 1000, DeadLetterPolicy.Global) { Overflow = OverflowPolicy.DropOldest, MaxBytes = 1, DeleteAfterIdleMs = 2 });
        Assert.Equal(
            [
                "max_retries: 5 -> 6", "default_message_ttl_ms: none -> 1000", "dead_letter_policy: custom graveyard@eu -> Global",
                "max_bytes: none -> 1", "overflow: Reject -> DropOldest", "delete_after_idle_ms: none -> 2",
            ],
            other.Changes.Select(static change => change.ToString()));
        Assert.Equal(2, other.Entry.PartitionCount);
    }

    [Fact] // K-3, Q-10
    public async Task Another_default_count_is_for_queues_declared_later()
    {
        using var broker = new CatalogueHarness(defaultPartitionCount: 2);
        await DeclareAsync(broker, Orders);
        using var next = new CatalogueHarness(broker.Disk.AfterKill(), defaultPartitionCount: 3);
        Assert.Equal(2, (await DeclareAsync(next, Orders)).PartitionCount);
        Assert.Equal(3, (await DeclareAsync(next, new QueueName("later", null))).PartitionCount);
    }

    [Fact] // OPEN-8
    public async Task A_declared_queue_has_no_partition_beyond_its_count()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 2);
        Assert.True(broker.Registry.HasOrMayHave(new(Orders, 1)));
        Assert.False(broker.Registry.HasOrMayHave(new(Orders, 2)));
        await broker.Registry.GetAsync(new(Orders, 1));
        string text = (await Assert.ThrowsAsync<ArgumentException>(async () => await broker.Registry.GetAsync(new(Orders, 2)))).Message;
        Assert.Contains("2 partition(s)", text, StringComparison.Ordinal);
    }

    [Fact] // Q-16, OPEN-8
    public async Task A_queue_that_nobody_declared_comes_into_being_by_use_and_grows_by_use()
    {
        using var broker = new CatalogueHarness(defaultPartitionCount: 2);
        await UseAsync(broker, new(Orders, 0));
        Assert.Equal(new QueueEntry(Orders, IsDeclared: false, 2, QueueSettings.Default), broker.Catalogue.Find(Orders));
        await UseAsync(broker, new(Orders, 5));
        Assert.Equal(new QueueEntry(Orders, IsDeclared: false, 6, QueueSettings.Default), broker.Catalogue.Find(Orders));
        await UseAsync(broker, new(Orders, 3));
        Assert.Equal(6, broker.Catalogue.Find(Orders)!.PartitionCount);
    }

    [Fact] // OPEN-14
    public async Task No_queue_grows_by_use_beyond_what_the_broker_allows()
    {
        using var broker = new CatalogueHarness();
        var last = new PartitionId(Orders, CatalogueHarness.MaxPartitionCount - 1);
        var beyond = new PartitionId(Orders, CatalogueHarness.MaxPartitionCount);
        Assert.Equal((true, false), (broker.Registry.HasOrMayHave(last), broker.Registry.HasOrMayHave(beyond)));
        string text = (await Assert.ThrowsAsync<ArgumentException>(() => UseAsync(broker, beyond))).Message;
        Assert.Contains("below 16", text, StringComparison.Ordinal);
        Assert.Equal(0, broker.Catalogue.Count);
        await UseAsync(broker, last);
    }

    [Fact] // S-31
    public async Task First_uses_at_the_same_time_open_a_partition_once()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 1);
        QueuePartition[] partitions = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await broker.Registry.GetAsync(new(Orders, 0)))));
        Assert.Single(partitions.Distinct());
        Assert.Same(partitions[0], Assert.Single(broker.Registry.Loaded));
        Assert.Single(broker.Log.Lines, static line => line.Event == 2103);
    }

    [Fact] // S-30
    public async Task A_start_opens_no_partition()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 8);
        using CatalogueHarness next = broker.After(Ending.Kill);
        Assert.Empty(next.Registry.Loaded);
        Assert.Null(next.Registry.FindLoaded(new(Orders, 0)));
    }

    [Fact] // S-46, S-44
    public async Task A_partition_that_cannot_be_opened_is_out_of_service_and_its_neighbours_are_not()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 2);
        broker.Disk.BeforeOperation = static operation =>
        {
            if (operation.Path.EndsWith(Path.Combine("@", "0"), StringComparison.Ordinal)) throw new IOException("Permission denied", 13);
        };
        var refusal = await Assert.ThrowsAsync<PartitionUnavailableException>(async () => await broker.Registry.GetAsync(new(Orders, 0)));
        Assert.Contains("Permission denied", refusal.Message, StringComparison.Ordinal);
        LogLine line = Assert.Single(broker.Log.Lines, static line => line.Event == 2104);
        Assert.Contains(line.Text[(line.Text.LastIndexOf(' ') + 1)..], refusal.Message, StringComparison.Ordinal); // the trace

        broker.Disk.BeforeOperation = null;
        await broker.Registry.GetAsync(new(Orders, 1));
        OutOfServicePartition out1 = Assert.Single(broker.Registry.OutOfService);
        Assert.Equal(("orders", null, 0, refusal.Message), (out1.Topic, out1.Group, out1.Partition, out1.Reason));
        Assert.Null(broker.Registry.FindLoaded(new(Orders, 0)));

        // What was wrong was the disk, not what is on it: the next use tries again.
        await broker.Registry.GetAsync(new(Orders, 0));
        Assert.Empty(broker.Registry.OutOfService);
    }

    [Fact] // Q-16, 6.3
    public async Task A_use_that_cannot_be_written_down_opens_nothing()
    {
        using var broker = new CatalogueHarness();
        broker.FailSyncs();
        Task<QueuePartition> use = broker.Registry.GetAsync(new(Orders, 0)).AsTask();
        broker.Run();
        await Assert.ThrowsAsync<IOException>(() => use);
        Assert.Empty(broker.Registry.Loaded);
        using CatalogueHarness next = broker.After(Ending.PowerLoss);
        Assert.Equal(0, next.Catalogue.Count);
    }

    [Fact] // S-60
    public async Task A_stop_closes_what_is_open_and_opens_nothing_more()
    {
        await using var broker = new SessionHarness();
        await broker.Queues.DeclareAsync(Orders, new QueueDeclaration(2, null, null, null));
        QueuePartition partition = await broker.Queues.GetAsync(new(Orders, 0));
        await Patience.Wait(broker.Queues.StopAsync());
        Assert.Contains("stopping", partition.ParkedBecause, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await broker.Queues.GetAsync(new(Orders, 1)));
    }

    [Fact] // S-60
    public async Task A_queue_that_comes_into_being_during_a_stop_is_not_opened()
    {
        using var broker = new CatalogueHarness();
        Task<QueuePartition> use = broker.Registry.GetAsync(new(Orders, 0)).AsTask();
        Task stop = broker.Registry.StopAsync();
        broker.Run();
        await Patience.Wait(stop);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => Patience.Wait(use));
        Assert.Contains("stopping", refused.Message, StringComparison.Ordinal);
        Assert.Empty(broker.Registry.Loaded);
    }

    [Fact] // S-32, S-34, F-40
    public async Task Directories_that_the_catalogue_does_not_know_are_reported_and_left_alone()
    {
        using var broker = new CatalogueHarness();
        await DeclareAsync(broker, Orders, count: 1);
        string unknown = Path.Combine(CatalogueHarness.Root, "queues", "stray");
        broker.Disk.CreateDirectory(Path.Combine(CatalogueHarness.Root, "queues", "orders"));
        broker.Disk.CreateDirectory(unknown);
        Assert.Equal(["stray"], broker.Registry.FindUnknownTopics());
        Assert.True(broker.Disk.DirectoryExists(unknown));
    }

    [Fact] // Q-1, Q-5, Q-6
    public async Task Every_queue_and_partition_has_a_directory_of_its_own_below_the_root()
    {
        using var broker = new CatalogueHarness();
        string[] names = ["a", "0", "a.0", "a-0", "a_0", "-", "_", "channels", "queues", "con", new('x', Names.MaxBytes)];
        string?[] groups = [null, .. names];
        string queues = Path.Combine(CatalogueHarness.Root, "queues") + Path.DirectorySeparatorChar;
        var owners = new Dictionary<string, PartitionId>(StringComparer.OrdinalIgnoreCase);
        foreach (PartitionId id in names.SelectMany(topic => groups.Select(group => new PartitionId(new QueueName(topic, group), 0))))
        {
            Assert.All([id.Queue.Topic, id.Queue.Group ?? "a"], static name => Assert.True(Names.IsValid(Encoding.UTF8.GetBytes(name))));
            HashSet<string> before = Directories(broker);
            await UseAsync(broker, id);
            string added = Assert.Single(Directories(broker).Except(before), IsPartition);
            Assert.StartsWith(queues, Path.GetFullPath(added), StringComparison.Ordinal);
            Assert.True(owners.TryAdd(added, id), $"{id} and {owners.GetValueOrDefault(added)} share {added}");
        }
    }

    [Fact] // Q-5, Q-6: any name of the grammar is one plain path segment, and no two are the same but for case
    public void A_legal_name_is_one_path_segment_on_every_file_system()
    {
        const string Letters = "ab01._-AB/\\:*~ \0";
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int legal = 0;
        for (int i = 0; i < TestScale.Iterations(20_000); i++)
        {
            string name = new([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Letters[random.Next(Letters.Length)])]);
            if (!Names.IsValid(Encoding.UTF8.GetBytes(name))) continue;
            legal++;
            string path = Path.GetFullPath(Path.Combine(CatalogueHarness.Root, name));
            bool staysInside = Path.GetDirectoryName(path) == CatalogueHarness.Root && Path.GetFileName(path) == name;
            Assert.True(staysInside, $"seed {seed}: '{name}' leads to {path}");
            bool isPlain = !name.Any(char.IsAsciiLetterUpper) && name.IndexOfAny(['\\', ':', '*', '~', ' ']) < 0;
            Assert.True(isPlain, $"seed {seed}: '{name}' is legal");
        }

        Assert.True(legal > 100, $"seed {seed}: only {legal} names were legal");
    }

    private static async Task<QueueEntry> DeclareAsync(CatalogueHarness broker, QueueName name, int? count = null, int? maxRetries = null) =>
        (await DeclareAsync(broker, name, new QueueDeclaration(count, maxRetries, null, null))).Entry;

    private static async Task<DeclarationOutcome> DeclareAsync(CatalogueHarness broker, QueueName name, QueueDeclaration declaration)
    {
        Task<DeclarationOutcome> declared = broker.Registry.DeclareAsync(name, declaration);
        broker.Run();
        return await declared;
    }

    private static async Task UseAsync(CatalogueHarness broker, PartitionId id)
    {
        ValueTask<QueuePartition> use = broker.Registry.GetAsync(id);
        broker.Run();
        await use;
    }

    /// <summary>True for the third directory below the queues: topic, group behind an @, partition.</summary>
    private static bool IsPartition(string path) => Path.GetFileName(Path.GetDirectoryName(path)!)[0] == '@';

    private static HashSet<string> Directories(CatalogueHarness broker)
    {
        var found = new HashSet<string>();
        Walk(CatalogueHarness.Root);
        return found;

        void Walk(string path)
        {
            foreach (string child in broker.Disk.ListDirectories(path).Select(name => Path.Combine(path, name)))
            {
                found.Add(child);
                Walk(child);
            }
        }
    }
}
