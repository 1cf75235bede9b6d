using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Fibril.Protocol;
using Xunit;
using static Fibril.Tests.Protocol.Codecs.JsonFields;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>Messages on the path of every delivery, which are ref structs.</summary>
internal static partial class MessageFields
{
    internal static JsonObject Of(PublishMessage message) => new()
    {
        ["topic"] = Text(message.Topic),
        ["group"] = Text(message.Group),
        ["partition"] = message.Partition,
        ["require_confirm"] = message.RequireConfirm,
        ["content_type"] = Of(message.ContentType),
        ["headers"] = Of(message.Headers),
        ["published"] = Big(message.Published),
        ["partition_key"] = message.HasPartitionKey ? Hex(message.PartitionKey) : null,
        ["partitioning_version"] = Big(message.PartitioningVersion),
        ["payload"] = Hex(message.Payload),
        ["ttl_ms"] = Big(message.TtlMs),
    };

    internal static PublishMessage ToPublish(JsonObject fields) => new()
    {
        Topic = fields.Utf8("topic"),
        Group = fields.OptionalUtf8("group"),
        Partition = fields.U32("partition"),
        RequireConfirm = fields.Flag("require_confirm"),
        ContentType = ToContentType(fields["content_type"]!),
        Headers = ToHeaders(fields["headers"]!),
        Published = fields.U64("published"),
        HasPartitionKey = fields["partition_key"] is not null,
        PartitionKey = fields["partition_key"] is null ? default : fields.Bytes("partition_key"),
        PartitioningVersion = fields.U64("partitioning_version"),
        Payload = fields.Bytes("payload"),
        TtlMs = fields.OptionalU64("ttl_ms"),
    };

    internal static JsonObject Of(PublishDelayedMessage message) => new()
    {
        ["topic"] = Text(message.Topic),
        ["group"] = Text(message.Group),
        ["partition"] = message.Partition,
        ["require_confirm"] = message.RequireConfirm,
        ["not_before"] = Big(message.NotBefore),
        ["content_type"] = Of(message.ContentType),
        ["headers"] = Of(message.Headers),
        ["published"] = Big(message.Published),
        ["partition_key"] = message.HasPartitionKey ? Hex(message.PartitionKey) : null,
        ["partitioning_version"] = Big(message.PartitioningVersion),
        ["payload"] = Hex(message.Payload),
    };

    internal static PublishDelayedMessage ToPublishDelayed(JsonObject fields) => new()
    {
        Topic = fields.Utf8("topic"),
        Group = fields.OptionalUtf8("group"),
        Partition = fields.U32("partition"),
        RequireConfirm = fields.Flag("require_confirm"),
        NotBefore = fields.U64("not_before"),
        ContentType = ToContentType(fields["content_type"]!),
        Headers = ToHeaders(fields["headers"]!),
        Published = fields.U64("published"),
        HasPartitionKey = fields["partition_key"] is not null,
        PartitionKey = fields["partition_key"] is null ? default : fields.Bytes("partition_key"),
        PartitioningVersion = fields.U64("partitioning_version"),
        Payload = fields.Bytes("payload"),
    };

    internal static JsonObject Of(DeliverMessage message) => new()
    {
        ["sub_id"] = Big(message.SubscriptionId),
        ["topic"] = Text(message.Topic),
        ["group"] = Text(message.Group),
        ["partition"] = message.Partition,
        ["offset"] = Big(message.Offset),
        ["delivery_tag"] = Big(message.DeliveryTag),
        ["published"] = Big(message.Published),
        ["publish_received"] = Big(message.PublishReceived),
        ["content_type"] = Of(message.ContentType),
        ["headers"] = Of(message.Headers),
        ["payload"] = Hex(message.Payload),
    };

    internal static DeliverMessage ToDeliver(JsonObject fields) => new()
    {
        SubscriptionId = fields.U64("sub_id"),
        Topic = fields.Utf8("topic"),
        Group = fields.OptionalUtf8("group"),
        Partition = fields.U32("partition"),
        Offset = fields.U64("offset"),
        DeliveryTag = fields.U64("delivery_tag"),
        Published = fields.U64("published"),
        PublishReceived = fields.U64("publish_received"),
        ContentType = ToContentType(fields["content_type"]!),
        Headers = ToHeaders(fields["headers"]!),
        Payload = fields.Bytes("payload"),
    };

    internal static JsonObject Of(AckMessage message) => new()
    {
        ["topic"] = Text(message.Topic),
        ["group"] = Text(message.Group),
        ["partition"] = message.Partition,
        ["tags"] = Of(message.Tags),
    };

    internal static AckMessage ToAck(JsonObject fields) => new()
    {
        Topic = fields.Utf8("topic"),
        Group = fields.OptionalUtf8("group"),
        Partition = fields.U32("partition"),
        Tags = ToTags(fields["tags"]!),
    };

    internal static JsonObject Of(NackMessage message) => new()
    {
        ["topic"] = Text(message.Topic),
        ["group"] = Text(message.Group),
        ["partition"] = message.Partition,
        ["tags"] = Of(message.Tags),
        ["requeue"] = message.Requeue,
        ["not_before"] = Big(message.NotBefore),
    };

    internal static NackMessage ToNack(JsonObject fields) => new()
    {
        Topic = fields.Utf8("topic"),
        Group = fields.OptionalUtf8("group"),
        Partition = fields.U32("partition"),
        Tags = ToTags(fields["tags"]!),
        Requeue = fields.Flag("requeue"),
        NotBefore = fields.OptionalU64("not_before"),
    };

    private static JsonObject Of(ContentType type) => type.Kind == ContentTypeKind.Custom
        ? new JsonObject { ["tag"] = (uint)type.Kind, ["mime"] = Text(type.CustomMime) }
        : new JsonObject { ["tag"] = (uint)type.Kind };

    private static ContentType ToContentType(JsonNode fields)
    {
        var kind = (ContentTypeKind)fields.U32("tag");
        return kind == ContentTypeKind.Custom ? ContentType.Custom(fields.Utf8("mime")) : ContentType.Of(kind);
    }

    private static JsonArray Of(HeaderBlock headers)
    {
        var pairs = new JsonArray();
        foreach (Header header in headers) pairs.Add(new JsonArray(Text(header.Key), Text(header.Value)));
        Assert.Equal(headers.Count, pairs.Count);
        return pairs;
    }

    private static HeaderBlock ToHeaders(JsonNode pairs)
    {
        var builder = new HeaderBlockBuilder();
        foreach (JsonNode? pair in (JsonArray)pairs) builder.Add(pair![0]!.GetValue<string>(), pair[1]!.GetValue<string>());
        return builder.Block;
    }

    private static JsonArray Of(TagList tags)
    {
        var numbers = new JsonArray();
        for (int i = 0; i < tags.Count; i++) numbers.Add(Big(tags[i]));
        return numbers;
    }

    private static TagList ToTags(JsonNode numbers)
    {
        var tags = (JsonArray)numbers;
        byte[] encoded = new byte[tags.Count * TagList.TagBytes];
        for (int i = 0; i < tags.Count; i++)
        {
            ulong tag = ulong.Parse(tags[i]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
            BinaryPrimitives.WriteUInt64BigEndian(encoded.AsSpan(i * TagList.TagBytes), tag);
        }

        return new TagList(encoded);
    }
}
