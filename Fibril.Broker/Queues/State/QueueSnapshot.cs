using System.Buffers;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Producers;
using MessagePack;

namespace Fibril.Broker.Queues.State;

/// <summary>The state of a queue partition at one moment. Ready messages are what is left over, so they are not listed (S-26).</summary>
/// <remarks>
/// A MessagePack array: fields are only ever added behind the last one, and a reader skips those it does not know (S-54).
/// </remarks>
internal sealed record QueueSnapshot
{
    private const int FieldCount = 8;
    private const int FirstFieldCount = 6;

    /// <summary>Messages before this offset are in the snapshot.</summary>
    public required long MessageEnd { get; init; }

    /// <summary>Events before this number are in the snapshot.</summary>
    public required long EventEnd { get; init; }

    public required IReadOnlyList<OffsetRange> Settled { get; init; }

    public required IReadOnlyList<(long Offset, long NotBefore)> Delayed { get; init; }

    public required IReadOnlyList<(long Offset, long Deadline)> Deadlines { get; init; }

    public required IReadOnlyList<(long Offset, int Retries)> Retries { get; init; }

    /// <summary>Messages that wait for their copy to the dead-letter target. Absent in files of before dead letters.</summary>
    public IReadOnlyList<(DeadLetterReason Reason, OffsetRange Offsets)> Pending { get; init; } = [];

    /// <summary>What producers with an id have sent lately. Absent in files of before deduplication.</summary>
    public IReadOnlyList<RememberedProducer> Producers { get; init; } = [];

    /// <summary>Offsets before this one are settled, and their segments may be gone.</summary>
    public long SettledFrontier => Settled.Count > 0 && Settled[0].Start == 0 ? Settled[0].End : 0;

    public static QueueSnapshot Empty { get; } =
        new() { MessageEnd = 0, EventEnd = 0, Settled = [], Delayed = [], Deadlines = [], Retries = [] };

    public static QueueSnapshot Of(QueueState state, ProducerWindows producers, long eventEnd) => new()
    {
        MessageEnd = state.MessageEnd,
        EventEnd = eventEnd,
        Settled = [.. state.SettledRanges],
        Delayed = [.. state.Delayed],
        Deadlines = [.. state.Deadlines],
        Retries = [.. state.Retries.Select(static pair => (pair.Key, pair.Value))],
        Pending = [.. state.PendingAfterRestart],
        Producers = producers.Below(state.MessageEnd),
    };

    /// <summary>The same without what producers have sent to some offsets.</summary>
    public QueueSnapshot WithoutProducersOf(OffsetRange offsets) => this with
    {
        Producers = [.. Producers.Select(producer => producer with { Sent = [.. producer.Sent.Where(sent => !offsets.Contains(sent.Offset))] })],
    };

    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(MessageEnd);
        writer.Write(EventEnd);
        WritePairs(ref writer, Settled.Count, Settled.Select(static range => (range.Start, range.End)));
        WritePairs(ref writer, Delayed.Count, Delayed);
        WritePairs(ref writer, Deadlines.Count, Deadlines);
        WritePairs(ref writer, Retries.Count, Retries.Select(static entry => (entry.Offset, (long)entry.Retries)));
        WritePending(ref writer);
        WriteProducers(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The payload carries a valid checksum and is not a snapshot.</exception>
    public static QueueSnapshot Decode(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        int fields = reader.ReadArrayHeader();
        if (fields < FirstFieldCount) throw new InvalidDataException($"A queue snapshot has {FirstFieldCount} fields or more, this one {fields}.");
        return new QueueSnapshot
        {
            MessageEnd = reader.ReadInt64(),
            EventEnd = reader.ReadInt64(),
            Settled = [.. ReadPairs(ref reader).Select(static pair => new OffsetRange(pair.First, pair.Second))],
            Delayed = ReadPairs(ref reader),
            Deadlines = ReadPairs(ref reader),
            Retries = [.. ReadPairs(ref reader).Select(static pair => (pair.First, (int)pair.Second))],
            Pending = fields > FirstFieldCount ? ReadPending(ref reader) : [],
            Producers = fields > FirstFieldCount + 1 ? ReadProducers(ref reader) : [],
        };
    }

    private void WritePending(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Pending.Count * 3);
        foreach ((DeadLetterReason reason, OffsetRange offsets) in Pending)
        {
            writer.Write((byte)reason);
            writer.Write(offsets.Start);
            writer.Write(offsets.End);
        }
    }

    private static List<(DeadLetterReason Reason, OffsetRange Offsets)> ReadPending(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader() / 3;
        var pending = new List<(DeadLetterReason, OffsetRange)>(count);
        for (int i = 0; i < count; i++) pending.Add(((DeadLetterReason)reader.ReadByte(), new OffsetRange(reader.ReadInt64(), reader.ReadInt64())));
        return pending;
    }

    private void WriteProducers(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Producers.Count * 3);
        foreach (RememberedProducer producer in Producers)
        {
            writer.Write(producer.Id);
            writer.Write(producer.LastMs);
            writer.WriteArrayHeader(producer.Sent.Count * 3);
            foreach (SentMessage sent in producer.Sent)
            {
                writer.Write(sent.Sequence);
                writer.Write(sent.Offset);
                writer.Write(sent.Check);
            }
        }
    }

    private static List<RememberedProducer> ReadProducers(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader() / 3;
        var producers = new List<RememberedProducer>(count);
        for (int i = 0; i < count; i++)
        {
            byte[] id = reader.ReadBytes()?.ToArray() ?? [];
            long lastMs = reader.ReadInt64();
            var sent = new SentMessage[reader.ReadArrayHeader() / 3];
            for (int j = 0; j < sent.Length; j++) sent[j] = new SentMessage(reader.ReadUInt64(), reader.ReadInt64(), reader.ReadUInt64());
            producers.Add(new RememberedProducer(id, lastMs, sent));
        }

        return producers;
    }

    private static void WritePairs(ref MessagePackWriter writer, int count, IEnumerable<(long First, long Second)> pairs)
    {
        writer.WriteArrayHeader(count * 2);
        foreach ((long first, long second) in pairs)
        {
            writer.Write(first);
            writer.Write(second);
        }
    }

    private static List<(long First, long Second)> ReadPairs(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader() / 2;
        var pairs = new List<(long, long)>(count);
        for (int i = 0; i < count; i++) pairs.Add((reader.ReadInt64(), reader.ReadInt64()));
        return pairs;
    }
}
