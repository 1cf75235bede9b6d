using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client.Connection;

// The operation decides what a frame is; its id means something only for replies, because both directions count on their own (FRM-10).
internal sealed partial class FibrilConnection
{
    /// <summary>Handles one frame, or names the subscription that has no room for it.</summary>
    private SubscriptionLeg? Handle(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.OpCode)
        {
            case OpCode.Deliver:
                return OnDeliver(header.RequestId, body);
            case OpCode.PublishOk:
                OnPublishOk(header.RequestId, body);
                break;
            case OpCode.Redirect:
                OnRedirect(header.RequestId, body);
                break;
            case OpCode.Pong or OpCode.SubscribeOk or OpCode.SubscribeErr or OpCode.DeclareQueueOk or OpCode.DeclarePlexusOk
                or OpCode.TopologyOk or OpCode.RenewLeaseOk:
                if (TakeRequest(header.RequestId) is { } request) Answer(request, header.OpCode, body);
                break;
            case OpCode.Error:
                OnError(header.RequestId, body);
                break;
            case OpCode.Ping:
                Post(header.RequestId, default(PongMessage));
                break;
            case OpCode.TopologyUpdate:
                OnTopologyUpdate(header.RequestId, Incoming.Read<TopologyUpdateMessage>(header.OpCode, body));
                break;
            case OpCode.SubscriptionClosed:
                OnSubscriptionClosed(Incoming.Read<SubscriptionClosedMessage>(header.OpCode, body));
                break;
            case OpCode.GoingAway:
                OnGoingAway(Incoming.Read<GoingAwayMessage>(header.OpCode, body));
                break;
            case OpCode.AssignmentChanged:
                AssignmentChangedMessage assignment = Incoming.Read<AssignmentChangedMessage>(header.OpCode, body);
                _session.Context.Events.Raise(new PartitionsAssigned(_time.GetUtcNow(), _endpoint.ToString(), assignment));
                break;
            default:
                _logger.OperationIgnored(_endpoint, (ushort)header.OpCode); // how v1 grows (ENC-3)
                break;
        }

        return null;
    }

    private PendingReply? TakeRequest(ulong id)
    {
        PendingReply? request = _pending.Take(id);
        if (request is not null) _answered++;
        return request;
    }

    private void Answer(PendingReply request, OpCode opCode, ReadOnlySpan<byte> body)
    {
        try
        {
            request.Answer(opCode, body);
        }
        catch (FibrilProtocolException fault)
        {
            Fail(fault);
            request.Abandon(fault); // it has lost its place, so nobody else will
            throw;
        }
    }

    private void OnPublishOk(ulong id, ReadOnlySpan<byte> body)
    {
        if (!Frame.TryRead(body, out PublishOkMessage confirmation, out DecodeError error)) throw Incoming.Malformed(OpCode.PublishOk, error);
        PendingReply? request = TakeRequest(id);
        if (request is PublishReply publish) publish.Confirm(confirmation.Offset);
        else if (request is not null) Answer(request, OpCode.PublishOk, body);
    }

    private void OnError(ulong id, ReadOnlySpan<byte> body)
    {
        if (TakeRequest(id) is { } request)
        {
            Answer(request, OpCode.Error, body);
            return;
        }

        // Nobody waits: the broker means the connection, or a publish that asked for no confirmation (ERR-3, PUB-9).
        ErrorMessage error = Incoming.Read<ErrorMessage>(OpCode.Error, body);
        throw new FibrilServerException(error.Code, error.Message, $"something this client had sent without waiting for an answer (id {id})");
    }

    /// <summary>The owner is noted also when nobody waits: the next message goes to the right broker .</summary>
    private void OnRedirect(ulong id, ReadOnlySpan<byte> body)
    {
        RedirectMessage redirect = Incoming.Read<RedirectMessage>(OpCode.Redirect, body);
        if (redirect.OwnerEndpoints.Count > 0)
        {
            var channel = new ChannelKey(redirect.Topic, Names.NormaliseGroup(redirect.Group)); // spelled as it was asked
            _topology.NoteOwner(channel, redirect.Partition, BrokerEndpoint.From(redirect.OwnerEndpoints[0]));
        }

        if (TakeRequest(id) is { } request) Answer(request, OpCode.Redirect, body);
    }

    private void OnGoingAway(GoingAwayMessage notice)
    {
        _logger.BrokerGoesAway(_endpoint, notice.GraceMs, notice.Message);
        var grace = TimeSpan.FromMilliseconds(Math.Min(notice.GraceMs, int.MaxValue));
        _session.Context.Events.Raise(new BrokerGoingAway(_time.GetUtcNow(), _endpoint.ToString(), grace, notice.Message));
    }

    private void OnTopologyUpdate(ulong id, TopologyUpdateMessage update)
    {
        bool isTaken = _topology.Apply(update.Snapshot, out ulong generation);
        _logger.TopologyPushed(_endpoint, update.Snapshot.Generation, isTaken, generation);
        Post(id, new TopologyUpdateAckMessage(generation));
    }
}
