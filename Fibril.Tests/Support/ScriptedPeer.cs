using System.Net.Sockets;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A frame that a client sent.</summary>
internal sealed record SentFrame(FrameHeader Header, byte[] Body)
{
    public OpCode OpCode => Header.OpCode;

    public ulong Id => Header.RequestId;

    /// <summary>Payload of a PUBLISH.</summary>
    public byte[] Payload => Read<PublishMessage>().Payload.ToArray();

    public T Read<T>() where T : IWireMessage<T>, allows ref struct => Frame.TryRead(Body, out T message, out DecodeError error)
        ? message
        : throw new InvalidOperationException($"The client sent a malformed {Header.OpCode}: {error}.");
}

/// <summary>The broker's end of one connection.</summary>
internal sealed class ScriptedPeer(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    /// <summary>What the client was told to offer the next time.</summary>
    public ResumeIdentity? Identity { get; private set; }

    /// <summary>The next frame.</summary>
    public async Task<SentFrame> ReadAsync()
    {
        byte[] header = new byte[FrameHeader.Size];
        await Patience.Wait(_stream.ReadExactlyAsync(header));
        FrameHeader.TryRead(header, out FrameHeader parsed);
        byte[] body = new byte[parsed.BodyBytes];
        await Patience.Wait(_stream.ReadExactlyAsync(body));
        return new SentFrame(parsed, body);
    }

    /// <summary>The next frame, which must be of this operation.</summary>
    public async Task<SentFrame> ReadAsync(OpCode expected)
    {
        SentFrame frame = await ReadAsync();
        Assert.Equal(expected, frame.OpCode);
        return frame;
    }

    /// <summary>The next frame of this operation; others are passed over, or answered on the way.</summary>
    public async Task<SentFrame> SkipToAsync(OpCode wanted, Action<ScriptedPeer, SentFrame>? onOther = null)
    {
        SentFrame frame;
        while ((frame = await ReadAsync()).OpCode != wanted) onOther?.Invoke(this, frame);
        return frame;
    }

    /// <summary>Reads to the end of the connection, orderly or not; frames on the way are passed over.</summary>
    public async Task ReadToEndAsync()
    {
        byte[] rest = new byte[64 << 10];
        try
        {
            while (await Patience.Wait(_stream.ReadAsync(rest)) > 0) { }
        }
        catch (IOException)
        {
            // Reset: a client that gives a connection up does not say goodbye.
        }
    }

    public void Send<T>(ulong id, scoped in T message) where T : IWireMessage<T>, allows ref struct =>
        SendBytes(FrameBytes.Of(id, in message));

    public void SendError(ulong id, ErrorCode code, string text, OpCode opCode = OpCode.Error)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.WriteError(output, opCode, id, new ErrorMessage(code, text));
        SendBytes(output.WrittenSpan);
    }

    public void SendFrame(OpCode opCode, ulong id, params ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader((uint)body.Length, opCode, id).Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Size));
        SendBytes(frame);
    }

    public void SendBytes(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Answers everything that a connecting client asks.</summary>
    public async Task WelcomeAsync(TopologySnapshot? topology = null)
    {
        await WelcomeWithoutTopologyAsync();
        SentFrame request = await ReadAsync(OpCode.Topology);
        Send(request.Id, new TopologyOkMessage(topology ?? new TopologySnapshot(0, [], [])));
    }

    /// <summary>As <see cref="WelcomeAsync"/>, for a connection that only one subscription uses, or whose topology the test answers.</summary>
    public async Task WelcomeWithoutTopologyAsync()
    {
        SentFrame hello = await ReadAsync(OpCode.Hello);
        HelloOkMessage welcome = HelloOk();
        Identity = welcome.Identity;
        Send(hello.Id, welcome);
        SentFrame auth = await ReadAsync(OpCode.Auth);
        Send(auth.Id, default(AuthOkMessage));
    }

    /// <summary>Makes sure that the client has read everything that was sent to it.</summary>
    public async Task FenceAsync()
    {
        Send(1, default(PingMessage));
        await SkipToAsync(OpCode.Pong);
    }

    /// <summary>Answers HELLO and AUTH of a client that was here before.</summary>
    public async Task WelcomeBackAsync(ResumeOutcome outcome)
    {
        SentFrame hello = await ReadAsync(OpCode.Hello);
        ResumeIdentity? offered = hello.Read<HelloMessage>().Resume;
        Assert.NotNull(offered);
        bool isSame = outcome is ResumeOutcome.Resumed or ResumeOutcome.ResumedAfterRestart;
        HelloOkMessage welcome = HelloOk(outcome: outcome, identity: isSame ? offered : null);
        Identity = welcome.Identity;
        Send(hello.Id, welcome);
        SentFrame auth = await ReadAsync(OpCode.Auth);
        Send(auth.Id, default(AuthOkMessage));
    }

    /// <summary>Answers the reconciliation that comes next with one verdict on everything.</summary>
    public async Task<ReconcileClientMessage> AnswerReconciliationAsync(ReconcileAction action, CloseReason code)
    {
        SentFrame question = await ReadAsync(OpCode.ReconcileClient);
        ReconcileClientMessage listed = question.Read<ReconcileClientMessage>();
        Send(question.Id, new ReconcileResultMessage(
            [.. listed.Subscriptions.Select(one => new ReconcileVerdict(
                one, action == ReconcileAction.Keep ? one : null, action, code, CloseReasons.TokenOf(code) ?? ""))]));
        return listed;
    }

    /// <summary>Answers the SUBSCRIBE that comes next; questions about the topology may come before it.</summary>
    public async Task<SubscribeMessage> AcceptSubscriptionAsync(ulong subscriptionId)
    {
        SentFrame frame = await SkipToAsync(OpCode.Subscribe);
        SubscribeMessage request = frame.Read<SubscribeMessage>();
        Send(frame.Id, new SubscribeOkMessage(
            subscriptionId, request.Topic, request.Partition, request.Group, request.Prefetch, ConsumerGroup: null, ConsumerTarget: null, MemberId: null));
        return request;
    }

    /// <summary>Delivers one message of the ungrouped queue <c>orders</c>; its offset is its tag.</summary>
    public void Deliver(ulong id, ulong subscriptionId, ulong tag, ReadOnlySpan<byte> payload = default, uint partition = 0) =>
        SendBytes(Delivery(id, subscriptionId, tag, payload, partition));

    /// <summary>The frame of <see cref="Deliver"/>, for those who send several at once.</summary>
    public static byte[] Delivery(ulong id, ulong subscriptionId, ulong tag, ReadOnlySpan<byte> payload = default, uint partition = 0) =>
        FrameBytes.Of(id, new DeliverMessage
        {
            SubscriptionId = subscriptionId,
            Topic = "orders"u8,
            Partition = partition,
            Offset = tag,
            DeliveryTag = tag,
            Payload = payload,
        });

    public static HelloOkMessage HelloOk(
        ushort version = 1, string compliance = ProtocolDefaults.ComplianceMarker,
        ResumeOutcome outcome = ResumeOutcome.New, ResumeIdentity? identity = null) => new(
        version, identity ?? new ResumeIdentity(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()), outcome, "scripted", compliance);

    /// <summary>Ends the connection as a process that dies does.</summary>
    public void Abort()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose(); // the stream would say goodbye
    }

    public void Dispose() => _stream.Dispose();
}
