using System.Text.Json.Nodes;
using Fibril.Protocol;
using static Fibril.Tests.Protocol.Codecs.JsonFields;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>Declarations, topology and the small pushes.</summary>
internal static partial class MessageFields
{
    internal static JsonObject Of(PublishOkMessage message) => new() { ["offset"] = Big(message.Offset) };

    internal static PublishOkMessage ToPublishOk(JsonObject fields) => new(fields.U64("offset"));

    internal static JsonObject Of(AssignmentChangedMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["group"] = message.Group,
        ["consumer_group"] = message.ConsumerGroup,
        ["generation"] = Big(message.Generation),
        ["assigned"] = List(message.Assigned, partition => partition),
        ["added"] = List(message.Added, partition => partition),
        ["revoked"] = List(message.Revoked, partition => partition),
    };

    internal static AssignmentChangedMessage ToAssignmentChanged(JsonObject fields) => new(
        fields.Text("topic"),
        fields.OptionalText("group"),
        fields.Text("consumer_group"),
        fields.U64("generation"),
        fields.List("assigned", partition => partition.GetValue<uint>()),
        fields.List("added", partition => partition.GetValue<uint>()),
        fields.List("revoked", partition => partition.GetValue<uint>()));

    internal static JsonObject Of(DeclareQueueMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["group"] = message.Group,
        ["dlq_policy"] = message.DeadLetterPolicy is null ? null : Of(message.DeadLetterPolicy),
        ["dlq_max_retries"] = message.DeadLetterMaxRetries,
        ["partition_count"] = message.PartitionCount,
        ["default_message_ttl_ms"] = Big(message.DefaultMessageTtlMs),
    };

    internal static DeclareQueueMessage ToDeclareQueue(JsonObject fields) => new(
        fields.Text("topic"),
        fields.OptionalText("group"),
        fields["dlq_policy"] is { } policy ? ToDeadLetterPolicy(policy) : null,
        fields.OptionalU32("dlq_max_retries"),
        fields.OptionalU32("partition_count"),
        fields.OptionalU64("default_message_ttl_ms"));

    internal static JsonObject Of(DeclareQueueOkMessage message) => new()
    {
        ["status"] = message.Status,
        ["partition_count"] = message.PartitionCount,
    };

    internal static DeclareQueueOkMessage ToDeclareQueueOk(JsonObject fields) => new(fields.Text("status"), fields.U32("partition_count"));

    internal static JsonObject Of(DeclarePlexusMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["partition_count"] = message.PartitionCount,
        ["durability"] = (uint)message.Durability,
        ["retention"] = new JsonObject
        {
            ["max_age_ms"] = Big(message.Retention.MaxAgeMs),
            ["max_bytes"] = Big(message.Retention.MaxBytes),
            ["max_records"] = Big(message.Retention.MaxRecords),
        },
        ["replication_factor"] = message.ReplicationFactor,
    };

    internal static DeclarePlexusMessage ToDeclarePlexus(JsonObject fields)
    {
        JsonNode retention = fields["retention"]!;
        return new DeclarePlexusMessage(
            fields.Text("topic"),
            fields.OptionalU32("partition_count"),
            (Durability)fields.U32("durability"),
            new StreamRetention(
                retention.OptionalU64("max_age_ms"), retention.OptionalU64("max_bytes"), retention.OptionalU64("max_records")),
            fields.OptionalU32("replication_factor"));
    }

    internal static JsonObject Of(DeclarePlexusOkMessage message) => new()
    {
        ["status"] = message.Status,
        ["partition_count"] = message.PartitionCount,
    };

    internal static DeclarePlexusOkMessage ToDeclarePlexusOk(JsonObject fields) =>
        new(fields.Text("status"), fields.U32("partition_count"));

    internal static JsonObject Of(TopologyMessage message) => new() { ["topic"] = message.Topic, ["group"] = message.Group };

