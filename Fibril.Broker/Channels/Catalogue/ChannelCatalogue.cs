using System.Buffers;
using System.Collections.Concurrent;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Primitives;
using MessagePack;

namespace Fibril.Broker.Channels.Catalogue;

/// <summary>Which channels exist, with partition counts and settings: persisted, complete in memory, and known before the first connection (S-34).</summary>
/// <remarks>Thread-safe. A change is visible when it is durable, and not before.</remarks>
internal sealed class ChannelCatalogue : ILogObserver
{
    private const string DirectoryName = "channels";
    private const byte EntryRecordKind = 1;
    private const byte RemovalRecordKind = 2;
    private const int RecordsBeforeCompaction = 4096;

    private readonly LogEnvironment _environment;
    private readonly string _directory;
    private TaskCompletionSource? _closed;              // under the gate
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<ChannelKind> _kinds;
    private readonly ConcurrentDictionary<QueueName, ChannelEntry> _entries = new();
    private readonly Dictionary<QueueName, ChannelEntry?> _onTheirWay = []; // under the gate: newer than what is visible; null for removed
    private readonly TopicKinds _topics = new();        // under the gate: with what is on its way
    private readonly Dictionary<(ChannelKind Kind, QueueName Name), ChannelEntry> _removed = [];
    private readonly Dictionary<(ChannelKind Kind, QueueName Name), Departure> _departures = []; // under the gate
    private readonly Queue<Waiter> _waiters = new();    // under the gate
    private readonly Queue<RecordBlock> _written = new(); // under the gate
    private SegmentedLog _log = null!;                  // under the gate
    private long _generation;
    private long? _newestKept;
    private long _news;

    private ChannelCatalogue(LogEnvironment environment, string directory, IReadOnlyList<ChannelKind> kinds)
    {
        _kinds = kinds;
        _environment = environment;
        _directory = directory;
    }

    /// <summary>Grows with every new channel and partition count, not with settings, and never goes back, across restarts too (X-12, TOP-5).</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Channels of one kind. Walks over all of them, and copies none.</summary>
    public int CountOf(ChannelKind kind)
    {
        int count = 0;
        foreach ((_, ChannelEntry entry) in _entries)
        {
            if (entry.Kind == kind) count++;
        }

        return count;
    }

    public IReadOnlyCollection<ChannelEntry> Entries => (IReadOnlyCollection<ChannelEntry>)_entries.Values;

    public int Count => _entries.Count;

    /// <summary>Channels that were removed and, as of the opening, had not come again: files of them may be left.</summary>
    public IReadOnlyCollection<ChannelEntry> Removed => _removed.Values;

    /// <summary>Snapshots that the start passed over because they are not what was written.</summary>
    public IReadOnlyList<LogDamage> SnapshotDamages { get; private set; } = [];

    /// <summary>Opens the catalogue of a data directory. Blocks on the disk.</summary>
    /// <param name="environment">What the logs of the broker share.</param>
    /// <param name="dataDirectory">The data directory, which exists.</param>
    /// <param name="kinds">The kinds of channels that there may be.</param>
    public static ChannelCatalogue Open(LogEnvironment environment, string dataDirectory, IReadOnlyList<ChannelKind> kinds)
    {
        string directory = Path.Combine(dataDirectory, DirectoryName);
        StorageDirectories.Ensure(environment.Files, dataDirectory, DirectoryName);
        var catalogue = new ChannelCatalogue(environment, directory, kinds);
        catalogue.Recover();
        return catalogue;
    }

    public ChannelEntry? Find(QueueName name) => _entries.GetValueOrDefault(name);

    /// <summary>Changes or adds an entry; an entry equal to the present one costs nothing.</summary>
    /// <param name="name">The channel.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="change">Called with the newest entry, which is of this kind, or null, under a lock.</param>
    /// <returns>Completes with the entry in effect when it is durable.</returns>
    /// <exception cref="ChannelKindException">The topic is a channel of another kind.</exception>
    /// <exception cref="IOException">The catalogue cannot be written, or what a removed channel of this name has left cannot be cleared away.</exception>
    public Task<TEntry> ChangeAsync<TEntry>(QueueName name, ChannelKind kind, Func<TEntry?, TEntry> change) where TEntry : ChannelEntry
    {
        lock (_gate)
        {
            if (_log.Fault is { } fault && !TryReopen(ref fault)) return Task.FromException<TEntry>(Unwritable(fault));
            if (_topics.Of(name.Topic) is { } present && present != kind)
                return Task.FromException<TEntry>(new ChannelKindException(name, kind, present));

            var newest = (TEntry?)NewestOf(name);
            if (newest is null && _departures.ContainsKey((kind, name))) return ChangeAfterDepartureAsync(name, kind, change);

            TEntry changed = change(newest);
            bool isOnItsWay = _onTheirWay.ContainsKey(name);
            if (changed == newest && !isOnItsWay) return Task.FromResult(changed);
            if (changed != newest) Write(EntryRecordKind, name, newest, changed, changed.Encode());
            return AwaitDurableAsync(name, changed);
        }
    }

