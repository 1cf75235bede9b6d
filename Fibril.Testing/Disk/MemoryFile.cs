using Fibril.Broker.Log;

namespace Fibril.Testing.Disk;

/// <summary>An open file of a disk in memory.</summary>
internal sealed class MemoryFile(MemoryDisk disk, MemoryContent content) : IStorageFile
{
    public long Length
    {
        get
        {
            using (disk.BeginLook()) return content.Length;
        }
    }

    public int Read(Span<byte> buffer, long position)
    {
        using (disk.BeginLook()) return content.Read(buffer, position);
    }

    public void Write(ReadOnlySpan<byte> data, long position)
    {
        using (disk.BeginChange()) content.Write(data, position);
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long position)
    {
        using (disk.BeginChange())
        {
            foreach (ReadOnlyMemory<byte> part in data)
            {
                content.Write(part.Span, position);
                position += part.Length;
            }
        }
    }

    public void Reserve(long length)
    {
        using (disk.BeginChange()) content.Extend(length);
    }

    public void Truncate(long length)
    {
        using (disk.BeginChange()) content.Truncate(length);
    }

    public void Sync()
    {
        using (disk.BeginChange()) content.Sync();
    }

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
