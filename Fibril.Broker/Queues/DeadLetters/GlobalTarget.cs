using System.Buffers;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using MessagePack;

namespace Fibril.Broker.Queues.DeadLetters;

/// <summary>The broker-wide dead-letter target at one moment.</summary>
/// <param name="Version">Grows by one with every change; 0 while it was never set.</param>
/// <param name="Target">The queue; null for none.</param>
internal sealed record GlobalTargetDocument(long Version, QueueName? Target);

/// <summary>Where queues with the policy "global" send their dead letters: live state with a version, on the disk, and no setting (D-35). Thread-safe.</summary>
internal sealed class GlobalTarget
{
    private const string DirectoryName = "dead-letter-target";
    private const int FieldCount = 3;

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly Lock _gate = new();
    private GlobalTargetDocument _current;

    private GlobalTarget(IStorageFileSystem files, string directory, GlobalTargetDocument current)
    {
        _files = files;
        _directory = directory;
        _current = current;
    }

    /// <summary>Raised after a change is durable and in effect.</summary>
    public event Action? Changed;

    public GlobalTargetDocument Current => Volatile.Read(ref _current);

    /// <summary>Reads the target of a data directory. Blocks on the disk.</summary>
    /// <exception cref="LogDamagedException">The file is not what was written.</exception>
    public static GlobalTarget Open(IStorageFileSystem files, string dataDirectory)
    {
        string directory = StorageDirectories.Ensure(files, dataDirectory, DirectoryName);
        KeptSnapshots kept = SnapshotFile.Load(files, directory);
        if (kept.Damages.Count > 0) throw new LogDamagedException(kept.Damages[0]); // an older target is not the one that was set
        GlobalTargetDocument current = kept.Newest is { } newest ? Decode(newest.Payload) : new GlobalTargetDocument(0, null);
        return new GlobalTarget(files, directory, current);
    }

    /// <summary>Changes the target. Blocks on the disk.</summary>
    /// <param name="expectedVersion">The version that the caller has seen.</param>
    /// <param name="target">The new target; null for none.</param>
    /// <param name="document">The document in effect afterwards, whatever the answer.</param>
    /// <returns>False when somebody else changed it since: nothing was done (D-36).</returns>
    /// <exception cref="IOException">It could not be made durable; the old one stays in effect, at least until a restart when the message says so.</exception>
    public bool TryChange(long expectedVersion, QueueName? target, out GlobalTargetDocument document)
    {
        lock (_gate)
        {
            document = _current;
            if (_current.Version != expectedVersion) return false;
            document = new GlobalTargetDocument(expectedVersion + 1, target);
            SnapshotFile.Save(_files, _directory, document.Version, Encode(document), previous: null);
            Volatile.Write(ref _current, document);
        }

        Changed?.Invoke();
        return true;
    }

    private static byte[] Encode(GlobalTargetDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(document.Version);
        writer.Write(document.Target?.Topic);
        writer.Write(document.Target?.Group);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static GlobalTargetDocument Decode(byte[] payload)
    {
        var reader = new MessagePackReader(payload);
        int fields = reader.ReadArrayHeader();
        if (fields < FieldCount) throw new InvalidDataException($"A dead-letter target has {FieldCount} fields or more, this one {fields}.");
        long version = reader.ReadInt64();
        string? topic = reader.ReadString();
        string? group = reader.ReadString();
        return new GlobalTargetDocument(version, topic is null ? null : new QueueName(topic, group));
    }
}
