using System.Text.Json.Nodes;
using Fibril.Protocol;
using static Fibril.Tests.Protocol.Codecs.JsonFields;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>Handshake, errors, subscriptions and reconciliation.</summary>
internal static partial class MessageFields
{
    internal static JsonObject Of(HelloMessage message) => new()
    {
        ["client_name"] = message.ClientName,
        ["client_version"] = message.ClientVersion,
        ["protocol_version"] = (uint)message.ProtocolVersion,
        ["resume"] = message.Resume is { } identity ? Of(identity) : null,
    };

    internal static HelloMessage ToHello(JsonObject fields) => new(
        fields.Text("client_name"),
        fields.Text("client_version"),
        (ushort)fields.U32("protocol_version"),
        fields["resume"] is { } identity ? ToIdentity(identity) : null);

    internal static JsonObject Of(HelloOkMessage message) => new()
    {
        ["protocol_version"] = (uint)message.ProtocolVersion,
        ["owner_id"] = Uuid(message.Identity.OwnerId),
        ["client_id"] = Uuid(message.Identity.ClientId),
        ["resume_token"] = Uuid(message.Identity.ResumeToken),
        ["resume_outcome"] = (uint)message.Outcome,
        ["server_name"] = message.ServerName,
        ["compliance"] = message.Compliance,
    };

    internal static HelloOkMessage ToHelloOk(JsonObject fields) => new(
        (ushort)fields.U32("protocol_version"),
        ToIdentity(fields),
        (ResumeOutcome)fields.U32("resume_outcome"),
        fields.Text("server_name"),
        fields.Text("compliance"));

    internal static JsonObject Of(AuthMessage message) => new() { ["username"] = message.Username, ["password"] = message.Password };

    internal static AuthMessage ToAuth(JsonObject fields) => new(fields.Text("username"), fields.Text("password"));

    internal static JsonObject Of(ErrorMessage message) => new() { ["code"] = (uint)message.Code, ["message"] = message.Message };

    internal static ErrorMessage ToError(JsonObject fields) => new((ErrorCode)fields.U32("code"), fields.Text("message"));

    internal static JsonObject Of(SubscribeMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["partition"] = message.Partition,
        ["group"] = message.Group,
        ["prefetch"] = message.Prefetch,
        ["auto_ack"] = message.AutoAck,
        ["consumer_group"] = message.ConsumerGroup,
        ["consumer_target"] = message.ConsumerTarget,
        ["member_id"] = Uuid(message.MemberId),
    };

    internal static SubscribeMessage ToSubscribe(JsonObject fields) => new(
        fields.Text("topic"),
        fields.U32("partition"),
        fields.OptionalText("group"),
        fields.U32("prefetch"),
        fields.Flag("auto_ack"),
        fields.OptionalText("consumer_group"),
        fields.OptionalU32("consumer_target"),
        fields.OptionalUuid("member_id"));

    internal static JsonObject Of(SubscribeOkMessage message) => new()
    {
        ["sub_id"] = Big(message.SubscriptionId),
        ["topic"] = message.Topic,
        ["partition"] = message.Partition,
        ["group"] = message.Group,
        ["prefetch"] = message.Prefetch,
        ["consumer_group"] = message.ConsumerGroup,
        ["consumer_target"] = message.ConsumerTarget,
        ["member_id"] = Uuid(message.MemberId),
    };

    internal static SubscribeOkMessage ToSubscribeOk(JsonObject fields) => new(
        fields.U64("sub_id"),
        fields.Text("topic"),
        fields.U32("partition"),
        fields.OptionalText("group"),
        fields.U32("prefetch"),
        fields.OptionalText("consumer_group"),
        fields.OptionalU32("consumer_target"),
        fields.OptionalUuid("member_id"));

    internal static JsonObject Of(SubscribeStreamMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["partition"] = message.Partition,
        ["durable_name"] = message.DurableName,
        ["start"] = Of(message.Start),
        ["filter"] = List(message.Filter, clause => new JsonObject { ["header"] = clause.Header, ["pattern"] = clause.Pattern }),
        ["prefetch"] = message.Prefetch,
        ["auto_ack"] = message.AutoAck,
    };

    internal static SubscribeStreamMessage ToSubscribeStream(JsonObject fields) => new(
        fields.Text("topic"),
        fields.U32("partition"),
        fields.OptionalText("durable_name"),
        ToStart(fields["start"]!),
        fields.List("filter", clause => new FilterClause(clause.Text("header"), clause.Text("pattern"))),
        fields.U32("prefetch"),
        fields.Flag("auto_ack"));

    internal static JsonObject Of(RenewLeaseMessage message) => new()
    {
        ["topic"] = message.Topic,
        ["group"] = message.Group,
        ["partition"] = message.Partition,
        ["tags"] = List(message.Tags, Big),
    };

