using System.Buffers.Binary;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Vectors;

/// <summary>A whole frame that the clients in other languages must read and write to the byte.</summary>
internal sealed record GoldenMessage(string Name, OpCode OpCode, ulong RequestId, byte[] Frame)
{
    internal byte[] Body => Frame[FrameHeader.Size..];
}

/// <summary>The messages of the shared vector file: every operation with as little and with as much in it as it can hold.</summary>
internal static class GoldenMessages
{
    private const ulong NewYear2027 = 1_798_761_600_000;

    private static readonly Guid Owner = Guid.ParseExact("6f0b1c52-83d4-4e9a-b7c6-0a1d2e3f4051", "D");
    private static readonly Guid Session = Guid.ParseExact("0199a3c4-7b1e-7d20-9f58-6c4e2b0a8d13", "D");
    private static readonly Guid Token = Guid.ParseExact("d41f7a90-25be-4c68-8e03-b9f6a1c27d54", "D");
    private static readonly Guid Member = Guid.ParseExact("10203040-5060-4708-890a-b0c0d0e0f001", "D");
    private static readonly ResumeIdentity Identity = new(Owner, Session, Token);

    private static readonly BrokerAddress Inside = new("broker-0.fibril.svc", 9876, ["internal", "zone-a"]);
    private static readonly BrokerAddress Outside = new("[2001:db8::1f]", 19876, []);

    private static readonly SubscriptionDescriptor Plain = new(7, "invoices", 0, null, false, 1, null, null, null);

    private static readonly SubscriptionDescriptor InCohort =
        new(ulong.MaxValue, "invoices", 5, "emea", true, 256, "default", 2, Member);

    internal static IReadOnlyList<GoldenMessage> All { get; } = [.. Conversation(), .. Delivery(), .. Declarations(), .. Routing()];

    internal static GoldenMessage Named(string name) => All.Single(golden => golden.Name == name);

