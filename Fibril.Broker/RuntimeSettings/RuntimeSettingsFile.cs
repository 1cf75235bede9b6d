using System.Buffers;
using System.Text.Json;
using Fibril.Broker.Log;
using MessagePack;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>
/// The versions on the disk: all that are kept in one snapshot, whose number is the newest version, and the snapshot before it. Used by one
/// thread at a time.
/// </summary>
internal sealed class RuntimeSettingsFile
{
    private const string DirectoryName = "runtime-settings";
    private const int DocumentFields = 1;
    private const int VersionFields = 4;

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private long? _previous;

    private RuntimeSettingsFile(IStorageFileSystem files, string directory)
    {
        _files = files;
        _directory = directory;
    }

    /// <summary>The versions that could be read, oldest first.</summary>
    public IReadOnlyList<RuntimeSettingsVersion> Versions { get; private set; } = [];

    /// <summary>Why the newest version could not be read; null when it could, or there is none.</summary>
    public LoadIssue? Issue { get; private set; }

    /// <summary>Reads what is stored. Blocks on the disk.</summary>
    /// <exception cref="IOException">The disk cannot be read at all.</exception>
    public static RuntimeSettingsFile Open(IStorageFileSystem files, string dataDirectory)
    {
        var file = new RuntimeSettingsFile(files, StorageDirectories.Ensure(files, dataDirectory, DirectoryName));
        file.Load();
        return file;
    }

    /// <summary>Makes versions durable in place of those that were; either the ones or the others survive a crash. Blocks on the disk.</summary>
    /// <exception cref="IOException">They could not be made durable; the message says when a restart may find them all the same.</exception>
    public void Save(IReadOnlyList<RuntimeSettingsVersion> versions)
    {
        long number = versions[^1].Version;
        SnapshotFile.Save(_files, _directory, number, Encode(versions), _previous);
        _previous = number;
    }

    private void Load()
    {
        if (SnapshotFile.FindNewest(_files, _directory) is not { } newest) return;
        try
        {
            KeptSnapshots kept = SnapshotFile.Load(_files, _directory);
            if (kept.Newest?.Number != newest) Issue = new LoadIssue(newest, $"{kept.Damages[0]}");
            Snapshot whole = kept.Newest!;
            Versions = Decode(whole.Payload);
            _previous = whole.Number;
        }
        catch (Exception unreadable) when (unreadable is LogDamagedException or NotSupportedException or InvalidDataException
            or MessagePackSerializationException or EndOfStreamException or JsonException)
        {
            // The older snapshot is no help: what it holds is not what was set last.
            Issue ??= new LoadIssue(newest, unreadable.Message);
        }
    }

    private static byte[] Encode(IReadOnlyList<RuntimeSettingsVersion> versions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(DocumentFields);
        writer.WriteArrayHeader(versions.Count);
        foreach (RuntimeSettingsVersion version in versions)
        {
            writer.WriteArrayHeader(VersionFields);
            writer.Write(version.Version);
            writer.Write(version.AtMs);
            writer.Write(version.Actor);
            writer.WriteString(JsonSerializer.SerializeToUtf8Bytes(version.Settings, RuntimeSettingsJson.Default.RuntimeSettingsDocument));
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static List<RuntimeSettingsVersion> Decode(byte[] payload)
    {
        var reader = new MessagePackReader(payload);
        RequireFields(ref reader, DocumentFields);
        var versions = new List<RuntimeSettingsVersion>();
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            int fields = RequireFields(ref reader, VersionFields);
            long version = reader.ReadInt64(), atMs = reader.ReadInt64();
            string actor = reader.ReadString() ?? "", json = reader.ReadString() ?? "null";
            for (int more = fields - VersionFields; more > 0; more--) reader.Skip();
            try
            {
                versions.Add(new RuntimeSettingsVersion(version, atMs, actor, Parse(json)));
            }
            catch (JsonException) when (left > 1)
            {
                // One to go back to is lost; the one that is in effect need not be.
            }
        }

        return versions.Count > 0 ? versions : throw new InvalidDataException("There is no version of the runtime settings.");
    }

    private static RuntimeSettingsDocument Parse(string json) =>
        JsonSerializer.Deserialize(json, RuntimeSettingsJson.Default.RuntimeSettingsDocument) ?? throw new JsonException("The document is null.");

    private static int RequireFields(ref MessagePackReader reader, int least)
    {
        int fields = reader.ReadArrayHeader();
        return fields >= least ? fields : throw new InvalidDataException($"The runtime settings have a record of {fields} fields, not {least}.");
    }
}
