using Fibril.Protocol;

namespace Fibril.Tests.Protocol.Reference;

/// <summary>Every message of the protocol, field by field in wire order.</summary>
internal static class Layouts
{
    private static readonly NumberType U16 = new(2);
    private static readonly NumberType U32 = new(4);
    private static readonly NumberType U64 = new(8);
    private static readonly BoolType Bool = new();
    private static readonly TextType Text = new();
    private static readonly BytesType Bytes = new();
    private static readonly UuidType Uuid = new();
    private static readonly ListType Headers = new(new PairType());

    private static readonly StructType Identity = Fields(("owner_id", Uuid), ("client_id", Uuid), ("resume_token", Uuid));

    private static readonly UnionType ContentType = new(Fields(), Fields(), Fields(), Fields(), Fields(("mime", Text)));

    private static readonly UnionType Start =
        new(Fields(), Fields(), Fields(("offset", U64)), Fields(("count", U64)), Fields(("time_ms", U64)));

    private static readonly UnionType DeadLetterPolicy = new(Fields(), Fields(), Fields(("topic", Text), ("group", Option(Text))));

    private static readonly StructType Address = Fields(("host", Text), ("port", U16), ("tags", List(Text)));

    private static readonly StructType Subscription = Fields(
        ("sub_id", U64), ("topic", Text), ("partition", U32), ("group", Option(Text)), ("auto_ack", Bool), ("prefetch", U32),
        ("consumer_group", Option(Text)), ("consumer_target", Option(U32)), ("member_id", Option(Uuid)));

    private static readonly StructType Topology = Fields(
        ("generation", U64),
        ("queues", List(Fields(
            ("topic", Text), ("partition", U32), ("group", Option(Text)), ("owner_endpoints", List(Address)),
            ("partitioning_version", U64), ("partition_count", U32)))),
        ("streams", List(Fields(
            ("topic", Text), ("partition", U32), ("owner_endpoints", List(Address)),
            ("partitioning_version", U64), ("partition_count", U32)))));

    private static readonly StructType Error = Fields(("code", U16), ("message", Text));

