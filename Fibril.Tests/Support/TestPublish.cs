using System.Text;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A publish of a test: PUBLISH, or PUBLISH_DELAYED when there is a time before which it is not delivered.</summary>
internal sealed record TestPublish(string Topic = "orders", string? Group = null, uint Partition = 0)
{
    public bool Confirm { get; init; } = true;

    public ContentTypeKind ContentType { get; init; }

    /// <summary>Makes the content type a custom one.</summary>
    public string? CustomMime { get; init; }

    public (string Key, string Value)[] Headers { get; init; } = [];

    public ulong Published { get; init; }

    public byte[]? PartitionKey { get; init; }

    public ulong PartitioningVersion { get; init; }

    public byte[] Payload { get; init; } = [];

    public string Text
    {
        init => Payload = Encoding.UTF8.GetBytes(value);
    }

    public ulong? TtlMs { get; init; }

    public ulong? NotBefore { get; init; }

    /// <summary>The whole frame.</summary>
    public byte[] ToFrame(ulong requestId) => NotBefore is { } time ? Delayed(requestId, time) : Plain(requestId);

    private byte[] Plain(ulong requestId)
    {
        var message = new PublishMessage
        {
            Topic = Encoding.UTF8.GetBytes(Topic),
            Group = GroupOption,
            Partition = Partition,
            RequireConfirm = Confirm,
            ContentType = WireType,
            Headers = HeaderBuilder().Block,
            Published = Published,
            HasPartitionKey = PartitionKey is not null,
            PartitionKey = PartitionKey,
            PartitioningVersion = PartitioningVersion,
            Payload = Payload,
            TtlMs = TtlMs,
        };
        return FrameBytes.Of(requestId, in message);
    }

    private byte[] Delayed(ulong requestId, ulong notBefore)
    {
        var message = new PublishDelayedMessage
        {
            Topic = Encoding.UTF8.GetBytes(Topic),
            Group = GroupOption,
            Partition = Partition,
            RequireConfirm = Confirm,
            NotBefore = notBefore,
            ContentType = WireType,
            Headers = HeaderBuilder().Block,
            Published = Published,
            HasPartitionKey = PartitionKey is not null,
            PartitionKey = PartitionKey,
            PartitioningVersion = PartitioningVersion,
            Payload = Payload,
        };
        return FrameBytes.Of(requestId, in message);
    }

    private OptionalUtf8 GroupOption => Group is null ? default : new OptionalUtf8(Encoding.UTF8.GetBytes(Group));

    private ContentType WireType => CustomMime is null
        ? Fibril.Protocol.ContentType.Of(ContentType)
        : Fibril.Protocol.ContentType.Custom(Encoding.UTF8.GetBytes(CustomMime));

    private HeaderBlockBuilder HeaderBuilder()
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in Headers) builder.Add(key, value);
        return builder;
    }
}