    private static IEnumerable<GoldenMessage> Conversation() =>
    [
        Golden("hello_minimal", 1, new HelloMessage("", "", 1, null)),
        Golden("hello_full", 1, new HelloMessage("Größe-λ-語-😀", "3.1.4-beta+5", 1, Identity)),
        Golden("hello_ok_new", 1, HelloOk(ResumeOutcome.New, "")),
        Golden("hello_ok_resumed", 1, HelloOk(ResumeOutcome.Resumed, "fibril 0.1")),
        Golden("hello_ok_resume_not_found", 1, HelloOk(ResumeOutcome.NotFound, "fibril 0.1")),
        Golden("hello_ok_resume_rejected", 1, HelloOk(ResumeOutcome.Rejected, "fibril 0.1")),
        Golden("hello_ok_resumed_after_restart", 1, HelloOk(ResumeOutcome.ResumedAfterRestart, "fibril 0.1")),
        Error("hello_err", OpCode.HelloErr, 1, ErrorCode.UnsupportedVersion, "version 3 is not spoken here"),
        Golden("auth_minimal", 2, new AuthMessage("", "")),
        Golden("auth_full", 2, new AuthMessage("@ops", "pässwörd \"\\\t😀")),
        Golden("auth_ok", 2, default(AuthOkMessage)),
        Error("auth_err", OpCode.AuthErr, 2, ErrorCode.Unauthenticated, "no such user, or not with this password"),
        Golden("subscribe_minimal", 4, new SubscribeMessage("i", 0, null, 0, false, null, null, null)),
        Golden("subscribe_full", 5, new SubscribeMessage("invoices", 5, "emea", 256, true, "default", 2, Member)),
        Golden("subscribe_empty_group", 6, new SubscribeMessage("invoices", 5, "", 1, false, "", uint.MaxValue, null)),
        Golden("subscribe_ok_minimal", 4, new SubscribeOkMessage(1, "i", 0, null, 1, null, null, null)),
        Golden("subscribe_ok_full", 5, new SubscribeOkMessage(ulong.MaxValue, "invoices", 5, "emea", 256, "default", 2, Member)),
        Error("subscribe_err", OpCode.SubscribeErr, 6, ErrorCode.NotFound, "there is no stream of this name"),
        Golden("subscribe_stream_latest", 7, new SubscribeStreamMessage("s", 0, null, StreamStart.Latest, [], 0, false)),
        Golden("subscribe_stream_earliest", 8, new SubscribeStreamMessage("telemetry", 1, null, StreamStart.Earliest, [], 32, true)),
        Golden("subscribe_stream_offset", 9, new SubscribeStreamMessage(
            "telemetry", 2, null, StreamStart.AtOffset((1UL << 53) + 1), [], 32, false)),
        Golden("subscribe_stream_n_back", 10, new SubscribeStreamMessage("telemetry", 3, null, StreamStart.Back(500), [], 32, false)),
        Golden("subscribe_stream_full", 11, new SubscribeStreamMessage(
            "telemetry", uint.MaxValue, "dash.board", StreamStart.AtTime(NewYear2027),
            [new FilterClause("site", "de-*"), new FilterClause("level", "*")], 64, true)),
        Golden("assignment_changed_minimal", 3, new AssignmentChangedMessage("i", null, "c", 0, [], [], [])),
        Golden("assignment_changed_full", 4, new AssignmentChangedMessage(
            "invoices", "emea", "default", 12, [1, 4, uint.MaxValue], [4, uint.MaxValue], [0, 2])),
        Golden("reconcile_client_minimal", 3, new ReconcileClientMessage(ReconcilePolicy.Conservative, [])),
        Golden("reconcile_client_full", 3, new ReconcileClientMessage(ReconcilePolicy.Restore, [Plain, InCohort])),
        Golden("reconcile_server_minimal", 0, new ReconcileServerMessage([])),
        Golden("reconcile_server_full", 0, new ReconcileServerMessage([InCohort, Plain])),
        Golden("reconcile_result_minimal", 3, new ReconcileResultMessage([])),
        Golden("reconcile_result_full", 3, new ReconcileResultMessage(
        [
            Verdict(Plain, Plain with { SubscriptionId = 8 }, ReconcileAction.Keep, CloseReason.ServerIdChanged),
            Verdict(InCohort, null, ReconcileAction.CloseClientSide, CloseReason.ServerMissing),
            Verdict(null, InCohort, ReconcileAction.CloseServerSide, CloseReason.ClientMissing),
            Verdict(Plain, null, ReconcileAction.RecreateClientSide, CloseReason.Recreate),
        ])),
        Golden("reconcile_result_unknown_code", 3, new ReconcileResultMessage(
            [new ReconcileVerdict(Plain, null, ReconcileAction.CloseClientSide, (CloseReason)777, "not_known_yet")])),
        Golden("going_away_minimal", 0, new GoingAwayMessage(0, "")),
        Golden("going_away_full", 0, new GoingAwayMessage(90_000, "rolling update")),
        Golden("subscription_closed_minimal", 5, new SubscriptionClosedMessage(1, CloseReason.Unspecified, "")),
        Golden("subscription_closed_full", 6, new SubscriptionClosedMessage(
            ulong.MaxValue, CloseReason.OwnerMoved, "moved to broker-1")),
        Golden("subscription_closed_unknown_code", 7, new SubscriptionClosedMessage(2, (CloseReason)65_000, "?")),
        Golden("ping", ulong.MaxValue, default(PingMessage)),
        Golden("pong", ulong.MaxValue, default(PongMessage)),
        Error("error_minimal", OpCode.Error, 0, ErrorCode.Invalid, ""),
        Error("error_full", OpCode.Error, 12, ErrorCode.Conflict, "invoices/5 has no owner right now"),
        Error("error_unknown_code", OpCode.Error, 13, (ErrorCode)511, "later"),
    ];

