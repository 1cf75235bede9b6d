using Fibril.Client.Routing;
using Fibril.Client.Serialization;
using Fibril.Client.Telemetry;
using Fibril.Protocol;

namespace Fibril.Client.Publishing;

/// <summary>Everything about one message but its payload, decided once: a message that waits for room keeps its partition, times and headers.</summary>
internal readonly struct Envelope
{
    public required QueueAddress Queue { get; init; }

    public required uint Partition { get; init; }

    public required ulong PartitioningVersion { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required ulong Published { get; init; }

    /// <summary>Unix milliseconds; null for a message that is not delayed.</summary>
    public required ulong? NotBefore { get; init; }

    public required ulong? TtlMs { get; init; }

    public required WireContentType? ContentType { get; init; }

    /// <summary>Encoded; empty for none.</summary>
    public required ReadOnlyMemory<byte> Headers { get; init; }

    public required byte[]? PartitionKey { get; init; }

    /// <summary>Learns of the outcome of a pipelined publish; null when nobody wants to know.</summary>
    public ClientOperation? Operation { get; init; }

    private HeaderBlock WireHeaders => Headers.IsEmpty ? default : HeaderBlock.FromValidated(Headers.Span);

    public PublishMessage ToMessage(ReadOnlySpan<byte> payload, bool requireConfirm) => new()
    {
        Topic = Queue.WireTopic,
        Group = Queue.WireGroup,
        Partition = Partition,
        RequireConfirm = requireConfirm,
        ContentType = ContentType is null ? default : ContentType.Value,
        Headers = WireHeaders,
        Published = Published,
        HasPartitionKey = PartitionKey is not null,
        PartitionKey = PartitionKey,
        PartitioningVersion = PartitioningVersion,
        Payload = payload,
        TtlMs = TtlMs,
    };

    public PublishDelayedMessage ToDelayedMessage(ReadOnlySpan<byte> payload, ulong notBefore, bool requireConfirm) => new()
    {
        Topic = Queue.WireTopic,
        Group = Queue.WireGroup,
        Partition = Partition,
        RequireConfirm = requireConfirm,
        NotBefore = notBefore,
        ContentType = ContentType is null ? default : ContentType.Value,
        Headers = WireHeaders,
        Published = Published,
        HasPartitionKey = PartitionKey is not null,
        PartitionKey = PartitionKey,
        PartitioningVersion = PartitioningVersion,
        Payload = payload,
    };
}