    internal static RenewLeaseMessage ToRenewLease(JsonObject fields) =>
        new(fields.Text("topic"), fields.OptionalText("group"), fields.U32("partition"), fields.List("tags", ToU64));

    internal static JsonObject Of(RenewLeaseOkMessage message) => new()
    {
        ["lease_ms"] = Big(message.LeaseMs),
        ["dead_tags"] = List(message.DeadTags, Big),
    };

    internal static RenewLeaseOkMessage ToRenewLeaseOk(JsonObject fields) => new(fields.U64("lease_ms"), fields.List("dead_tags", ToU64));

    internal static JsonObject Of(SubscriptionClosedMessage message) => new()
    {
        ["sub_id"] = Big(message.SubscriptionId),
        ["code"] = (uint)message.Code,
        ["message"] = message.Message,
    };

    internal static SubscriptionClosedMessage ToSubscriptionClosed(JsonObject fields) =>
        new(fields.U64("sub_id"), (CloseReason)fields.U32("code"), fields.Text("message"));

    internal static JsonObject Of(ReconcileClientMessage message) => new()
    {
        ["policy"] = (uint)message.Policy,
        ["subscriptions"] = List(message.Subscriptions, Of),
    };

    internal static ReconcileClientMessage ToReconcileClient(JsonObject fields) =>
        new((ReconcilePolicy)fields.U32("policy"), fields.List("subscriptions", ToDescriptor));

    internal static JsonObject Of(ReconcileServerMessage message) => new() { ["subscriptions"] = List(message.Subscriptions, Of) };

    internal static ReconcileServerMessage ToReconcileServer(JsonObject fields) => new(fields.List("subscriptions", ToDescriptor));

    internal static JsonObject Of(ReconcileResultMessage message) => new()
    {
        ["subscriptions"] = List(message.Verdicts, verdict => new JsonObject
        {
            ["client"] = verdict.Client is null ? null : Of(verdict.Client),
            ["server"] = verdict.Server is null ? null : Of(verdict.Server),
            ["action"] = (uint)verdict.Action,
            ["reason"] = verdict.Reason,
            ["code"] = (uint)verdict.Code,
        }),
    };

    internal static ReconcileResultMessage ToReconcileResult(JsonObject fields) =>
        new(fields.List("subscriptions", verdict => new ReconcileVerdict(
            verdict["client"] is { } client ? ToDescriptor(client) : null,
            verdict["server"] is { } server ? ToDescriptor(server) : null,
            (ReconcileAction)verdict.U32("action"),
            (CloseReason)verdict.U32("code"),
            verdict.Text("reason"))));

    private static JsonObject Of(ResumeIdentity identity) => new()
    {
        ["owner_id"] = Uuid(identity.OwnerId),
        ["client_id"] = Uuid(identity.ClientId),
        ["resume_token"] = Uuid(identity.ResumeToken),
    };

    private static ResumeIdentity ToIdentity(JsonNode fields) =>
        new(fields.Uuid("owner_id"), fields.Uuid("client_id"), fields.Uuid("resume_token"));

    private static JsonObject Of(StreamStart start) => start.Kind switch
    {
        StreamStartKind.Offset => new() { ["tag"] = 2U, ["offset"] = Big(start.Value) },
        StreamStartKind.Back => new() { ["tag"] = 3U, ["count"] = Big(start.Value) },
        StreamStartKind.Time => new() { ["tag"] = 4U, ["time_ms"] = Big(start.Value) },
        _ => new() { ["tag"] = (uint)start.Kind },
    };

    private static StreamStart ToStart(JsonNode fields) => fields.U32("tag") switch
    {
        0 => StreamStart.Latest,
        1 => StreamStart.Earliest,
        2 => StreamStart.AtOffset(fields.U64("offset")),
        3 => StreamStart.Back(fields.U64("count")),
        4 => StreamStart.AtTime(fields.U64("time_ms")),
        uint tag => throw new ArgumentOutOfRangeException(nameof(fields), tag, "No such start."),
    };

    private static JsonObject Of(SubscriptionDescriptor subscription) => new()
    {
        ["sub_id"] = Big(subscription.SubscriptionId),
        ["topic"] = subscription.Topic,
        ["partition"] = subscription.Partition,
        ["group"] = subscription.Group,
        ["auto_ack"] = subscription.AutoAck,
        ["prefetch"] = subscription.Prefetch,
        ["consumer_group"] = subscription.ConsumerGroup,
        ["consumer_target"] = subscription.ConsumerTarget,
        ["member_id"] = Uuid(subscription.MemberId),
    };

    private static SubscriptionDescriptor ToDescriptor(JsonNode fields) => new(
        fields.U64("sub_id"),
        fields.Text("topic"),
        fields.U32("partition"),
        fields.OptionalText("group"),
        fields.Flag("auto_ack"),
        fields.U32("prefetch"),
        fields.OptionalText("consumer_group"),
        fields.OptionalU32("consumer_target"),
        fields.OptionalUuid("member_id"));
}
