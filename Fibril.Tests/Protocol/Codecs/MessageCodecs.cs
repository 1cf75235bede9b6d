using Fibril.Protocol;
using Xunit;

namespace Fibril.Tests.Protocol.Codecs;

/// <summary>The library's codecs of all operations.</summary>
internal static class MessageCodecs
{
    internal static IReadOnlyDictionary<OpCode, MessageCodec> ByOpCode { get; } = new MessageCodec[]
    {
        new MessageCodec<HelloMessage>(MessageFields.Of, MessageFields.ToHello),
        new MessageCodec<HelloOkMessage>(MessageFields.Of, MessageFields.ToHelloOk),
        new ErrorCodec(OpCode.HelloErr),
        new MessageCodec<AuthMessage>(MessageFields.Of, MessageFields.ToAuth),
        new MessageCodec<AuthOkMessage>(static _ => [], static _ => default),
        new ErrorCodec(OpCode.AuthErr),
        new MessageCodec<PublishMessage>(MessageFields.Of, MessageFields.ToPublish),
        new MessageCodec<PublishDelayedMessage>(MessageFields.Of, MessageFields.ToPublishDelayed),
        new MessageCodec<PublishOkMessage>(MessageFields.Of, MessageFields.ToPublishOk),
        new MessageCodec<SubscribeMessage>(MessageFields.Of, MessageFields.ToSubscribe),
        new MessageCodec<SubscribeOkMessage>(MessageFields.Of, MessageFields.ToSubscribeOk),
        new ErrorCodec(OpCode.SubscribeErr),
        new MessageCodec<DeliverMessage>(MessageFields.Of, MessageFields.ToDeliver),
        new MessageCodec<AckMessage>(MessageFields.Of, MessageFields.ToAck),
        new MessageCodec<NackMessage>(MessageFields.Of, MessageFields.ToNack),
        new MessageCodec<AssignmentChangedMessage>(MessageFields.Of, MessageFields.ToAssignmentChanged),
        new MessageCodec<PingMessage>(static _ => [], static _ => default),
        new MessageCodec<PongMessage>(static _ => [], static _ => default),
        new MessageCodec<DeclareQueueMessage>(MessageFields.Of, MessageFields.ToDeclareQueue),
        new MessageCodec<DeclareQueueOkMessage>(MessageFields.Of, MessageFields.ToDeclareQueueOk),
        new MessageCodec<DeclarePlexusMessage>(MessageFields.Of, MessageFields.ToDeclarePlexus),
        new MessageCodec<DeclarePlexusOkMessage>(MessageFields.Of, MessageFields.ToDeclarePlexusOk),
        new MessageCodec<SubscribeStreamMessage>(MessageFields.Of, MessageFields.ToSubscribeStream),
        new MessageCodec<ReconcileClientMessage>(MessageFields.Of, MessageFields.ToReconcileClient),
        new MessageCodec<ReconcileServerMessage>(MessageFields.Of, MessageFields.ToReconcileServer),
        new MessageCodec<ReconcileResultMessage>(MessageFields.Of, MessageFields.ToReconcileResult),
        new MessageCodec<TopologyMessage>(MessageFields.Of, MessageFields.ToTopology),
        new MessageCodec<TopologyOkMessage>(
            static message => MessageFields.Of(message.Snapshot), static fields => new(MessageFields.ToSnapshot(fields))),
        new MessageCodec<RedirectMessage>(MessageFields.Of, MessageFields.ToRedirect),
        new MessageCodec<TopologyUpdateMessage>(
            static message => MessageFields.Of(message.Snapshot), static fields => new(MessageFields.ToSnapshot(fields))),
        new MessageCodec<TopologyUpdateAckMessage>(MessageFields.Of, MessageFields.ToTopologyUpdateAck),
        new MessageCodec<GoingAwayMessage>(MessageFields.Of, MessageFields.ToGoingAway),
        new MessageCodec<SubscriptionClosedMessage>(MessageFields.Of, MessageFields.ToSubscriptionClosed),
        new MessageCodec<ErrorMessage>(MessageFields.Of, MessageFields.ToError),
        new MessageCodec<RenewLeaseMessage>(MessageFields.Of, MessageFields.ToRenewLease),
        new MessageCodec<RenewLeaseOkMessage>(MessageFields.Of, MessageFields.ToRenewLeaseOk),
    }.ToDictionary(codec => codec.OpCode);

    /// <summary>For theories that run once per operation.</summary>
    public static TheoryData<OpCode> OpCodes => [.. ByOpCode.Keys];
}
