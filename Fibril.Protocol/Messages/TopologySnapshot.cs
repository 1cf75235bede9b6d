namespace Fibril.Protocol;

/// <summary>Where a broker accepts client connections.</summary>
/// <param name="Host">Name or address; IPv6 in brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Tags">Labels of the endpoint, for people and for clients that choose by them.</param>
public sealed record BrokerAddress(string Host, ushort Port, IReadOnlyList<string> Tags) : IWireElement<BrokerAddress>
{
    static int IWireElement<BrokerAddress>.SmallestBytes => 10;

    int IWireElement<BrokerAddress>.Measure() => WireWriter.Measure(Host) + 2 + WireElements.MeasureTexts(Tags);

    void IWireElement<BrokerAddress>.Write(ref WireWriter writer)
    {
        writer.WriteString(Host);
        writer.WriteU16(Port);
        WireElements.WriteTexts(ref writer, Tags);
    }

    static BrokerAddress IWireElement<BrokerAddress>.Read(scoped ref WireReader reader) =>
        new(reader.ReadString(), reader.ReadU16(), WireElements.ReadTexts(ref reader));
}

/// <summary>One partition of a queue and its owner.</summary>
/// <param name="Topic">Queue topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Group">Queue namespace in its normalised spelling; null = the ungrouped queue.</param>
/// <param name="OwnerEndpoints">Best first; empty when the owner is unknown or the broker stands alone.</param>
/// <param name="PartitioningVersion">Repeated in every entry of the queue.</param>
/// <param name="PartitionCount">Repeated in every entry of the queue.</param>
public sealed record QueueRoute(
    string Topic,
    uint Partition,
    string? Group,
    IReadOnlyList<BrokerAddress> OwnerEndpoints,
    ulong PartitioningVersion,
    uint PartitionCount) : IWireElement<QueueRoute>
{
    static int IWireElement<QueueRoute>.SmallestBytes => 25;

    int IWireElement<QueueRoute>.Measure() =>
        WireWriter.Measure(Topic) + 4 + WireWriter.MeasureOptional(Group) + WireElements.MeasureList(OwnerEndpoints) + 8 + 4;

    void IWireElement<QueueRoute>.Write(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        writer.WriteOptional(Group);
        WireElements.WriteList(ref writer, OwnerEndpoints);
        writer.WriteU64(PartitioningVersion);
        writer.WriteU32(PartitionCount);
    }

    static QueueRoute IWireElement<QueueRoute>.Read(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadU32(),
        reader.ReadOptionalString(),
        WireElements.ReadList<BrokerAddress>(ref reader),
        reader.ReadU64(),
        reader.ReadU32());
}

/// <summary>One partition of a stream and its owner.</summary>
/// <param name="Topic">Stream topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="OwnerEndpoints">Best first; empty when the owner is unknown or the broker stands alone.</param>
/// <param name="PartitioningVersion">Repeated in every entry of the stream.</param>
/// <param name="PartitionCount">Repeated in every entry of the stream.</param>
public sealed record StreamRoute(
    string Topic, uint Partition, IReadOnlyList<BrokerAddress> OwnerEndpoints, ulong PartitioningVersion, uint PartitionCount)
    : IWireElement<StreamRoute>
{
    static int IWireElement<StreamRoute>.SmallestBytes => 24;

    int IWireElement<StreamRoute>.Measure() => WireWriter.Measure(Topic) + 4 + WireElements.MeasureList(OwnerEndpoints) + 8 + 4;

    void IWireElement<StreamRoute>.Write(ref WireWriter writer)
    {
        writer.WriteString(Topic);
        writer.WriteU32(Partition);
        WireElements.WriteList(ref writer, OwnerEndpoints);
        writer.WriteU64(PartitioningVersion);
        writer.WriteU32(PartitionCount);
    }

    static StreamRoute IWireElement<StreamRoute>.Read(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadU32(),
        WireElements.ReadList<BrokerAddress>(ref reader),
        reader.ReadU64(),
        reader.ReadU32());
}

/// <summary>Which broker owns what: the body of TOPOLOGY_OK and TOPOLOGY_UPDATE.</summary>
/// <param name="Generation">Number of this picture in the cluster; never goes back. 0 from a broker that stands alone.</param>
/// <param name="Queues">One entry per partition.</param>
/// <param name="Streams">One entry per partition.</param>
public sealed record TopologySnapshot(ulong Generation, IReadOnlyList<QueueRoute> Queues, IReadOnlyList<StreamRoute> Streams)
{
    internal int Measure() => 8 + WireElements.MeasureList(Queues) + WireElements.MeasureList(Streams);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteU64(Generation);
        WireElements.WriteList(ref writer, Queues);
        WireElements.WriteList(ref writer, Streams);
    }

    internal static TopologySnapshot Read(scoped ref WireReader reader) => new(
        reader.ReadU64(),
        WireElements.ReadList<QueueRoute>(ref reader),
        WireElements.ReadList<StreamRoute>(ref reader));
}
