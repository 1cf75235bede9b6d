using System.Buffers.Binary;
using Fibril.Broker.Log;

namespace Fibril.Broker.Statistics.History.Files;

// A header, and a place for each sample that the history may have, as in memory. A sample is written into the place of one that is too old by
// now, and never synced: a kill loses nothing, a power loss what the system had not written yet, and a torn record is a gap.

/// <summary>One part of the history on the disk. One caller at a time.</summary>
/// <remarks>Header, little-endian, in a sector of its own: magic (8), format (u16), record bytes (u16), interval in seconds (u32), places (u32).</remarks>
internal sealed class HistoryFile(IStorageFileSystem files, string path, HistoryShape shape) : IDisposable
{
    public const string AsideExtension = ".damaged";

    private const int SectorBytes = 512;
    private const int HeaderBytes = 20;
    private const ushort FormatVersion = 1;

    private IStorageFile? _file;

    private static ReadOnlySpan<byte> Magic => "FBRLHST\0"u8;

    public string Path => path;

    public HistoryShape Shape => shape;

    private bool Exists => files.ListFiles(System.IO.Path.GetDirectoryName(path)!).Contains(System.IO.Path.GetFileName(path));

    private int Length => SectorBytes + (shape.Capacity * HistoryRecord.Bytes);

    /// <summary>Reads what is stored of the time that the history goes back. Blocks on the disk.</summary>
    /// <param name="nowSeconds">The end of that time, in Unix seconds.</param>
    /// <param name="damagedCount">Samples that are not what was written, and left out.</param>
    /// <returns>The oldest first; null when the file is something else, and lies aside under another name now.</returns>
    public IReadOnlyList<HistorySample>? Load(long nowSeconds, out int damagedCount)
    {
        damagedCount = 0;
        if (!Exists) return [];
        var content = new byte[Length];
        using (IStorageFile file = files.Open(path))
        {
            // Not longer than it was made: nobody knows what that would be.
            if (file.Length <= Length) content = content[..file.Read(content, 0)];
            else content = [];
        }

        if (!HasHeader(content))
        {
            SetAside();
            return null;
        }

        return Read(content, nowSeconds, ref damagedCount);
    }

    /// <summary>Stores a sample. Blocks on the disk.</summary>
    /// <exception cref="IOException">It could not be written; the next one may be.</exception>
    public void Write(in HistorySample sample)
    {
        Span<byte> record = stackalloc byte[HistoryRecord.Bytes];
        HistoryRecord.Write(record, sample);
        try
        {
            _file ??= TryOpen() ?? Create();
            _file.Write(record, SectorBytes + ((long)shape.PlaceOf(sample.AtSeconds) * HistoryRecord.Bytes));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>The file, when it is there and what it should be: a disk that failed when it was loaded has not shown that.</summary>
    private IStorageFile? TryOpen()
    {
        if (!Exists) return null;
        IStorageFile file = files.Open(path);
        var header = new byte[HeaderBytes];
        if (file.Read(header, 0) == HeaderBytes && HasHeader(header)) return file;
        file.Dispose();
        SetAside();
        return null;
    }

    private void SetAside() => files.Rename(path, path + AsideExtension);

    /// <summary>Under a temporary name until the header is durable, so that a file with the name always has one.</summary>
    private IStorageFile Create()
    {
        string temporary = path + ".tmp";
        files.DeleteFile(temporary);
        using (IStorageFile file = files.Create(temporary))
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            WriteHeader(header);
            file.Write(header, 0);
            file.Reserve(Length);
            file.Sync();
        }

        files.Rename(temporary, path);
        files.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
        return files.Open(path);
    }

    private void WriteHeader(Span<byte> header)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], HistoryRecord.Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], (int)shape.Seconds);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], shape.Capacity);
    }

    private bool HasHeader(ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        WriteHeader(header);
        return content.StartsWith(header);
    }

    private List<HistorySample> Read(ReadOnlySpan<byte> content, long nowSeconds, ref int damagedCount)
    {
        long oldest = nowSeconds - (shape.Capacity * shape.Seconds);
        var samples = new List<HistorySample>();
        for (int place = 0; place < shape.Capacity; place++)
        {
            int start = SectorBytes + (place * HistoryRecord.Bytes);
            if (start + HistoryRecord.Bytes > content.Length) break;
            ReadOnlySpan<byte> record = content.Slice(start, HistoryRecord.Bytes);
            if (!record.ContainsAnyExcept((byte)0)) continue; // never written
            if (!HistoryRecord.TryRead(record, out HistorySample sample) || sample.AtSeconds <= 0 || shape.PlaceOf(sample.AtSeconds) != place) damagedCount++;
            else if (sample.AtSeconds > oldest && sample.AtSeconds <= nowSeconds) samples.Add(sample);
        }

        samples.Sort(static (one, other) => one.AtSeconds.CompareTo(other.AtSeconds));
        return samples;
    }
}