    private static IEnumerable<GoldenMessage> Delivery() =>
    [
        Golden("publish_minimal", 14, new PublishMessage { Topic = "i"u8 }),
        Golden("publish_full", 15, new PublishMessage
        {
            Topic = "invoices"u8,
            Group = new OptionalUtf8("emea"u8),
            Partition = 5,
            RequireConfirm = true,
            ContentType = ContentType.Of(ContentTypeKind.Json),
            Headers = Headers(("x-tenant", "acme"), ("fibril.client.producer_seq", "18446744073709551615"), ("ключ", "значение")),
            Published = NewYear2027,
            HasPartitionKey = true,
            PartitionKey = "customer-7"u8,
            PartitioningVersion = 3,
            Payload = "{\"total\":12.5}"u8,
            TtlMs = 86_400_000,
        }),
        Golden("publish_custom_type", 16, new PublishMessage
        {
            Topic = "invoices"u8,
            Group = new OptionalUtf8(""u8),
            Partition = uint.MaxValue,
            ContentType = ContentType.Custom("application/pdf"u8),
            Published = ulong.MaxValue,
            HasPartitionKey = true,
            PartitioningVersion = ulong.MaxValue,
            Payload = [0x25, 0x50, 0x44, 0x46, 0x00, 0xFF],
            TtlMs = 0,
        }),
        Golden("publish_delayed_minimal", 17, new PublishDelayedMessage { Topic = "i"u8 }),
        Golden("publish_delayed_full", 18, new PublishDelayedMessage
        {
            Topic = "reminders"u8,
            Group = new OptionalUtf8("emea"u8),
            Partition = 1,
            RequireConfirm = true,
            NotBefore = NewYear2027 + 60_000,
            ContentType = ContentType.Of(ContentTypeKind.Text),
            Headers = Headers(("x-tenant", "")),
            Published = NewYear2027,
            HasPartitionKey = true,
            PartitionKey = [0x00, 0xFF, 0x10],
            PartitioningVersion = 3,
            Payload = "später"u8,
        }),
        Golden("publish_ok_minimal", 14, new PublishOkMessage(0)),
        Golden("publish_ok_full", 15, new PublishOkMessage(ulong.MaxValue)),
        Golden("deliver_minimal", 0, new DeliverMessage { SubscriptionId = 1, Topic = "i"u8 }),
        Golden("deliver_full", 1, new DeliverMessage
        {
            SubscriptionId = 8,
            Topic = "invoices"u8,
            Group = new OptionalUtf8("emea"u8),
            Partition = 5,
            Offset = (1UL << 53) + 1,
            DeliveryTag = ulong.MaxValue,
            Published = NewYear2027,
            PublishReceived = NewYear2027 + 3,
            ContentType = ContentType.Of(ContentTypeKind.MessagePack),
            Headers = Headers(("fibril.retries", "2"), ("x-tenant", "acme")),
            Payload = [0x81, 0xA1, 0x6E, 0x2A],
        }),
        Golden("deliver_custom_type", 2, new DeliverMessage
        {
            SubscriptionId = 9,
            Topic = "invoices"u8,
            ContentType = ContentType.Custom(""u8),
            Payload = [0x00],
        }),
        Golden("ack_minimal", 1, new AckMessage { Topic = "i"u8 }),
        Golden("ack_full", 1, new AckMessage
        {
            Topic = "invoices"u8,
            Group = new OptionalUtf8("emea"u8),
            Partition = 5,
            Tags = Tags(1, (1UL << 53) + 1, ulong.MaxValue),
        }),
        Golden("nack_minimal", 2, new NackMessage { Topic = "i"u8 }),
        Golden("nack_full", 2, new NackMessage
        {
            Topic = "invoices"u8,
            Group = new OptionalUtf8("emea"u8),
            Partition = 5,
            Tags = Tags(41, 42),
            Requeue = true,
            NotBefore = NewYear2027,
        }),
        Golden("renew_lease_minimal", 30, new RenewLeaseMessage("i", null, 0, [])),
        Golden("renew_lease_full", 31, new RenewLeaseMessage("invoices", "emea", 5, [1, (1UL << 53) + 1, ulong.MaxValue])),
        Golden("renew_lease_ok_minimal", 30, new RenewLeaseOkMessage(0, [])),
        Golden("renew_lease_ok_full", 31, new RenewLeaseOkMessage(30_000, [(1UL << 53) + 1, ulong.MaxValue])),
    ];

