using System.Buffers;
using System.Collections.Concurrent;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using MessagePack;

namespace Fibril.Broker.Queues.Catalogue;

/// <summary>Which queues exist, with partition counts and settings: persisted, complete in memory, and known before the first connection (S-34).</summary>
/// <remarks>Thread-safe. A change is visible when it is durable, and not before.</remarks>
internal sealed class ChannelCatalogue : ILogObserver
{
    private const string DirectoryName = "channels";
    private const byte EntryRecordKind = 1;
    private const int RecordsBeforeCompaction = 4096;

    private readonly LogEnvironment _environment;
    private readonly string _directory;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<QueueName, QueueEntry> _entries = new();
    private readonly Dictionary<QueueName, QueueEntry> _onTheirWay = []; // under the gate: newer than what is visible
    private readonly Queue<Waiter> _waiters = new();    // under the gate
    private readonly Queue<RecordBlock> _written = new(); // under the gate
    private SegmentedLog _log = null!;                  // under the gate
    private long _generation;

    private ChannelCatalogue(LogEnvironment environment, string directory)
    {
        _environment = environment;
        _directory = directory;
    }

    /// <summary>Grows with every new queue and partition count, not with settings, and never goes back, across restarts too (X-12, TOP-5).</summary>
    public long Generation => Volatile.Read(ref _generation);

    public IReadOnlyCollection<QueueEntry> Entries => (IReadOnlyCollection<QueueEntry>)_entries.Values;

    public int Count => _entries.Count;

    /// <summary>Snapshots that the start passed over because they are not what was written.</summary>
    public IReadOnlyList<LogDamage> SnapshotDamages { get; private set; } = [];

    /// <summary>Opens the catalogue of a data directory. Blocks on the disk.</summary>
    public static ChannelCatalogue Open(LogEnvironment environment, string dataDirectory)
    {
        string directory = Path.Combine(dataDirectory, DirectoryName);
        StorageDirectories.Ensure(environment.Files, dataDirectory, DirectoryName);
        var catalogue = new ChannelCatalogue(environment, directory);
        catalogue.Recover();
        return catalogue;
    }

    public QueueEntry? Find(QueueName name) => _entries.GetValueOrDefault(name);

    /// <summary>Changes or adds an entry; an entry equal to the present one costs nothing.</summary>
    /// <param name="name">The queue.</param>
    /// <param name="change">Called with the newest entry, or null, under a lock.</param>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public Task<QueueEntry> ChangeAsync(QueueName name, Func<QueueEntry?, QueueEntry> change)
    {
        lock (_gate)
        {
            if (_log.Fault is { } fault) return Task.FromException<QueueEntry>(Unwritable(fault));
            bool isOnItsWay = _onTheirWay.TryGetValue(name, out QueueEntry? present);
            if (!isOnItsWay) present = Find(name);
            QueueEntry changed = change(present);
            if (changed == present && !isOnItsWay) return Task.FromResult(changed);
            if (changed != present)
            {
                _log.Append(ToBlock(changed));
                _onTheirWay[name] = changed;
                _log.Flush();
            }

            var waiter = new Waiter(changed, _log.NextOffset);
            _waiters.Enqueue(waiter);
            return waiter.Completion.Task;
        }
    }

    /// <summary>Makes everything durable and closes the files.</summary>
    public Task CloseAsync()
    {
        lock (_gate) _log.RequestClose();
        return _closed.Task;
    }

    void ILogObserver.LogAdvanced(bool flushThreadIsBusy)
    {
        lock (_gate)
        {
            _log.TakeCompleted(_written);
            while (_written.TryDequeue(out RecordBlock? block)) block.Dispose();
            while (_waiters.TryPeek(out Waiter? waiter) && (waiter.Offset <= _log.DurableEnd || _log.Fault is not null))
            {
                _waiters.Dequeue();
                if (waiter.Offset <= _log.DurableEnd) Publish(waiter);
                else waiter.Completion.SetException(Unwritable(_log.Fault!));
            }

            if (_log.IsClosed) _closed.TrySetResult();
        }
    }

    void ILogObserver.FilesNotRemoved(Exception failure)
    {
        // They are few and small, and the next start removes them.
    }

    /// <summary>Makes a durable entry the one that everybody sees.</summary>
    private void Publish(Waiter waiter)
    {
        QueueEntry entry = waiter.Entry;
        bool changesTopology = Find(entry.Name)?.PartitionCount != entry.PartitionCount;
        Adopt(entry);
        if (changesTopology) Volatile.Write(ref _generation, waiter.Offset);
        if (ReferenceEquals(_onTheirWay.GetValueOrDefault(entry.Name), entry)) _onTheirWay.Remove(entry.Name);
        waiter.Completion.SetResult(entry);
    }

    private void Recover()
    {
        KeptSnapshots kept = SnapshotFile.Load(_environment.Files, _directory);
        SnapshotDamages = kept.Damages;
        long from = kept.Newest?.Number ?? 0;
        if (kept.Newest is { } snapshot)
        {
            var reader = new MessagePackReader(snapshot.Payload);
            for (int count = reader.ReadArrayHeader(); count > 0; count--) Adopt(QueueEntry.Read(ref reader));
        }

        _log = SegmentedLog.Open(
            _environment, this, _directory, LogKind.Catalogue, keptFrom: kept.Older?.Number ?? 0, neededFrom: from, visitFrom: from, new Replay(this, from));
        _generation = _log.NextOffset;

        // A damaged snapshot is replaced as soon as there is anything new: until then there is only one.
        long news = _log.NextOffset - from;
        bool isDue = news > RecordsBeforeCompaction + (_entries.Count * 2L) || (news > 0 && kept.Damages.Count > 0);
        if (isDue) Compact(kept.Newest?.Number);
    }

    /// <summary>Puts the present entries in one file, so that the next start need not read how they came about.</summary>
    private void Compact(long? previous)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(_entries.Count);
        foreach (QueueEntry entry in _entries.Values) entry.Write(ref writer);
        writer.Flush();
        SnapshotFile.Save(_environment.Files, _directory, _log.NextOffset, buffer.WrittenSpan, previous);
        _log.DropBefore(previous ?? 0); // what the older of the two stands on stays (F-39)
    }

    private static IOException Unwritable(Exception fault) =>
        new($"The channel catalogue cannot be written: {fault.Message}", fault);

    private void Adopt(QueueEntry entry) => _entries[entry.Name] = entry;

    private RecordBlock ToBlock(QueueEntry entry)
    {
        byte[] encoded = entry.Encode();
        RecordBlock block = RecordBlock.Rent(RecordHeader.AlignedSize(encoded.Length), expectedCount: 1);
        long now = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        encoded.CopyTo(block.Add(EntryRecordKind, attributes: 0, now, encoded.Length));
        return block;
    }

    private sealed record Waiter(QueueEntry Entry, long Offset)
    {
        public TaskCompletionSource<QueueEntry> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Replay(ChannelCatalogue catalogue, long from) : IRecordVisitor
    {
        public void Visit(in Record record)
        {
            if (record.Offset < from) return;
            var reader = new MessagePackReader(record.Body.ToArray());
            catalogue.Adopt(QueueEntry.Read(ref reader));
        }
    }
}
