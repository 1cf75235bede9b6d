using System.Collections.Concurrent;
using System.Globalization;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Broker.Streams.Inspection;

namespace Fibril.Broker.Streams;

/// <summary>The streams of this broker: known from the catalogue, loaded when they are first used (S-30, S-31). Thread-safe.</summary>
internal sealed partial class StreamRegistry : IStreamHost
{
    private const string StreamsDirectory = "streams";

    private readonly ConcurrentDictionary<PartitionId, PartitionSlot<StreamPartition>> _slots = new();
    private readonly ConcurrentDictionary<QueueName, StreamCell> _settings = new();
    private readonly StreamEnvironment _environment;
    private readonly ChannelEntries<StreamEntry> _catalogue;
    private readonly RecoveryOptions _recovery;
    private readonly string _dataDirectory;
    private readonly Func<int> _defaultPartitionCount;
    private readonly int _maxPartitionCount;
    private bool _isStopping;

    /// <param name="environment">What every partition shares.</param>
    /// <param name="catalogue">Which channels exist.</param>
    /// <param name="recovery">What happens to damaged partitions.</param>
    /// <param name="dataDirectory">The data directory, which exists.</param>
    /// <param name="defaultPartitionCount">Says how many partitions a stream has that is declared without a count.</param>
    /// <param name="maxPartitionCount">Most partitions of a stream.</param>
    public StreamRegistry(
        StreamEnvironment environment, ChannelCatalogue catalogue, RecoveryOptions recovery, string dataDirectory, Func<int> defaultPartitionCount, int maxPartitionCount)
    {
        _environment = environment;
        _catalogue = new ChannelEntries<StreamEntry>(catalogue, StreamEntry.Streams);
        _recovery = recovery;
        _dataDirectory = dataDirectory;
        _defaultPartitionCount = defaultPartitionCount;
        _maxPartitionCount = maxPartitionCount;
    }

    /// <summary>The streams that exist.</summary>
    public ChannelEntries<StreamEntry> Catalogue => _catalogue;

    /// <summary>Partitions that are in memory now.</summary>
    public IEnumerable<StreamPartition> Loaded => _slots.Select(static entry => entry.Value.Loaded).OfType<StreamPartition>();

    /// <summary>Partitions that were used since the start.</summary>
    public IEnumerable<PartitionSlot<StreamPartition>> Slots => _slots.Values;

    /// <summary>True when a topic is a stream (P-6, PUB-3).</summary>
    public bool Has(string topic) => _catalogue.Find(new QueueName(topic, null)) is not null;

    /// <summary>Declares a stream, or changes what it was declared with.</summary>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="ArgumentException">The topic is a queue, or the settings do not go together; the message is fit for clients.</exception>
    /// <exception cref="StreamConflictException">The stream has another tier.</exception>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public async Task<StreamEntry> DeclareAsync(QueueName name, StreamDeclaration declaration)
    {
        ChannelEntry.CheckPartitionCount(declaration.PartitionCount, _maxPartitionCount);
        StreamEntry? before = null;
        StreamEntry entry = await _catalogue.ChangeAsync(
            name, existing => declaration.ApplyTo(before = existing, name, _defaultPartitionCount()));
        Announce(entry);
        if (before is null) _environment.Logger.StreamDeclared(name, entry.PartitionCount, entry.Settings);
        else if (before != entry) _environment.Logger.StreamChanged(name, entry.PartitionCount, entry.Settings);
        return entry;
    }

    /// <summary>Replaces the bounds of what a stream keeps; none keeps everything.</summary>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="UnknownStreamException">Nobody has declared the stream.</exception>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public async Task<StreamEntry> SetRetentionAsync(QueueName name, RetentionBounds bounds)
    {
        StreamEntry entry = await _catalogue.ChangeAsync(
            name, existing => existing is null ? throw new UnknownStreamException(name) : existing with { Settings = existing.Settings with { Retention = bounds } });
        Announce(entry);
        _environment.Logger.StreamChanged(name, entry.PartitionCount, entry.Settings);
        return entry;
    }

