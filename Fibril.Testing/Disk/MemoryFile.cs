using Fibril.Broker.Log;

namespace Fibril.Testing.Disk;

/// <summary>An open file of a disk in memory.</summary>
internal sealed class MemoryFile(Lock gate, MemoryContent content) : IStorageFile
{
    public long Length
    {
        get
        {
            lock (gate) return content.Length;
        }
    }

    public int Read(Span<byte> buffer, long position)
    {
        lock (gate) return content.Read(buffer, position);
    }

    public void Write(ReadOnlySpan<byte> data, long position)
    {
        lock (gate) content.Write(data, position);
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> data, long position)
    {
        lock (gate)
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
        lock (gate) content.Extend(length);
    }

    public void Truncate(long length)
    {
        lock (gate) content.Truncate(length);
    }

    public void Sync()
    {
        lock (gate) content.Sync();
    }

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