    private static IEnumerable<GoldenMessage> Declarations() =>
    [
        Golden("declare_queue_minimal", 19, new DeclareQueueMessage("i", null, null, null, null, null)),
        Golden("declare_queue_discard", 20, new DeclareQueueMessage("invoices", null, DeadLetterPolicy.Discard, 0, 1, null)),
        Golden("declare_queue_global", 21, new DeclareQueueMessage("invoices", "emea", DeadLetterPolicy.Global, 3, null, 0)),
        Golden("declare_queue_full", 22, new DeclareQueueMessage(
            "invoices", "emea", DeadLetterPolicy.Custom("invoices.failed", "emea"), 10, 6, 604_800_000)),
        Golden("declare_queue_ok", 22, new DeclareQueueOkMessage(ProtocolDefaults.DeclaredStatus, 6)),
        Golden("declare_plexus_minimal", 23, new DeclarePlexusMessage("s", null, Durability.Ephemeral, default, null)),
        Golden("declare_plexus_speculative", 24, new DeclarePlexusMessage(
            "telemetry", null, Durability.Speculative, new StreamRetention(null, null, 1_000_000), 0)),
        Golden("declare_plexus_full", 25, new DeclarePlexusMessage(
            "telemetry", 4, Durability.Durable, new StreamRetention(3_600_000, 1UL << 40, ulong.MaxValue), 2)),
        Golden("declare_plexus_ok", 25, new DeclarePlexusOkMessage(ProtocolDefaults.DeclaredStatus, 4)),
    ];

    private static IEnumerable<GoldenMessage> Routing()
    {
        var everything = new TopologySnapshot(
            (1UL << 53) + 1,
            [
                new QueueRoute("invoices", 0, "emea", [Inside, Outside], 3, 2),
                new QueueRoute("invoices", 1, "emea", [], 3, 2),
                new QueueRoute("reminders", 0, null, [Outside], 1, 1),
            ],
            [new StreamRoute("telemetry", 0, [Inside], 1, 1)]);
        var nothing = new TopologySnapshot(0, [], []);
        return
        [
            Golden("topology_minimal", 26, new TopologyMessage(null, null)),
            Golden("topology_full", 27, new TopologyMessage("invoices", "emea")),
            Golden("topology_ok_minimal", 26, new TopologyOkMessage(nothing)),
            Golden("topology_ok_full", 27, new TopologyOkMessage(everything)),
            Golden("redirect_minimal", 28, new RedirectMessage("s", 0, null, [Outside], 0)),
            Golden("redirect_full", 29, new RedirectMessage("invoices", 1, "emea", [Inside, Outside], 3)),
            Golden("topology_update_minimal", 8, new TopologyUpdateMessage(nothing)),
            Golden("topology_update_full", 9, new TopologyUpdateMessage(everything)),
            Golden("topology_update_ack_minimal", 8, new TopologyUpdateAckMessage(0)),
            Golden("topology_update_ack_full", 9, new TopologyUpdateAckMessage((1UL << 53) + 1)),
        ];
    }

    private static GoldenMessage Golden<T>(string name, ulong requestId, scoped in T message)
        where T : IWireMessage<T>, allows ref struct =>
        new(name, T.OpCode, requestId, FrameBytes.Of(requestId, in message));

    private static GoldenMessage Error(string name, OpCode opCode, ulong requestId, ErrorCode code, string message)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.WriteError(output, opCode, requestId, new ErrorMessage(code, message));
        return new GoldenMessage(name, opCode, requestId, output.WrittenSpan.ToArray());
    }

    private static HelloOkMessage HelloOk(ResumeOutcome outcome, string serverName) =>
        new(FrameHeader.ProtocolVersion, Identity, outcome, serverName, ProtocolDefaults.ComplianceMarker);

    private static ReconcileVerdict Verdict(
        SubscriptionDescriptor? client, SubscriptionDescriptor? server, ReconcileAction action, CloseReason reason) =>
        new(client, server, action, reason, CloseReasons.TokenOf(reason)!);

    private static HeaderBlock Headers(params (string Key, string Value)[] headers)
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers) builder.Add(key, value);
        return builder.Block;
    }

    private static TagList Tags(params ulong[] tags)
    {
        byte[] encoded = new byte[tags.Length * TagList.TagBytes];
        for (int i = 0; i < tags.Length; i++) BinaryPrimitives.WriteUInt64BigEndian(encoded.AsSpan(i * TagList.TagBytes), tags[i]);
        return new TagList(encoded);
    }
}