    internal static IReadOnlyDictionary<OpCode, Layout> ByOpCode { get; } = new Layout[]
    {
        new(OpCode.Hello, "FHL1", Fields(
            ("client_name", Text), ("client_version", Text), ("protocol_version", U16), ("resume", Option(Identity)))),
        new(OpCode.HelloOk, "FHO1", Fields(
            ("protocol_version", U16), ("owner_id", Uuid), ("client_id", Uuid), ("resume_token", Uuid),
            ("resume_outcome", Closed(4)), ("server_name", Text), ("compliance", Text))),
        new(OpCode.HelloErr, "FER1", Error),
        new(OpCode.Auth, "FAU1", Fields(("username", Text), ("password", Text))),
        new(OpCode.AuthOk, "", Fields()),
        new(OpCode.AuthErr, "FER1", Error),
        new(OpCode.Publish, "FPB1", Fields(
            ("topic", Text), ("group", Option(Text)), ("partition", U32), ("require_confirm", Bool), ("content_type", ContentType),
            ("headers", Headers), ("published", U64), ("partition_key", Option(Bytes)), ("partitioning_version", U64),
            ("payload", Bytes), ("ttl_ms", new TrailingType(Option(U64))))),
        new(OpCode.PublishDelayed, "FPD1", Fields(
            ("topic", Text), ("group", Option(Text)), ("partition", U32), ("require_confirm", Bool), ("not_before", U64),
            ("content_type", ContentType), ("headers", Headers), ("published", U64), ("partition_key", Option(Bytes)),
            ("partitioning_version", U64), ("payload", Bytes))),
        new(OpCode.PublishOk, "FPO1", Fields(("offset", U64))),
        new(OpCode.Subscribe, "FSB1", Fields(
            ("topic", Text), ("partition", U32), ("group", Option(Text)), ("prefetch", U32), ("auto_ack", Bool),
            ("consumer_group", Option(Text)), ("consumer_target", Option(U32)), ("member_id", Option(Uuid)))),
        new(OpCode.SubscribeOk, "FSO1", Fields(
            ("sub_id", U64), ("topic", Text), ("partition", U32), ("group", Option(Text)), ("prefetch", U32),
            ("consumer_group", Option(Text)), ("consumer_target", Option(U32)), ("member_id", Option(Uuid)))),
        new(OpCode.SubscribeErr, "FER1", Error),
        new(OpCode.Deliver, "FDL1", Fields(
            ("sub_id", U64), ("topic", Text), ("group", Option(Text)), ("partition", U32), ("offset", U64), ("delivery_tag", U64),
            ("published", U64), ("publish_received", U64), ("content_type", ContentType), ("headers", Headers), ("payload", Bytes))),
        new(OpCode.Ack, "FAK1", Fields(("topic", Text), ("group", Option(Text)), ("partition", U32), ("tags", List(U64)))),
        new(OpCode.Nack, "FNK1", Fields(
            ("topic", Text), ("group", Option(Text)), ("partition", U32), ("tags", List(U64)), ("requeue", Bool),
            ("not_before", Option(U64)))),
        new(OpCode.AssignmentChanged, "FAC1", Fields(
            ("topic", Text), ("group", Option(Text)), ("consumer_group", Text), ("generation", U64),
            ("assigned", List(U32)), ("added", List(U32)), ("revoked", List(U32)))),
        new(OpCode.Ping, "", Fields()),
        new(OpCode.Pong, "", Fields()),
        new(OpCode.DeclareQueue, "FDQ1", Fields(
            ("topic", Text), ("group", Option(Text)), ("dlq_policy", Option(DeadLetterPolicy)), ("dlq_max_retries", Option(U32)),
            ("partition_count", Option(U32)), ("default_message_ttl_ms", new TrailingType(Option(U64))))),
        new(OpCode.DeclareQueueOk, "FDK1", Fields(("status", Text), ("partition_count", U32))),
        new(OpCode.DeclarePlexus, "FDP1", Fields(
            ("topic", Text), ("partition_count", Option(U32)), ("durability", Closed(2)),
            ("retention", Fields(("max_age_ms", Option(U64)), ("max_bytes", Option(U64)), ("max_records", Option(U64)))),
            ("replication_factor", Option(U32)))),
        new(OpCode.DeclarePlexusOk, "FPK1", Fields(("status", Text), ("partition_count", U32))),
        new(OpCode.SubscribeStream, "FSP1", Fields(
            ("topic", Text), ("partition", U32), ("durable_name", Option(Text)), ("start", Start),
            ("filter", List(Fields(("header", Text), ("pattern", Text)))), ("prefetch", U32), ("auto_ack", Bool))),
        new(OpCode.ReconcileClient, "FRC1", Fields(("policy", Closed(1)), ("subscriptions", List(Subscription)))),
        new(OpCode.ReconcileServer, "FRS1", Fields(("subscriptions", List(Subscription)))),
        new(OpCode.ReconcileResult, "FRR1", Fields(("subscriptions", new ListWithCodesType(Fields(
            ("client", Option(Subscription)), ("server", Option(Subscription)), ("action", Closed(3)), ("reason", Text)))))),
        new(OpCode.Topology, "FTP1", Fields(("topic", Option(Text)), ("group", Option(Text)))),
        new(OpCode.TopologyOk, "FTO1", Topology),
        new(OpCode.Redirect, "FRD1", Fields(
            ("topic", Text), ("partition", U32), ("group", Option(Text)), ("owner_endpoints", List(Address)),
            ("partitioning_version", U64))),
        new(OpCode.TopologyUpdate, "FTU1", Topology),
        new(OpCode.TopologyUpdateAck, "FTA1", Fields(("generation", U64))),
        new(OpCode.GoingAway, "FGA1", Fields(("grace_ms", U64), ("message", Text))),
        new(OpCode.SubscriptionClosed, "FSC1", Fields(("sub_id", U64), ("code", U16), ("message", Text))),
        new(OpCode.Error, "FER1", Error),
        new(OpCode.RenewLease, "FRL1", Fields(("topic", Text), ("group", Option(Text)), ("partition", U32), ("tags", List(U64)))),
        new(OpCode.RenewLeaseOk, "FLR1", Fields(("lease_ms", U64), ("dead_tags", List(U64)))),
    }.ToDictionary(layout => layout.OpCode);

    private static StructType Fields(params (string Name, WireType Type)[] fields) => new(fields);

    private static ListType List(WireType element) => new(element);

    private static OptionType Option(WireType inner) => new(inner);

    private static ClosedType Closed(int largest) => new(largest);
}
