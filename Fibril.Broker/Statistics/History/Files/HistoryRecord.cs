using System.Buffers.Binary;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History.Files;

/// <summary>
/// One sample as it is stored: CRC-32C of the rest (u32), zero (u32), then the numbers one after the other, little-endian; a percentile that was not
/// measured is not a number, and what is free on a disk that does not tell is -1. The rest is zero, for later versions.
/// </summary>
internal static class HistoryRecord
{
    /// <summary>A power of two, so that no record lies across two sectors.</summary>
    public const int Bytes = 256;

    private const int HeaderBytes = 8;

    public static void Write(Span<byte> record, in HistorySample sample)
    {
        record.Clear();
        var writer = new Writer(record[HeaderBytes..]);
        writer.Write(sample.AtSeconds);
        writer.Write(sample.PublishedPerSecond);
        writer.Write(sample.DeliveredPerSecond);
        writer.Write(sample.CompletedPerSecond);
        writer.Write(sample.DeadLetteredPerSecond);
        writer.Write(sample.RedeliveredPerSecond);
        writer.Write(sample.ExpiredPerSecond);
        writer.Write(sample.BytesInPerSecond);
        writer.Write(sample.BytesOutPerSecond);
        writer.Write(sample.CpuPercent);
        writer.Write(sample.ConfirmP50Ms);
        writer.Write(sample.ConfirmP99Ms);
        writer.Write(sample.DeliveryP50Ms);
        writer.Write(sample.DeliveryP99Ms);
        writer.Write(sample.SyncP50Ms);
        writer.Write(sample.SyncP99Ms);
        writer.Write(sample.Backlog);
        writer.Write(sample.MostBacklog);
        writer.Write(sample.Inflight);
        writer.Write(sample.Delayed);
        writer.Write(sample.DeadLettering);
        writer.Write(sample.ResidentMegabytes);
        writer.Write(sample.DiskUsedBytes);
        writer.Write(sample.DiskFreeBytes ?? -1);
        writer.Write(sample.Connections);
        writer.Write(sample.Subscriptions);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Crc32C.Compute(record[4..Bytes]));
    }

    /// <returns>False when it is not what was written.</returns>
    public static bool TryRead(ReadOnlySpan<byte> record, out HistorySample sample)
    {
        sample = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != Crc32C.Compute(record[4..Bytes])) return false;
        var reader = new Reader(record[HeaderBytes..]);
        sample = new HistorySample // in the order in which they are written
        {
            AtSeconds = reader.Long(),
            PublishedPerSecond = reader.Double(),
            DeliveredPerSecond = reader.Double(),
            CompletedPerSecond = reader.Double(),
            DeadLetteredPerSecond = reader.Double(),
            RedeliveredPerSecond = reader.Double(),
            ExpiredPerSecond = reader.Double(),
            BytesInPerSecond = reader.Double(),
            BytesOutPerSecond = reader.Double(),
            CpuPercent = reader.Double(),
            ConfirmP50Ms = reader.Float(),
            ConfirmP99Ms = reader.Float(),
            DeliveryP50Ms = reader.Float(),
            DeliveryP99Ms = reader.Float(),
            SyncP50Ms = reader.Float(),
            SyncP99Ms = reader.Float(),
            Backlog = reader.Long(),
            MostBacklog = reader.Long(),
            Inflight = reader.Long(),
            Delayed = reader.Long(),
            DeadLettering = reader.Long(),
            ResidentMegabytes = reader.Double(),
            DiskUsedBytes = reader.Long(),
            DiskFreeBytes = reader.Long() is var free and >= 0 ? free : null,
            Connections = reader.Int(),
            Subscriptions = reader.Int(),
        };
        return true;
    }

    private ref struct Writer(Span<byte> rest)
    {
        private Span<byte> _rest = rest;

        public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(sizeof(long)), value);

        public void Write(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Next(sizeof(double)), value);

        public void Write(float? value) => BinaryPrimitives.WriteSingleLittleEndian(Next(sizeof(float)), value ?? float.NaN);

        public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Next(sizeof(int)), value);

        private Span<byte> Next(int length)
        {
            Span<byte> next = _rest[..length];
            _rest = _rest[length..];
            return next;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(long)));

        public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Next(sizeof(double)));

        public float? Float() => BinaryPrimitives.ReadSingleLittleEndian(Next(sizeof(float))) is var value && float.IsNaN(value) ? null : value;

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Next(sizeof(int)));

        private ReadOnlySpan<byte> Next(int length)
        {
            ReadOnlySpan<byte> next = _rest[..length];
            _rest = _rest[length..];
            return next;
        }
    }
}
