using System.Buffers.Binary;
using System.Globalization;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log;

/// <summary>State at one moment, in one file that exists whole or not at all (S-27). Two are kept, so that one may be damaged (F-39).</summary>
/// <remarks>Layout, little-endian: magic (8), format (u16), zero (u16), payload length (u32), CRC-32C of the payload (u32), payload.</remarks>
internal static class SnapshotFile
{
    private const ushort FormatVersion = 1;
    private const int HeaderBytes = 20;
    private const string Stem = "state-";
    private const string Extension = ".snapshot";
    private const string TemporaryExtension = ".tmp";

    private static ReadOnlySpan<byte> Magic => "FBRLSNP\0"u8;

    /// <summary>Writes a snapshot, makes it durable, and only then removes all others but one; those that cannot be removed wait for the next. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="directory">Where the snapshots of one partition are.</param>
    /// <param name="number">Larger than that of every earlier snapshot.</param>
    /// <param name="payload">Opaque.</param>
    /// <param name="previous">The snapshot that is kept beside it: the last one that was written, or found to be whole; null for none.</param>
    /// <param name="isPrivate">True keeps other users of the machine from reading it.</param>
    /// <exception cref="IOException">It is not durable; the message says when it may be found by a restart all the same.</exception>
    public static void Save(
        IStorageFileSystem files, string directory, long number, ReadOnlySpan<byte> payload, long? previous, bool isPrivate = false)
    {
        string name = Stem + number.ToString("D20", CultureInfo.InvariantCulture) + Extension;
        string temporary = Path.Combine(directory, name + TemporaryExtension);
        files.DeleteFile(temporary);
        using (IStorageFile file = isPrivate ? files.CreatePrivate(temporary) : files.Create(temporary))
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt16LittleEndian(header[8..], FormatVersion);
            BinaryPrimitives.WriteUInt16LittleEndian(header[10..], 0);
            BinaryPrimitives.WriteInt32LittleEndian(header[12..], payload.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32C.Compute(payload));
            file.Write(header, 0);
            file.Write(payload, HeaderBytes);
            file.Sync();
        }

        files.Rename(temporary, Path.Combine(directory, name));
        SyncName(files, directory);
        RemoveOthers(files, directory, number, previous);
    }

    /// <summary>The file has its name already, and only the disk knows for how long.</summary>
    private static void SyncName(IStorageFileSystem files, string directory)
    {
        try
        {
            files.SyncDirectory(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{failure.Message.TrimEnd('.')}. The change is not in effect now, but was written and may be in effect after a restart of the broker.", failure)
            { HResult = failure.HResult };
        }
    }

    private static void RemoveOthers(IStorageFileSystem files, string directory, long number, long? previous)
    {
        try
        {
            foreach ((long other, string path) in List(files, directory))
            {
                if (other != number && other != previous) files.DeleteFile(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The new one counts whatever lies beside it, and the next save tries again.
        }
    }

    /// <summary>Puts one snapshot in the place of all there are, which cannot be read. Blocks on the disk.</summary>
    public static void Replace(IStorageFileSystem files, string directory, ReadOnlySpan<byte> payload)
    {
        long newest = List(files, directory).Select(static found => found.Number).DefaultIfEmpty(0).Max();
        Save(files, directory, newest + 1, payload, previous: null);
    }

    /// <summary>The number of the newest snapshot, whole or not; null when there is none.</summary>
    public static long? FindNewest(IStorageFileSystem files, string directory) =>
        List(files, directory).Select(static found => (long?)found.Number).Max();

    /// <summary>Reads the two newest snapshots that are whole, and removes unfinished ones. Blocks on the disk.</summary>
    /// <exception cref="LogDamagedException">There are snapshots, and none of them is what was written.</exception>
    /// <exception cref="NotSupportedException">The newest was written by a newer version.</exception>
    public static KeptSnapshots Load(IStorageFileSystem files, string directory)
    {
        foreach (string name in files.ListFiles(directory))
        {
            if (name.EndsWith(TemporaryExtension, StringComparison.Ordinal)) files.DeleteFile(Path.Combine(directory, name));
        }

        var whole = new List<Snapshot>();
        var damages = new List<LogDamage>();
        List<(long Number, string Path)> found = List(files, directory);

        // A killed process may have renamed one and not come to sync that; what it stands for may be given up from here on.
        if (found.Count > 0) files.SyncDirectory(directory);
        foreach ((long number, string path) in found.OrderDescending())
        {
            if (whole.Count == 2) break;
            try
            {
                whole.Add(new Snapshot(number, Read(files, path)));
            }
            catch (LogDamagedException damaged)
            {
                damages.Add(damaged.Damage);
            }
            catch (NotSupportedException unsupported) when (whole.Count > 0)
            {
                // Nothing newer than this version comes before what this version wrote.
                damages.Add(new LogDamage(path, 0, HeaderBytes, Offset: null, EndOffset: null, unsupported.Message));
            }
        }

        if (whole.Count == 0 && damages.Count > 0) throw new LogDamagedException(damages[0]);
        return new KeptSnapshots(whole.ElementAtOrDefault(0), whole.ElementAtOrDefault(1), damages);
    }

    private static byte[] Read(IStorageFileSystem files, string path)
    {
        using IStorageFile file = files.Open(path);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.Read(header, 0) < HeaderBytes || !header.StartsWith(Magic)) throw Damaged(path, file, "it has no valid header");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version > FormatVersion)
        {
            throw new NotSupportedException(
                $"{path} has format {version}; this version reads format {FormatVersion}. Use the newer broker that wrote it.");
        }

        bool isZeroWhereItMust = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) == 0;
        if (version != FormatVersion || !isZeroWhereItMust) throw Damaged(path, file, "it has no valid header");
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (length < 0 || length != file.Length - HeaderBytes) throw Damaged(path, file, "its length is not the one in its header");
        var payload = new byte[length];
        file.Read(payload, HeaderBytes);
        if (Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[16..])) throw Damaged(path, file, "the checksum does not match");
        return payload;
    }

    private static List<(long Number, string Path)> List(IStorageFileSystem files, string directory)
    {
        var found = new List<(long, string)>();
        foreach (string name in files.ListFiles(directory))
        {
            if (name.StartsWith(Stem, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(Stem.Length, name.Length - Stem.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                found.Add((number, Path.Combine(directory, name)));
            }
        }

        return found;
    }

    private static LogDamagedException Damaged(string path, IStorageFile file, string detail) =>
        new(new LogDamage(path, 0, file.Length, Offset: null, EndOffset: null, detail));
}

/// <summary>A snapshot as it was read: its number and its opaque content.</summary>
internal sealed record Snapshot(long Number, byte[] Payload);

/// <summary>The snapshots that a directory holds.</summary>
/// <param name="Newest">The newest that is whole; null when there is none.</param>
/// <param name="Older">The one before it that is whole; null when there is none.</param>
/// <param name="Damages">Snapshots that were passed over because they are not what was written, for somebody to hear of.</param>
internal sealed record KeptSnapshots(Snapshot? Newest, Snapshot? Older, IReadOnlyList<LogDamage> Damages);
