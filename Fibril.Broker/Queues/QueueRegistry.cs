using System.Collections.Concurrent;
using System.Globalization;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Queues.Replay;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

/// <summary>The queues of this broker: known from the catalogue, loaded when they are first used (S-30, S-31). Thread-safe.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The lock on directories of topics lives as long as the broker, and holds nothing.")]
internal sealed partial class QueueRegistry : IPartitionHost
{
    private const string QueuesDirectory = "queues";
    private const string DefaultGroupDirectory = "@";

    private readonly ConcurrentDictionary<PartitionId, PartitionSlot<QueuePartition>> _slots = new();
    private readonly ConcurrentDictionary<QueueName, QueueCell> _cells = new();
    private readonly QueueEnvironment _environment;
    private readonly ChannelEntries<QueueEntry> _catalogue;
    private readonly RecoveryOptions _recovery;
    private readonly string _dataDirectory;
    private readonly int _maxPartitionCount;
    private readonly long _started;
    private readonly ReplayJobs _replays;
    private bool _isStopping;

    public QueueRegistry(
        QueueEnvironment environment, ChannelCatalogue catalogue, GlobalTarget globalTarget, RecoveryOptions recovery, string dataDirectory, int maxPartitionCount)
    {
        _recovery = recovery;
        _environment = environment;
        _started = environment.Time.GetTimestamp();
        _catalogue = new ChannelEntries<QueueEntry>(catalogue, QueueEntry.Queues);
        _dataDirectory = dataDirectory;
        _maxPartitionCount = maxPartitionCount;
        GlobalDeadLetterTarget = globalTarget;
        _replays = new ReplayJobs(this, environment.Time, environment.Logger);
        Cohorts = new CohortRegistry(environment.Cohorts, environment.Work, PublishPlan);
        globalTarget.Changed += () =>
        {
            foreach (QueuePartition partition in Loaded) partition.DeadLetterRouteChanged();
        };
    }

    /// <summary>The queues that exist.</summary>
    public ChannelEntries<QueueEntry> Catalogue => _catalogue;

    /// <summary>The delivery options have changed: partitions that wait look at the clock again as these say.</summary>
    public void DeliveryChanged()
    {
        foreach (QueuePartition partition in Loaded) partition.Wake(mayRunHere: false);
    }

    /// <summary>The exclusive consumer groups of the queues.</summary>
    public CohortRegistry Cohorts { get; }

    /// <summary>Where queues with the policy "global" send their dead letters.</summary>
    public GlobalTarget GlobalDeadLetterTarget { get; }

    /// <summary>Partitions that are in memory now.</summary>
    public IEnumerable<QueuePartition> Loaded => _slots.Select(static entry => entry.Value.Loaded).OfType<QueuePartition>();

    /// <summary>Declares a queue, or changes what it was declared with.</summary>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="ArgumentException">The topic is a stream, or the declaration cannot be kept; the message is fit for clients.</exception>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public async Task<DeclarationOutcome> DeclareAsync(QueueName name, QueueDeclaration declaration)
    {
        declaration.Check(name, _maxPartitionCount);
        QueueEntry? before = null;
        QueueEntry entry = await _catalogue.ChangeAsync(
            name, existing => declaration.ApplyTo(before = existing, name, _environment.Delivery.DefaultPartitionCount));
        CellOf(name).Refresh(() => _catalogue.Find(name)?.Settings ?? entry.Settings);

        // Dead letters may have waited for just this policy (D-37).
        foreach (QueuePartition partition in LoadedOf(name)) partition.DeadLetterRouteChanged();

        bool isNew = before is not { IsDeclared: true };
        QueueEntry standard = before ?? new QueueEntry(name, IsDeclared: false, _environment.Delivery.DefaultPartitionCount, QueueSettings.Default);
        var outcome = new DeclarationOutcome(entry, isNew, SettingChange.Between(standard, entry));
        if (isNew) _environment.Logger.QueueDeclared(name, entry.PartitionCount, string.Join(", ", outcome.Changes));
        else if (outcome.Changes.Count > 0) _environment.Logger.QueueChanged(name, string.Join(", ", outcome.Changes));
        return outcome;
    }

    /// <summary>False when <see cref="AcquireAsync"/> would refuse: the queue was declared with fewer partitions, or may not have as many.</summary>
    public bool HasOrMayHave(PartitionId id) => RefusalOf(id, _catalogue.Find(id.Queue)) is null;

    /// <summary>The partition, loaded and recovered first if need be; a queue that nobody declared comes into being (Q-16).</summary>
    /// <returns>A lease that keeps it loaded; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The queue has no such partition; the message is fit for clients.</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="IOException">The catalogue cannot be written, or the broker stops.</exception>
    public async ValueTask<PartitionLease<QueuePartition>> AcquireAsync(PartitionId id, PartitionUse use)
    {
        PartitionLease<QueuePartition>? lease = null;
        for (bool isRepaired = false; lease is null;)
        {
            if (Volatile.Read(ref _isStopping)) throw Stopping();
            await EnsureExistsAsync(id);
            if (Volatile.Read(ref _isStopping)) throw Stopping();

            // Null: the queue was deleted between the two, and comes into being anew.
            try
            {
                lease = await _slots.GetOrAdd(id, NewSlot).TryAcquireAsync(use);
            }
            catch (PartitionUnavailableException damaged) when (damaged.IsDamage && OnMismatch == MismatchPolicy.Ignore && !isRepaired)
            {
                await RepairUnaskedAsync(id);
                isRepaired = true;
            }
        }

        if (!Volatile.Read(ref _isStopping)) return lease;

        // The stop may not have seen that one.
        lease.Dispose();
        await lease.Partition.StopAsync();
        throw Stopping();
    }

