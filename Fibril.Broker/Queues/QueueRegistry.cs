using System.Collections.Concurrent;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;

namespace Fibril.Broker.Queues;

/// <summary>The queues of this broker: known from the catalogue, opened when they are first used (S-30, S-31). Thread-safe.</summary>
internal sealed class QueueRegistry(QueueEnvironment environment, ChannelCatalogue catalogue, string dataDirectory, int maxPartitionCount)
{
    private const string QueuesDirectory = "queues";
    private const string DefaultGroupDirectory = "@";

    private readonly ConcurrentDictionary<PartitionId, Lazy<Task<QueuePartition>>> _partitions = new();
    private readonly ConcurrentDictionary<QueueName, QueueSettingsCell> _settings = new();
    private bool _isStopping;

    public ChannelCatalogue Catalogue => catalogue;

    /// <summary>Partitions that are open now.</summary>
    public IEnumerable<QueuePartition> Open => Opened.Where(static opening => opening.IsCompletedSuccessfully).Select(static opening => opening.Result);

    /// <summary>Partitions that serve nobody until the broker is restarted, and why.</summary>
    public IEnumerable<OutOfServicePartition> OutOfService =>
    [
        .. Open.Where(static partition => partition.ParkedBecause is not null)
            .Select(static partition => new OutOfServicePartition(partition.Id.Queue.Topic, partition.Id.Queue.Group, partition.Id.Partition, partition.ParkedBecause!)),
        .. Opened.Select(static opening => opening.Exception?.InnerException).OfType<PartitionUnavailableException>()
            .Select(static failure => new OutOfServicePartition(failure.Partition.Queue.Topic, failure.Partition.Queue.Group, failure.Partition.Partition, failure.Message)),
    ];

    private IEnumerable<Task<QueuePartition>> Opened =>
        _partitions.Values.Where(static opening => opening.IsValueCreated && opening.Value.IsCompleted).Select(static opening => opening.Value);

    /// <summary>Declares a queue, or changes what it was declared with.</summary>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public async Task<QueueEntry> DeclareAsync(QueueName name, QueueDeclaration declaration)
    {
        QueueEntry entry = await catalogue.ChangeAsync(
            name, existing => declaration.ApplyTo(existing, name, environment.Delivery.DefaultPartitionCount));
        SettingsOf(name).Refresh(() => catalogue.Find(name)!.Settings);
        return entry;
    }

    /// <summary>The partition, when it is open already.</summary>
    public QueuePartition? FindOpen(PartitionId id) =>
        _partitions.TryGetValue(id, out Lazy<Task<QueuePartition>>? opening) && opening.IsValueCreated && opening.Value.IsCompletedSuccessfully
            ? opening.Value.Result
            : null;

    /// <summary>False when <see cref="GetAsync"/> would refuse: the queue was declared with fewer partitions, or may not have as many.</summary>
    public bool HasOrMayHave(PartitionId id) =>
        id.Partition < (catalogue.Find(id.Queue) is { IsDeclared: true } entry ? entry.PartitionCount : maxPartitionCount);

    /// <summary>The partition, opened and recovered first if need be; a queue that nobody declared comes into being (Q-16).</summary>
    /// <exception cref="ArgumentException">The queue has no such partition; the message is fit for clients.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public async ValueTask<QueuePartition> GetAsync(PartitionId id)
    {
        if (FindOpen(id) is { } open) return open;
        if (Volatile.Read(ref _isStopping)) throw Stopping();
        await EnsureExistsAsync(id);
        if (Volatile.Read(ref _isStopping)) throw Stopping();
        Lazy<Task<QueuePartition>> opening = _partitions.GetOrAdd(
            id, static (missing, registry) => new Lazy<Task<QueuePartition>>(() => Task.Run(() => registry.OpenPartition(missing))), this);
        QueuePartition partition = await opening.Value;
        if (!Volatile.Read(ref _isStopping)) return partition;

        // The stop may not have seen that one.
        await partition.StopAsync();
        throw Stopping();
    }

    /// <summary>Stops every open partition; their accepted messages and settlements are durable when this completes (S-60).</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await Task.WhenAll(_partitions.Values.Select(static opening => StopAsync(opening.Value)));
        await catalogue.CloseAsync();
    }

    /// <summary>Topics on the disk that the catalogue does not know: reported, and left alone (S-32, S-34).</summary>
    public IReadOnlyList<string> FindUnknownTopics()
    {
        HashSet<string> known = [.. catalogue.Entries.Select(static entry => entry.Name.Topic)];
        return [.. environment.Log.Files.ListDirectories(Path.Combine(dataDirectory, QueuesDirectory)).Where(topic => !known.Contains(topic))];
    }

    private static async Task StopAsync(Task<QueuePartition> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // One that could not be opened has nothing to make durable.
        if (opening.IsCompletedSuccessfully) await opening.Result.StopAsync();
    }

    private static IOException Stopping() => new("the broker is stopping");

    private QueueSettingsCell SettingsOf(QueueName name) => _settings.GetOrAdd(
        name, static (missing, catalogue) => new QueueSettingsCell(catalogue.Find(missing)?.Settings ?? QueueSettings.Default), catalogue);

    private async ValueTask EnsureExistsAsync(PartitionId id)
    {
        QueueEntry? entry = catalogue.Find(id.Queue);
        if (entry is not null && id.Partition < entry.PartitionCount) return;
        if (entry is { IsDeclared: true }) throw NoSuchPartition(entry, id);
        if (id.Partition >= maxPartitionCount)
        {
            throw new ArgumentException(
                $"Partition {id.Partition} is beyond what a queue may have here; use one below {maxPartitionCount}.");
        }

        entry = await catalogue.ChangeAsync(id.Queue, present => present is { IsDeclared: true }
            ? present
            : new QueueEntry(
                id.Queue,
                IsDeclared: false,
                Math.Max(Math.Max(present?.PartitionCount ?? 0, id.Partition + 1), environment.Delivery.DefaultPartitionCount),
                present?.Settings ?? QueueSettings.Default));
        if (id.Partition >= entry.PartitionCount) throw NoSuchPartition(entry, id);
    }

    private static ArgumentException NoSuchPartition(QueueEntry entry, PartitionId id) => new(
        $"Queue {entry.Name} has {entry.PartitionCount} partition(s), numbered from 0; there is no partition {id.Partition}.");

    private QueuePartition OpenPartition(PartitionId id)
    {
        long started = environment.Time.GetTimestamp();
        try
        {
            string directory = StorageDirectories.Ensure(
                environment.Log.Files,
                dataDirectory,
                QueuesDirectory,
                id.Queue.Topic,
                DefaultGroupDirectory + id.Queue.Group,
                id.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture));
            QueuePartition partition = QueuePartition.Open(environment, id, directory, SettingsOf(id.Queue));
            environment.Logger.PartitionOpened(id, (long)environment.Time.GetElapsedTime(started).TotalMilliseconds);
            return partition;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException
            or MessagePack.MessagePackSerializationException)
        {
            string trace = FaultTrace.New();
            environment.Logger.PartitionUnreadable(id, trace, cause);
            throw new PartitionUnavailableException(id, trace, cause);
        }
    }
}

/// <summary>A partition that serves nobody, as probes and operators see it.</summary>
internal sealed record OutOfServicePartition(string Topic, string? Group, int Partition, string Reason);
