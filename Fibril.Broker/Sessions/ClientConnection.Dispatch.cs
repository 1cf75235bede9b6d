using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Routing;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

internal sealed partial class ClientConnection
{
    private const string NotAClientText =
        "The first frame is not a HELLO. This is the broker port (9876 by default) and speaks the Fibril protocol; "
        + "the admin HTTP port is another one (8081 by default).";

    /// <summary>Handles what needs no waiting; the rest goes on in <see cref="HandleWaitingAsync"/>.</summary>
    private FrameOutcome Handle(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!IsExpected(header.OpCode)) return RefuseEarlyFrame(header);
        NoteHandshakeProgress(header.OpCode);
        switch (header.OpCode)
        {
            case OpCode.Publish:
                return Publish(header.RequestId, body);
            case OpCode.PublishDelayed:
                return PublishDelayed(header.RequestId, body);
            case OpCode.Ack:
                return Ack(header.RequestId, body);
            case OpCode.Nack:
                return Nack(header.RequestId, body);
            case OpCode.Ping:
                _output.Reply(header.RequestId, default(PongMessage));
                return FrameOutcome.Done;
            case OpCode.Pong:
                return FrameOutcome.Done;
            case OpCode.TopologyUpdateAck:
                return NoteTopology(body);
            case OpCode.Hello when _phase == Phase.AwaitsHello:
                return ClientCertificate is null ? Hello(header.RequestId, body) : FrameOutcome.MustWait;
            case OpCode.Topology:
                return Topology(header.RequestId, body);
            case OpCode.Auth:
            case OpCode.Subscribe:
            case OpCode.SubscribeStream:
            case OpCode.DeclareQueue:
            case OpCode.DeclarePlexus:
            case OpCode.ReconcileClient:
            case OpCode.RenewLease:
                return FrameOutcome.MustWait;
            default:
                Refuse(header.RequestId, ErrorCode.Invalid, $"This broker does not know operation {(ushort)header.OpCode}. The client may be newer than the broker.");
                return FrameOutcome.Done;
        }
    }

    /// <summary>Handles what has to wait, or makes room so that the frame can be tried again.</summary>
    private async Task<FrameOutcome> HandleWaitingAsync(FrameHeader header, ReadOnlyMemory<byte> body)
    {
        try
        {
            // What was asked for earlier is on its way meanwhile.
            await PostCollectedAsync();
            _output.Flush();
            return header.OpCode switch
            {
                OpCode.Publish or OpCode.PublishDelayed => await OpenRouteAsync(header, body),
                OpCode.Hello => await HelloByCertificateAsync(header.RequestId, body),
                OpCode.Auth => await AuthenticateAsync(header.RequestId, body),
                OpCode.Subscribe => await SubscribeAsync(header.RequestId, body),
                OpCode.SubscribeStream => await SubscribeStreamAsync(header.RequestId, body),
                OpCode.DeclareQueue => await DeclareQueueAsync(header.RequestId, body),
                OpCode.DeclarePlexus => await DeclareStreamAsync(header.RequestId, body),
                OpCode.ReconcileClient => await ReconcileAsync(header.RequestId, body),
                OpCode.RenewLease => await RenewLeasesAsync(header.RequestId, body),
                _ => Handle(header, body.Span),
            };
        }
        catch (ArgumentException wrong)
        {
            Refuse(header.RequestId, ErrorCode.Invalid, wrong.Message);
        }
        catch (PartitionUnavailableException unavailable)
        {
            Refuse(header.RequestId, ErrorCode.ServerFault, unavailable.Message);
        }
        catch (IOException fault)
        {
            string trace = FaultTrace.New();
            _environment.Logger.RequestFaulted(Peer, header.OpCode, trace, fault);
            Refuse(header.RequestId, ErrorCode.ServerFault, $"The broker could not do it: {fault.Message.TrimEnd('.')}. {FaultTrace.Sentence(trace)}");
        }

        return FrameOutcome.Done;
    }

    private FrameOutcome Malformed(ulong requestId, OpCode opCode, DecodeError error)
    {
        Refuse(requestId, ErrorCode.Invalid, $"The {opCode} request cannot be read: {error}.");
        return FrameOutcome.Done;
    }

    /// <summary>Hands every partition what was collected for it, in the order it was collected; false when one of them has no room.</summary>
    private bool TryPostCollected()
    {
        int posted = 0;
        while (posted < _collecting.Count && TryPost(_collecting[posted])) posted++;
        _collecting.RemoveRange(0, posted);
        return _collecting.Count == 0;
    }

    private static bool TryPost(PartitionRoute route)
    {
        if (route.Publishes is { } batch && route.Collector.TryPost(batch)) route.Publishes = null;
        if (route.Settles is { } settles && settles.Partition.TryPost(settles)) route.Settles = null;
        return !route.HasWork;
    }

    private async ValueTask PostCollectedAsync()
    {
        while (!TryPostCollected())
        {
            // Waiting here leaves the socket unread, which is what slows the client down (M-68).
            _output.Flush();
            PartitionRoute route = _collecting[0];
            if (route.Publishes is { } batch)
            {
                await route.Collector.PostAsync(batch, CancellationToken.None);
                route.Publishes = null;
            }
            else if (route.Settles is { } settles)
            {
                await settles.Partition.PostAsync(settles, CancellationToken.None);
                route.Settles = null;
            }
        }
    }

    private void Collect(PartitionRoute route)
    {
        if (!route.HasWork) _collecting.Add(route);
    }

    private readonly List<PartitionRoute> _collecting = [];
}
