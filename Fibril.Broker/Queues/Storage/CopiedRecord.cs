using System.Buffers.Binary;
using System.Text;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues.Storage;

/// <summary>The body of a <see cref="QueueEventKind.Copied"/> record.</summary>
internal static class CopiedRecord
{
    private const int EntryBytes = 16;

    public static int Measure(PartitionId target, int count) =>
        2 + target.Queue.Topic.Length + (target.Queue.Group?.Length ?? 0) + sizeof(int) + (count * EntryBytes);

    public static void Write(Span<byte> body, PartitionId target, List<(long Offset, long InTarget)> copies)
    {
        body = WriteName(WriteName(body, target.Queue.Topic), target.Queue.Group ?? "");
        BinaryPrimitives.WriteInt32LittleEndian(body, target.Partition);
        body = body[sizeof(int)..];
        foreach ((long offset, long inTarget) in copies)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body, offset);
            BinaryPrimitives.WriteInt64LittleEndian(body[8..], inTarget);
            body = body[EntryBytes..];
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, IQueueEventVisitor visitor)
    {
        if (!TryReadName(ref body, out string topic) || !TryReadName(ref body, out string group)) return false;
        if (body.Length < sizeof(int) || (body.Length - sizeof(int)) % EntryBytes != 0) return false;
        var queue = new QueueName(topic, group.Length == 0 ? null : group);
        var target = new PartitionId(queue, BinaryPrimitives.ReadInt32LittleEndian(body));
        for (body = body[sizeof(int)..]; !body.IsEmpty; body = body[EntryBytes..])
            visitor.Copied(BinaryPrimitives.ReadInt64LittleEndian(body), target, BinaryPrimitives.ReadInt64LittleEndian(body[8..]));
        return true;
    }

    /// <summary>Names are ASCII and at most 128 bytes (NAM-1).</summary>
    private static Span<byte> WriteName(Span<byte> body, string name)
    {
        body[0] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, body[1..]);
        return body[(1 + name.Length)..];
    }

    private static bool TryReadName(ref ReadOnlySpan<byte> body, out string name)
    {
        name = "";
        if (body.IsEmpty || body.Length < 1 + body[0]) return false;
        name = Encoding.ASCII.GetString(body.Slice(1, body[0]));
        body = body[(1 + name.Length)..];
        return true;
    }
}