    DeadLetterRoute IDeadLetterRouter.Route(QueueName source, DeadLetterPolicy policy) =>
        DeadLetterRoutes.Find(source, policy, GlobalDeadLetterTarget.Current.Target, queue => _catalogue.Find(queue)?.Settings.DeadLetterPolicy);

    ValueTask<PartitionLease<QueuePartition>> IDeadLetterRouter.OpenAsync(QueueName target, int sourcePartition)
    {
        int count = _catalogue.Find(target)?.PartitionCount ?? _environment.Delivery.DefaultPartitionCount;
        return AcquireAsync(new PartitionId(target, sourcePartition % count), PartitionUse.Visit);
    }

    /// <summary>Stops every loaded partition; their accepted messages and settlements are durable when this completes (S-60).</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await _replays.StopAsync();
        await Task.WhenAll(_slots.Values.Select(static slot => slot.StopAsync()));
    }

    /// <summary>Topics on the disk that the catalogue does not know: reported, and left alone (S-32, S-34).</summary>
    public IReadOnlyList<string> FindUnknownTopics()
    {
        HashSet<string> known = [.. _catalogue.All.Select(static entry => entry.Name.Topic)];
        return [.. _environment.Log.Files.ListDirectories(Path.Combine(_dataDirectory, QueuesDirectory)).Where(topic => !known.Contains(topic))];
    }

    private static IOException Stopping() => new("the broker is stopping");

    private void PublishPlan(QueueName name, CohortPlan? plan)
    {
        CellOf(name).Plan = plan;
        foreach (QueuePartition partition in LoadedOf(name)) partition.PlanChanged();
    }

    private IEnumerable<QueuePartition> LoadedOf(QueueName name) => Enumerable.Range(0, _catalogue.Find(name)?.PartitionCount ?? 0)
        .Select(partition => _slots.GetValueOrDefault(new PartitionId(name, partition))?.Loaded).OfType<QueuePartition>();

    private PartitionSlot<QueuePartition> NewSlot(PartitionId id) => new(id, _environment.Time, Load);

    private QueueCell CellOf(QueueName name) => _cells.GetOrAdd(
        name, static (missing, catalogue) => new QueueCell(catalogue.Find(missing)?.Settings ?? QueueSettings.Default), _catalogue);

    private async ValueTask EnsureExistsAsync(PartitionId id)
    {
        QueueEntry? entry = _catalogue.Find(id.Queue);
        if (entry is not null && id.Partition < entry.PartitionCount) return;
        if (RefusalOf(id, entry) is { } refusal) throw refusal;
        entry = await _catalogue.ChangeAsync(id.Queue, present => present is { IsDeclared: true }
            ? present
            : new QueueEntry(
                id.Queue,
                IsDeclared: false,
                Math.Max(Math.Max(present?.PartitionCount ?? 0, id.Partition + 1), _environment.Delivery.DefaultPartitionCount),
                present?.Settings ?? QueueSettings.Default));
        if (id.Partition >= entry.PartitionCount) throw NoSuchPartition(entry, id);
    }

    /// <summary>Why there is no such partition and none will come into being; null when there is, or will be one as soon as it is used.</summary>
    private ArgumentException? RefusalOf(PartitionId id, QueueEntry? entry)
    {
        if (entry is not null && id.Partition < entry.PartitionCount) return null;
        if (entry is { IsDeclared: true }) return NoSuchPartition(entry, id);
        return id.Partition < _maxPartitionCount
            ? null
            : new ArgumentException($"Partition {id.Partition} is beyond what a queue may have here; use one below {_maxPartitionCount}.");
    }

    private static ArgumentException NoSuchPartition(QueueEntry entry, PartitionId id) => new(
        $"Queue {entry.Name} has {entry.PartitionCount} partition(s), numbered from 0; there is no partition {id.Partition}.");

    private string DirectoryOf(PartitionId id) => Path.Combine(_dataDirectory, Path.Combine(StepsTo(id)));

    private static string[] StepsTo(PartitionId id) =>
        [QueuesDirectory, id.Queue.Topic, DefaultGroupDirectory + id.Queue.Group, id.Partition.ToString(CultureInfo.InvariantCulture)];

    private QueuePartition Open(PartitionId id) => QueuePartition.Open(_environment, id, EnsureDirectoryOf(id), CellOf(id.Queue), this);

    private string EnsureDirectoryOf(PartitionId id)
    {
        _topicDirectories.EnterReadLock();
        try
        {
            return StorageDirectories.Ensure(_environment.Log.Files, _dataDirectory, StepsTo(id));
        }
        finally
        {
            _topicDirectories.ExitReadLock();
        }
    }

    private QueuePartition Load(PartitionId id)
    {
        long started = _environment.Time.GetTimestamp();
        try
        {
            QueuePartition partition = Open(id);
            TimeSpan elapsed = _environment.Time.GetElapsedTime(started);
            _environment.Metrics.Channels.Load.Record(elapsed);
            _environment.Logger.PartitionOpened(id, (long)elapsed.TotalMilliseconds);
            return partition;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException
            or MessagePack.MessagePackSerializationException)
        {
            string trace = FaultTrace.New();
            _environment.Logger.PartitionUnreadable(id, trace, cause);
            if (cause is LogDamagedException damage) NoteQuarantine(id, damage);
            throw new PartitionUnavailableException(id, trace, cause);
        }
    }
}
