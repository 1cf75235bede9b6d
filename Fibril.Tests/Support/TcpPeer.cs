using System.Net;
using System.Net.Sockets;
using System.Text;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A socket to a real broker: sends and reads single frames. Every wait has a deadline.</summary>
internal sealed class TcpPeer : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private ulong _nextRequestId = 10;

    private TcpPeer()
    {
    }

    public NetworkStream Stream => _client.GetStream();

    public static async Task<TcpPeer> ConnectAsync(IPEndPoint address)
    {
        var peer = new TcpPeer();
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await peer._client.ConnectAsync(address, timeout.Token);
        return peer;
    }

    /// <summary>Connects and logs in with the built-in pair.</summary>
    public static async Task<TcpPeer> LogInAsync(IPEndPoint address)
    {
        TcpPeer peer = await ConnectAsync(address);
        await peer.SendAsync(FrameBytes.Of(1, RawPeer.Hello()));
        await peer.ExpectAsync<HelloOkMessage>(1);
        await peer.SendAsync(FrameBytes.Of(2, new AuthMessage("fibril", "fibril")));
        await peer.ExpectAsync<AuthOkMessage>(2);
        return peer;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await Stream.WriteAsync(bytes, timeout.Token);
    }

    /// <summary>The next frame that is not pushed by the clock of the broker; null at the end of the stream.</summary>
    public async Task<ReceivedFrame?> ReadAsync()
    {
        while (true)
        {
            ReceivedFrame? frame = await ReadAnyAsync();
            if (frame?.OpCode is not (OpCode.TopologyUpdate or OpCode.Ping)) return frame;
        }
    }

    public async Task<T> ExpectAsync<T>(ulong requestId) where T : IWireMessage<T>
    {
        ReceivedFrame? frame = await ReadAsync();
        if (frame is null || frame.OpCode != T.OpCode || frame.RequestId != requestId)
            Assert.Fail($"Expected {T.OpCode} id {requestId}, got {(object?)frame ?? "the end of the stream"}");
        return frame.Read<T>();
    }

    public async Task<ReceivedDelivery> ExpectDeliveryAsync()
    {
        ReceivedFrame? frame = await ReadAsync();
        if (frame?.OpCode != OpCode.Deliver) Assert.Fail($"Expected a delivery, got {(object?)frame ?? "the end of the stream"}");
        return ReceivedDelivery.From(frame);
    }

    public async Task<ulong> PublishAsync(TestPublish publish)
    {
        ulong id = _nextRequestId++;
        await SendAsync(publish.ToFrame(id));
        return (await ExpectAsync<PublishOkMessage>(id)).Offset;
    }

    public async Task<SubscribeOkMessage> SubscribeAsync(uint prefetch)
    {
        ulong id = _nextRequestId++;
        await SendAsync(FrameBytes.Of(id, RawPeer.Subscription(prefetch: prefetch)));
        return await ExpectAsync<SubscribeOkMessage>(id);
    }

    public async Task AckAsync(ReceivedDelivery delivery)
    {
        var message = new AckMessage { Topic = Encoding.UTF8.GetBytes(delivery.Topic), Partition = delivery.Partition, Tags = new TagList(FrameBytes.OfTags(delivery.Tag)) };
        await SendAsync(FrameBytes.Of(delivery.PushId, in message));
    }

    /// <summary>A PING is answered before anything else comes.</summary>
    public async Task ExpectSilenceAsync()
    {
        ulong id = _nextRequestId++;
        await SendAsync(FrameBytes.Of(id, default(PingMessage)));
        await ExpectAsync<PongMessage>(id);
    }

    public void Dispose() => _client.Dispose();

    private async Task<ReceivedFrame?> ReadAnyAsync()
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        var header = new byte[FrameHeader.Size];
        int read = await Stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, timeout.Token);
        if (read == 0) return null;
        Assert.Equal(header.Length, read);
        FrameHeader.TryRead(header, out FrameHeader decoded);
        var body = new byte[decoded.BodyBytes];
        await Stream.ReadExactlyAsync(body, timeout.Token);
        return new ReceivedFrame(decoded, body);
    }
}