    /// <summary>Removes an entry; no error when there is none. What it leaves is cleared away by <see cref="ClearAwayAsync"/>.</summary>
    /// <param name="name">The channel.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="clear">
    /// Clears away what the channel leaves. Called when its removal is durable, with the entry it had, and again after a failure. Until it has
    /// succeeded nobody declares a channel of this kind and name: that would find the files of the old one, or lose its own with them (S-64).
    /// </param>
    /// <returns>Completes when the removal is durable.</returns>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    public Task RemoveAsync<TEntry>(QueueName name, ChannelKind kind, Func<TEntry, Task> clear) where TEntry : ChannelEntry
    {
        lock (_gate)
        {
            if (_log.Fault is { } fault && !TryReopen(ref fault)) return Task.FromException(Unwritable(fault));
            if (NewestOf(name) is not TEntry newest) return Task.CompletedTask;
            Write(RemovalRecordKind, name, newest, null, ChannelEntry.EncodeRemoval(name));
            Task removal = AwaitDurableAsync<ChannelEntry>(name, null);
            _departures[(kind, name)] = new Departure(removal, () => clear(newest));
            return removal;
        }
    }

    /// <summary>Clears away what a removed channel has left; no error when there is nothing.</summary>
    /// <exception cref="IOException">It could not be cleared away; the next call tries again, and so does the next start.</exception>
    public async Task ClearAwayAsync(QueueName name, ChannelKind kind)
    {
        Departure? departure;
        Task ending;
        lock (_gate)
        {
            if (!_departures.TryGetValue((kind, name), out departure)) return;
            if (_log.Fault is { } fault && !TryReopen(ref fault)) throw Unwritable(fault);
            if (NewestOf(name) is { } present && present.Kind == kind)
            {
                // The removal was lost with a failed write.
                _departures.Remove((kind, name));
                return;
            }

            ending = departure.EndAsync();
        }

        await ending;
        lock (_gate)
        {
            if (_departures.GetValueOrDefault((kind, name)) == departure) _departures.Remove((kind, name));
        }
    }

    private async Task<TEntry> ChangeAfterDepartureAsync<TEntry>(QueueName name, ChannelKind kind, Func<TEntry?, TEntry> change) where TEntry : ChannelEntry
    {
        await ClearAwayAsync(name, kind);
        return await ChangeAsync(name, kind, change);
    }

    /// <summary>The entry that is visible, or on its way to be.</summary>
    private ChannelEntry? NewestOf(QueueName name) => _onTheirWay.TryGetValue(name, out ChannelEntry? newest) ? newest : Find(name);

    private void Write(byte kind, QueueName name, ChannelEntry? before, ChannelEntry? entry, byte[] encoded)
    {
        _log.Append(ToBlock(kind, encoded));
        _topics.Changed(before, entry);
        _onTheirWay[name] = entry;
        _log.Flush();
    }

    private Task<TEntry> AwaitDurableAsync<TEntry>(QueueName name, TEntry? entry) where TEntry : ChannelEntry
    {
        var waiter = new Waiter<TEntry>(name, entry, _log.NextOffset);
        _waiters.Enqueue(waiter);
        return waiter.Completion.Task;
    }