    /// <summary>The partition, loaded and recovered first if need be.</summary>
    /// <returns>A lease that keeps it loaded; the caller disposes it.</returns>
    /// <exception cref="UnknownStreamException">Nobody has declared the stream (P-8), or it has no such partition (O-8).</exception>
    /// <exception cref="PartitionUnavailableException">Its files cannot be read.</exception>
    /// <exception cref="IOException">The broker stops.</exception>
    public async ValueTask<PartitionLease<StreamPartition>> AcquireAsync(PartitionId id, PartitionUse use)
    {
        PartitionLease<StreamPartition>? lease = null;
        for (bool isRepaired = false; lease is null;)
        {
            if (Volatile.Read(ref _isStopping)) throw Stopping();
            ThrowIfUnknown(id);

            // Null: the stream was deleted between the two.
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

    /// <summary>What is kept, who reads it and how far, for every partition of a stream; those that are not loaded are (P-70, P-71).</summary>
    /// <exception cref="UnknownStreamException">Nobody has declared the stream.</exception>
    /// <exception cref="PartitionUnavailableException">The files of a partition cannot be read.</exception>
    /// <exception cref="PartitionNotServingException">A partition answers nobody now.</exception>
    public async Task<IReadOnlyList<StreamPartitionStatus>> DescribeAsync(QueueName name)
    {
        int count = _catalogue.Find(name)?.PartitionCount ?? throw new UnknownStreamException(name);
        var described = new List<StreamPartitionStatus>(count);
        for (int partition = 0; partition < count; partition++)
        {
            using PartitionLease<StreamPartition> lease = await AcquireAsync(new PartitionId(name, partition), PartitionUse.Visit);
            described.Add(await lease.Partition.DescribeAsync());
        }

        return described;
    }

    /// <summary>Shows what is in the streams.</summary>
    public RecordInspector Inspector => field ??= new RecordInspector(this, _environment.Time);

    /// <summary>Stops every loaded partition; their accepted records and cursors are durable when this completes (S-60, P-19).</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await Task.WhenAll(_slots.Values.Select(static slot => slot.StopAsync()));
    }

    /// <summary>Topics on the disk that the catalogue does not know: reported, and left alone (S-32, S-34).</summary>
    public IReadOnlyList<string> FindUnknownTopics()
    {
        HashSet<string> known = [.. _catalogue.All.Select(static entry => entry.Name.Topic)];
        return [.. _environment.Log.Files.ListDirectories(Path.Combine(_dataDirectory, StreamsDirectory)).Where(topic => !known.Contains(topic))];
    }

    private void Announce(StreamEntry entry)
    {
        SettingsOf(entry.Name).Refresh(() => _catalogue.Find(entry.Name)?.Settings ?? entry.Settings);
        foreach (StreamPartition partition in Loaded.Where(partition => partition.Id.Queue == entry.Name)) partition.SettingsChanged();
    }

    private static IOException Stopping() => new("the broker is stopping");

    private void ThrowIfUnknown(PartitionId id)
    {
        StreamEntry entry = _catalogue.Find(id.Queue)
            ?? throw new UnknownStreamException(id.Queue, isQueue: _catalogue.KindOf(id.Queue) is not null);
        if (id.Partition < 0 || id.Partition >= entry.PartitionCount) throw new UnknownStreamException(entry, id.Partition);
    }

    private PartitionSlot<StreamPartition> NewSlot(PartitionId id) => new(id, _environment.Time, Load);

    private StreamCell SettingsOf(QueueName name) => _settings.GetOrAdd(
        name, static (missing, catalogue) => new StreamCell(catalogue.Find(missing)?.Settings ?? StreamSettings.Default), _catalogue);

    /// <summary>What partitions take on the disk, of streams that exist, as far as there are any files of them. Blocks on the disk. Thread-safe.</summary>
    public IEnumerable<(PartitionId Id, StoredSize Size)> SizesOnDisk()
    {
        IStorageFileSystem files = _environment.Log.Files;
        string root = Path.Combine(_dataDirectory, StreamsDirectory);
        foreach (string topic in files.ListDirectories(root))
        {
            var name = new QueueName(topic, null);
            if (_catalogue.Find(name) is null) continue;
            foreach ((int partition, StoredSize size) in StoredSize.OfPartitions(files, Path.Combine(root, topic))) yield return (new PartitionId(name, partition), size);
        }
    }

    private string DirectoryOf(PartitionId id) => Path.Combine(_dataDirectory, Path.Combine(StepsTo(id)));

    private static string[] StepsTo(PartitionId id) => [StreamsDirectory, id.Queue.Topic, id.Partition.ToString(CultureInfo.InvariantCulture)];

    private StreamPartition Open(PartitionId id)
    {
        string directory = StorageDirectories.Ensure(_environment.Log.Files, _dataDirectory, StepsTo(id));
        return StreamPartition.Open(_environment, id, directory, SettingsOf(id.Queue), this);
    }

    private StreamPartition Load(PartitionId id)
    {
        long started = _environment.Time.GetTimestamp();
        try
        {
            StreamPartition partition = Open(id);
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
