using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Security.Users;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private async Task<FrameOutcome> DeclareQueueAsync(ulong requestId, ReadOnlyMemory<byte> body)
    {
        if (!Frame.TryRead(body.Span, out DeclareQueueMessage request, out DecodeError error)) return Malformed(requestId, OpCode.DeclareQueue, error);
        QueueName name = ChannelNames.ToPartitionId(request.Topic, request.Group, partition: 0).Queue;
        QueueDeclaration declaration = Read(request);
        if (Denies(requestId, name.Topic, TopicOperations.Manage)) return FrameOutcome.Done;

        // Dead letters are publishes by another way.
        if (declaration.DeadLetterPolicy is { Kind: DeadLetterPolicyKind.Custom, Topic: { } target } && Denies(requestId, target, TopicOperations.Publish))
            return FrameOutcome.Done;
        DeclarationOutcome outcome = await _environment.Queues.DeclareAsync(name, declaration);
        _output.Reply(requestId, new DeclareQueueOkMessage("stored", (uint)outcome.Entry.PartitionCount));
        return FrameOutcome.Done;
    }

    /// <exception cref="ArgumentException">A value is out of range; the message is fit for clients.</exception>
    private static QueueDeclaration Read(DeclareQueueMessage request)
    {
        if (request.DeadLetterMaxRetries > int.MaxValue)
            throw new ArgumentException($"{request.DeadLetterMaxRetries} retries are too many; ask for at most {int.MaxValue}, or leave the limit out for none.");
        return new QueueDeclaration(
            request.PartitionCount is { } count ? (int)Math.Clamp(count, 1, int.MaxValue) : null,
            (int?)request.DeadLetterMaxRetries,
            request.DefaultMessageTtlMs is { } ttl ? ToUnixMs(ttl) : null,
            Normalise(request.DeadLetterPolicy));
    }

    /// <exception cref="ArgumentException">The target is not a legal name.</exception>
    private static DeadLetterPolicy? Normalise(DeadLetterPolicy? policy)
    {
        if (policy is not { Kind: DeadLetterPolicyKind.Custom, Topic: { } topic }) return policy;
        QueueName target = ChannelNames.ToPartitionId(topic, policy.Group, partition: 0).Queue;
        return DeadLetterPolicy.Custom(target.Topic, target.Group);
    }

    private FrameOutcome Topology(ulong requestId, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out TopologyMessage request, out DecodeError error)) return Malformed(requestId, OpCode.Topology, error);
        TopologySnapshot snapshot = request.Topic is null
            ? _environment.Topology.All()
            : _environment.Topology.Of(request.Topic, request.Group);
        if (request.Topic is null) Volatile.Write(ref _seenGeneration, snapshot.Generation);
        _output.Reply(requestId, new TopologyOkMessage(Visible(snapshot)));
        return FrameOutcome.Done;
    }
}