    /// <summary>Makes everything durable and closes the files.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            if (_log.IsClosed) return Task.CompletedTask;
            _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _log.RequestClose();
            return _closed.Task;
        }
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
                else waiter.Fail(Unwritable(_log.Fault!));
            }

            if (_log.IsClosed) _closed?.TrySetResult();
        }
    }

    void ILogObserver.FilesNotRemoved(Exception failure)
    {
        // They are few and small, and the next start removes them.
    }

    /// <summary>Makes a durable entry the one that everybody sees.</summary>
    private void Publish(Waiter waiter)
    {
        bool changesTopology = Find(waiter.Name)?.PartitionCount != waiter.Entry?.PartitionCount;
        Adopt(waiter.Name, waiter.Entry);
        if (changesTopology) Volatile.Write(ref _generation, waiter.Offset);
        if (_onTheirWay.TryGetValue(waiter.Name, out ChannelEntry? newest) && ReferenceEquals(newest, waiter.Entry)) _onTheirWay.Remove(waiter.Name);
        waiter.Complete();
    }

    private void Recover()
    {
        KeptSnapshots kept = SnapshotFile.Load(_environment.Files, _directory);
        SnapshotDamages = kept.Damages;
        long from = kept.Newest?.Number ?? 0;
        if (kept.Newest is { } snapshot)
        {
            var reader = new MessagePackReader(snapshot.Payload);
            for (int count = reader.ReadArrayHeader(); count > 0; count--)
            {
                ChannelEntry entry = Read(ref reader);
                Adopt(entry.Name, entry);
            }
        }

        _log = SegmentedLog.Open(
            _environment, this, _directory, LogKind.Catalogue, keptFrom: kept.Older?.Number ?? 0, neededFrom: from, visitFrom: from, new Replay(this, from));
        _topics.Reset(_entries.Values);
        Volatile.Write(ref _generation, Math.Max(_generation, _log.NextOffset));
        _newestKept = kept.Newest?.Number;
        _news = _log.NextOffset - from;
    }

    /// <summary>Shortens a long history, of which removals are a part: their files are gone by now. Blocks on the disk.</summary>
    public void CompactIfLong()
    {
        lock (_gate)
        {
            // A damaged snapshot is replaced as soon as there is anything new: until then there is only one.
            bool isDue = _news > RecordsBeforeCompaction + (_entries.Count * 2L) || (_news > 0 && SnapshotDamages.Count > 0);
            if (isDue) Compact(_newestKept);
        }
    }

    /// <summary>
    /// After a failed write or sync the files are opened anew and recovered, by whoever wants to change something next: a disk that was full,
    /// or away, for a while ends nothing (S-65, S-66). Blocks on the disk, as rarely as that.
    /// </summary>
    private bool TryReopen(ref Exception fault)
    {
        if (!_log.IsClosed) return false;
        try
        {
            _onTheirWay.Clear();
            Recover();
            return true;
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            fault = again;
            return false;
        }
    }

    /// <summary>Puts the present entries in one file, so that the next start need not read how they came about.</summary>
    private void Compact(long? previous)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(_entries.Count);
        foreach (ChannelEntry entry in _entries.Values) entry.Write(ref writer);
        writer.Flush();
        SnapshotFile.Save(_environment.Files, _directory, _log.NextOffset, buffer.WrittenSpan, previous);
        _log.DropBefore(previous ?? 0); // what the older of the two stands on stays (F-39)
    }

    private static IOException Unwritable(Exception fault) =>
        new($"The channel catalogue cannot be written: {fault.Message}", fault);

    private void Adopt(QueueName name, ChannelEntry? entry)
    {
        if (entry is null) _entries.TryRemove(name, out _);
        else _entries[name] = entry;
    }

    private ChannelEntry Read(ref MessagePackReader reader)
    {
        MessagePackReader peek = reader.CreatePeekReader();
        byte number = peek.ReadArrayHeader() > 0 ? peek.ReadByte() : (byte)0;
        ChannelKind kind = _kinds.FirstOrDefault(kind => kind.Number == number)
            ?? throw new InvalidDataException("The catalogue holds an entry that this version does not know. Use the newer broker that wrote it.");
        return kind.Read(ref reader);
    }

    private RecordBlock ToBlock(byte kind, byte[] encoded)
    {
        RecordBlock block = RecordBlock.Rent(RecordHeader.AlignedSize(encoded.Length), expectedCount: 1);
        long now = _environment.Time.GetUtcNow().ToUnixTimeMilliseconds();
        encoded.CopyTo(block.Add(kind, attributes: 0, now, encoded.Length));
        return block;
    }

    private abstract record Waiter(QueueName Name, ChannelEntry? Entry, long Offset)
    {
        public abstract void Complete();

        public abstract void Fail(Exception failure);
    }

    private sealed record Waiter<TEntry>(QueueName Name, TEntry? Changed, long Offset) : Waiter(Name, Changed, Offset)
        where TEntry : ChannelEntry
    {
        public TaskCompletionSource<TEntry> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Complete() => Completion.SetResult(Changed!); // of a removal nobody asks for it

        public override void Fail(Exception failure) => Completion.SetException(failure);
    }

    private sealed class Replay(ChannelCatalogue catalogue, long from) : IRecordVisitor
    {
        public void Visit(in Record record)
        {
            if (record.Offset < from) return;
            var reader = new MessagePackReader(record.Body.ToArray());
            if (record.Kind == RemovalRecordKind)
            {
                QueueName removed = ChannelEntry.ReadRemoval(ref reader);
                if (catalogue.Find(removed) is { } present) catalogue._removed[(present.Kind, removed)] = present;
                catalogue.Adopt(removed, null);
                return;
            }

            ChannelEntry entry = catalogue.Read(ref reader);
            catalogue._removed.Remove((entry.Kind, entry.Name));
            catalogue.Adopt(entry.Name, entry);
        }
    }
}
