using System.Buffers.Binary;
using System.Globalization;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Log;

/// <summary>State at one moment, in one file that exists whole or not at all (S-27).</summary>
/// <remarks>Layout, little-endian: magic (8), format (u16), zero (u16), payload length (u32), CRC-32C of the payload (u32), payload.</remarks>
internal static class SnapshotFile
{
    private const ushort FormatVersion = 1;
    private const int HeaderBytes = 20;
    private const string Stem = "state-";
    private const string Extension = ".snapshot";
    private const string TemporaryExtension = ".tmp";

    private static ReadOnlySpan<byte> Magic => "FBRLSNP\0"u8;

    /// <summary>Writes a snapshot, makes it durable, and only then removes the ones before it. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="directory">Where the snapshots of one partition are.</param>
    /// <param name="number">Larger than that of every earlier snapshot.</param>
    /// <param name="payload">Opaque.</param>
    public static void Save(IStorageFileSystem files, string directory, long number, ReadOnlySpan<byte> payload)
    {
        string name = Stem + number.ToString("D20", CultureInfo.InvariantCulture) + Extension;
        string temporary = Path.Combine(directory, name + TemporaryExtension);
        files.DeleteFile(temporary);
        using (IStorageFile file = files.Create(temporary))
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
        files.SyncDirectory(directory);
        foreach ((long older, string path) in List(files, directory))
        {
            if (older < number) files.DeleteFile(path);
        }
    }

    /// <summary>The newest snapshot's number and payload; null when there is none. Removes unfinished ones. Blocks on the disk.</summary>
    /// <exception cref="LogDamagedException">The newest snapshot is not what was written.</exception>
    /// <exception cref="NotSupportedException">It was written by a newer version.</exception>
    public static (long Number, byte[] Payload)? LoadNewest(IStorageFileSystem files, string directory)
    {
        foreach (string name in files.ListFiles(directory))
        {
            if (name.EndsWith(TemporaryExtension, StringComparison.Ordinal)) files.DeleteFile(Path.Combine(directory, name));
        }

        List<(long Number, string Path)> found = List(files, directory);
        if (found.Count == 0) return null;

        // A killed process may have renamed it and not come to sync that; what it stands for may be given up from here on.
        files.SyncDirectory(directory);
        (long number, string newest) = found.Max();
        return (number, Load(files, newest));
    }

    private static byte[] Load(IStorageFileSystem files, string path)
    {
        using IStorageFile file = files.Open(path);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.Read(header, 0) < HeaderBytes || !header.StartsWith(Magic)) throw Damaged(path, "it has no valid header");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != FormatVersion)
        {
            throw new NotSupportedException(
                $"{path} has format {version}; this version reads format {FormatVersion}. Use the newer broker that wrote it.");
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (length < 0 || length != file.Length - HeaderBytes) throw Damaged(path, "its length is not the one in its header");
        var payload = new byte[length];
        file.Read(payload, HeaderBytes);
        if (Crc32C.Compute(payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[16..])) throw Damaged(path, "the checksum does not match");
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

    private static LogDamagedException Damaged(string path, string detail) => new(path, 0, 0, detail);
}