    internal static TopologyMessage ToTopology(JsonObject fields) => new(fields.OptionalText("topic"), fields.OptionalText("group"));

    internal static JsonObject Of(TopologySnapshot snapshot) => new()
    {
        ["generation"] = Big(snapshot.Generation),
        ["queues"] = List(snapshot.Queues, route => new JsonObject
        {
            ["topic"] = route.Topic,
            ["partition"] = route.Partition,
            ["group"] = route.Group,
            ["owner_endpoints"] = List(route.OwnerEndpoints, Of),
            ["partitioning_version"] = Big(route.PartitioningVersion),
            ["partition_count"] = route.PartitionCount,
        }),
        ["streams"] = List(snapshot.Streams, route => new JsonObject
        {
            ["topic"] = route.Topic,
            ["partition"] = route.Partition,
            ["owner_endpoints"] = List(route.OwnerEndpoints, Of),
            ["partitioning_version"] = Big(route.PartitioningVersion),
            ["partition_count"] = route.PartitionCount,
        }),
    };

    internal static TopologySnapshot ToSnapshot(JsonObject fields) => new(
        fields.U64("generation"),
        fields.List("queues", route => new QueueRoute(
            route.Text("topic"),
            route.U32("partition"),
            route.OptionalText("group"),
            route.List("owner_endpoints", ToAddress),
            route.U64("partitioning_version"),
            route.U32("partition_count"))),
        fields.List("streams", route => new StreamRoute(
            route.Text("topic"),
            route.U32("partition"),
            route.List("owner_endpoints", ToAddress),
            route.U64("partitioning_version"),
            route.U32("partition_count"))));

    internal static JsonObject Of(TopologyUpdateAckMessage message) => new() { ["generation"] = Big(message.Generation) };

    internal static TopologyUpdateAckMessage ToTopologyUpdateAck(JsonObject fields) => new(fields.U64("generation"));

    internal static JsonObject Of(RedirectMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["partition"] = message.Partition,
        ["group"] = message.Group,
        ["owner_endpoints"] = List(message.OwnerEndpoints, Of),
        ["partitioning_version"] = Big(message.PartitioningVersion),
    };

    internal static RedirectMessage ToRedirect(JsonObject fields) => new(
        fields.Text("topic"),
        fields.U32("partition"),
        fields.OptionalText("group"),
        fields.List("owner_endpoints", ToAddress),
        fields.U64("partitioning_version"));

    internal static JsonObject Of(GoingAwayMessage message) => new()
    {
        ["grace_ms"] = Big(message.GraceMs),
        ["message"] = message.Message,
    };

    internal static GoingAwayMessage ToGoingAway(JsonObject fields) => new(fields.U64("grace_ms"), fields.Text("message"));

    private static JsonObject Of(BrokerAddress address) => new()
    {
        ["host"] = address.Host,
        ["port"] = (uint)address.Port,
        ["tags"] = List(address.Tags, tag => tag),
    };

    private static BrokerAddress ToAddress(JsonNode fields) => new(
        fields.Text("host"), (ushort)fields.U32("port"), fields.List("tags", tag => tag.GetValue<string>()));

    private static JsonObject Of(DeadLetterPolicy policy) => policy.Kind == DeadLetterPolicyKind.Custom
        ? new JsonObject { ["tag"] = (uint)policy.Kind, ["topic"] = policy.Topic, ["group"] = policy.Group }
        : new JsonObject { ["tag"] = (uint)policy.Kind };

    private static DeadLetterPolicy ToDeadLetterPolicy(JsonNode fields) => fields.U32("tag") switch
    {
        0 => DeadLetterPolicy.Discard,
        1 => DeadLetterPolicy.Global,
        2 => DeadLetterPolicy.Custom(fields.Text("topic"), fields.OptionalText("group")),
        uint tag => throw new ArgumentOutOfRangeException(nameof(fields), tag, "No such policy."),
    };
}
