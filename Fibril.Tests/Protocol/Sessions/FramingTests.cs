using System.Buffers.Binary;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>How bytes become frames: FRM-3 to FRM-15, and the rows of table 1.7 that end a connection.</summary>
public class FramingTests
{
    [Theory]
    [InlineData(OpCode.Ping)]
    [InlineData(OpCode.Auth)]
    [InlineData(OpCode.Publish)]
    [InlineData(OpCode.HelloOk)]
    [InlineData((OpCode)9999)]
    [InlineData((OpCode)85)]
    public async Task A_first_frame_that_is_not_hello_gets_error_400_and_the_connection_closes(OpCode opCode) // 1.7, V-6
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendFrameAsync(opCode, 0xFEDC_BA98_7654_3210);
        await peer.ExpectErrorAsync(0xFEDC_BA98_7654_3210, ErrorCode.Invalid);
        await peer.ExpectClosedAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("46484c31")]                                     // magic only
    [InlineData("46484c310000000570726f62650000000000010200")]   // option tag 2, then too short
    [InlineData("46484c310000000570726f62650000000000010000")]   // one byte too many
    [InlineData("46415531000000026162000000026162")]             // an AUTH body
    [InlineData("46484c3100000005ff726f6265000000000001" + "00")] // not UTF-8
    public async Task A_malformed_hello_gets_error_400_and_the_connection_closes(string body) // 1.7, V-6
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendFrameAsync(OpCode.Hello, 9, Hex.Bytes(body));
        await peer.ExpectErrorAsync(9, ErrorCode.Invalid);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task What_follows_a_first_frame_that_is_refused_is_not_carried_out()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        byte[] publish = new TestPublish().ToFrame(3);
        await peer.SendRawAsync(new[]
        {
            FrameBytes.Of(OpCode.Ping, 5), FrameBytes.Of(1, RawPeer.Hello()), FrameBytes.Of(2, new AuthMessage("fibril", "fibril")), publish,
        }.SelectMany(static frame => frame).ToArray());

        await peer.ExpectErrorAsync(5, ErrorCode.Invalid);
        await peer.ExpectClosedAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Fact]
    public async Task End_of_stream_at_a_frame_boundary_ends_the_connection_without_a_word() // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer silent = broker.Accept();
        await silent.CloseAsync();
        await silent.ExpectClosedAsync();
        Assert.Empty(silent.Transcript);

        RawPeer ready = await broker.ConnectAsync();
        await ready.CloseAsync();
        await ready.ExpectClosedAsync();
        Assert.Equal(0, broker.Connections.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(30)]
    public async Task End_of_stream_inside_a_frame_ends_the_connection_without_a_word(int bytes) // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendRawAsync(new TestPublish().ToFrame(3).AsMemory(0, bytes));
        await peer.CloseAsync();
        await peer.ExpectDroppedAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Fact]
    public async Task Before_login_a_body_above_64_kib_is_refused_as_soon_as_its_header_is_there() // FRM-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendRawAsync(HeaderOf(OpCode.Auth, (64 << 10) + 1, requestId: 8));
        string refusal = await peer.ExpectErrorAsync(8, ErrorCode.Invalid);
        Assert.Contains("(broker.max_unauthenticated_frame_bytes)", refusal, StringComparison.Ordinal);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task Before_login_a_body_of_64_kib_is_read() // FRM-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendFrameAsync(OpCode.Auth, 8, new byte[64 << 10]);
        await peer.ExpectErrorAsync(8, ErrorCode.Invalid);
        await peer.AuthAsync();
    }

    [Fact]
    public async Task A_hello_above_the_limit_is_refused() // FRM-5, FRM-7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendRawAsync(HeaderOf(OpCode.Hello, uint.MaxValue, requestId: 1));
        await peer.ExpectErrorAsync(1, ErrorCode.Invalid);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task After_login_the_limit_is_the_configured_one() // FRM-5
    {
        await using var broker = new SessionHarness(static options => options.MaxFrameBytes = 100_000);
        RawPeer peer = await broker.ConnectAsync();
        int overhead = new TestPublish().ToFrame(0).Length - FrameHeader.Size;
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish { Payload = new byte[100_000 - overhead] }));

        await peer.SendRawAsync(new TestPublish { Payload = new byte[100_001 - overhead] }.ToFrame(9));
        Assert.Contains("100000 (broker.max_frame_bytes)", await peer.ExpectErrorAsync(9, ErrorCode.Invalid), StringComparison.Ordinal);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task The_default_limit_after_login_is_64_mib() // FRM-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendRawAsync(HeaderOf(OpCode.Publish, 64 << 20, requestId: 8));
        await peer.SendRawAsync(new byte[1000]);
        await broker.WhenIdleAsync();
        Assert.Equal(1, broker.Connections.Count);

        RawPeer other = await broker.ConnectAsync();
        await other.SendRawAsync(HeaderOf(OpCode.Publish, (64 << 20) + 1, requestId: 8));
        await other.ExpectErrorAsync(8, ErrorCode.Invalid);
        await other.ExpectClosedAsync();
        Assert.Equal(1, broker.Connections.Count);
    }

    [Fact]
    public async Task The_answer_to_an_oversized_frame_survives_the_bytes_that_follow_it() // FRM-5, CLS-1
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        var flood = new byte[FrameHeader.Size + (3 << 20)];
        HeaderOf(OpCode.Publish, 100 << 20, requestId: 8).CopyTo(flood, 0);
        Task<bool> sending = peer.SendRawAsync(flood);
        await peer.ExpectErrorAsync(8, ErrorCode.Invalid);
        await peer.ExpectClosedAsync();
        await sending;
    }

    [Fact]
    public async Task Header_version_and_flags_of_a_client_are_ignored() // FRM-8
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendRawAsync(Disguised(FrameBytes.Of(RawPeer.HelloId, RawPeer.Hello())));
        await peer.ExpectAsync<HelloOkMessage>(RawPeer.HelloId);
        await peer.SendRawAsync(Disguised(FrameBytes.Of(RawPeer.AuthId, new AuthMessage("fibril", "fibril"))));
        await peer.ExpectAsync<AuthOkMessage>(RawPeer.AuthId);
        await peer.SendRawAsync(Disguised(new TestPublish().ToFrame(3)));
        await peer.ExpectAsync<PublishOkMessage>(3);
    }

    [Fact]
    public async Task Ids_are_echoed_whatever_they_are_and_however_often_they_come() // FRM-9, FRM-11
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        foreach (ulong id in new[] { ulong.MaxValue, 0UL, 1UL, 1UL, 1UL << 63, 7UL, 6UL })
        {
            await peer.SendRawAsync(new TestPublish().ToFrame(id));
            await peer.ExpectAsync<PublishOkMessage>(id);
            await peer.SendAsync(id, new TopologyMessage("none", null));
            await peer.ExpectAsync<TopologyOkMessage>(id);
            await peer.SendAsync(id, default(PingMessage));
            await peer.ExpectAsync<PongMessage>(id);
        }
    }

    [Fact]
    public async Task Pushes_count_from_0_in_a_space_of_their_own() // FRM-10
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SubscribeAsync(prefetch: 10);
        for (ulong id = 0; id < 3; id++)
        {
            await peer.SendRawAsync(new TestPublish().ToFrame(id));
            await peer.ExpectAsync<PublishOkMessage>(id);
            Assert.Equal(id, (await peer.ExpectDeliveryAsync()).PushId);
        }
    }

    [Fact]
    public async Task Acks_pongs_topology_acks_and_unconfirmed_publishes_are_never_answered() // FRM-13, PUB-6, X-4, M-31
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAllAsync("a", "b");
        await peer.SubscribeAsync(prefetch: 2);
        ReceivedDelivery[] two = await peer.ExpectDeliveriesAsync(2);

        await peer.AckAsync(two[0]);
        await peer.NackAsync(two[1], requeue: false);
        await peer.SendAsync(40, new TopologyUpdateAckMessage(3));
        await peer.SendAsync(41, default(PongMessage));
        await peer.SendRawAsync(new TestPublish("other") { Confirm = false }.ToFrame(42));
        await peer.SendRawAsync(new TestPublish("other") { Confirm = false, NotBefore = 0 }.ToFrame(43));
        await peer.ExpectSilenceAsync();
        Assert.Equal(2UL, await peer.PublishAsync(new TestPublish("other")));
    }

    [Fact]
    public async Task A_malformed_topology_ack_is_ignored() // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendFrameAsync(OpCode.TopologyUpdateAck, 40, 1, 2, 3);
        await peer.SendFrameAsync(OpCode.TopologyUpdateAck, 40);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task The_body_of_a_ping_or_pong_is_ignored_and_the_ping_answered_without_one() // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendFrameAsync(OpCode.Ping, 30, 1, 2, 3);
        await peer.ExpectAsync<PongMessage>(30);
        await peer.AuthAsync();
        await peer.SendFrameAsync(OpCode.Ping, 31, new byte[5000]);
        await peer.ExpectAsync<PongMessage>(31);
        await peer.SendFrameAsync(OpCode.Pong, 32, 1);
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_second_hello_is_an_unknown_operation() // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(50, RawPeer.Hello());
        await peer.ExpectErrorAsync(50, ErrorCode.Invalid);
        await peer.ExpectSilenceAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_session_is_the_same_cut_in_two_at_every_byte(int? receiveBlockBytes)
    {
        byte[] sent = Script(out int replies);
        byte[]? expected = null;
        await using var broker = SessionHarness.WithoutPushes();

        // Cut 0 is the whole script in one piece: many frames in one write.
        int step = receiveBlockBytes is null ? 1 : 13;
        for (int cut = 0; cut < sent.Length; cut += step)
        {
            RawPeer peer = broker.Accept(receiveBlockBytes: receiveBlockBytes);
            await peer.SendRawAsync(sent.AsMemory(0, cut));
            await peer.SendRawAsync(sent.AsMemory(cut));
            var opCodes = new OpCode[replies];
            for (int i = 0; i < replies; i++) opCodes[i] = (await peer.ReadAsync($"reply {i} with a cut at {cut}")).OpCode;

            byte[] shape = [.. opCodes.Select(static opCode => (byte)opCode)];
            Assert.Equal(expected ??= shape, shape);
            await peer.CloseAsync();
        }

        Assert.Equal(
            new[] { OpCode.HelloOk, OpCode.AuthOk, OpCode.Pong, OpCode.DeclareQueueOk, OpCode.TopologyOk, OpCode.Error, OpCode.Pong, OpCode.PublishOk },
            expected!.Select(static number => (OpCode)number));
    }

    [Fact]
    public async Task A_session_is_the_same_sent_byte_by_byte()
    {
        byte[] sent = Script(out int replies);
        await using var broker = SessionHarness.WithoutPushes();
        RawPeer peer = broker.Accept();
        foreach (byte one in sent) await peer.SendRawAsync(new[] { one });
        for (int i = 0; i < replies; i++) await peer.ReadAsync($"reply {i}");
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData(null, 5_000)]      // more than one block
    [InlineData(null, 3 << 20)]    // more than the transport holds before it stops the peer
    [InlineData(16, 70_000)]
    public async Task A_frame_larger_than_a_block_comes_through_whole(int? receiveBlockBytes, int payloadBytes)
    {
        var payload = new byte[payloadBytes];
        new Random(7).NextBytes(payload);
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync(receiveBlockBytes);
        await peer.SubscribeAsync(prefetch: 10);
        await peer.PublishAsync(new TestPublish { Payload = payload });
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        Assert.True(payload.AsSpan().SequenceEqual(delivery.Payload));
        await peer.PublishAsync(new TestPublish { Text = "small" });
        Assert.Equal("small", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task Publishes_of_one_connection_get_their_offsets_in_the_order_they_were_sent() // FRM-14, Q-28
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish { Text = "0" });
        await peer.SendRawAsync(Enumerable.Range(1, 500).SelectMany(static number =>
            new TestPublish { Text = $"{number}" }.ToFrame((ulong)number)).ToArray());

        for (ulong number = 1; number <= 500; number++)
            Assert.Equal(number, (await peer.ExpectAsync<PublishOkMessage>(number)).Offset);
    }

    [Fact]
    public async Task Publishes_to_one_queue_under_several_spellings_of_its_group_keep_their_order() // FRM-14, NAM-3, Q-4, Q-28
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        string?[] spellings = [null, "default", ""];
        foreach (string? group in spellings) await peer.PublishAsync(new TestPublish(Group: group));

        await peer.SendRawAsync(Enumerable.Range(3, 30).SelectMany(number =>
            new TestPublish(Group: spellings[number % 3]).ToFrame((ulong)number)).ToArray());
        var offsets = new Dictionary<ulong, ulong>();
        for (int i = 0; i < 30; i++)
        {
            ReceivedFrame confirm = await peer.ReadAsync("a confirm");
            offsets.Add(confirm.RequestId, confirm.Read<PublishOkMessage>().Offset);
        }

        Assert.All(offsets, static confirm => Assert.Equal(confirm.Key, confirm.Value));
    }

    /// <summary>Frames of every kind of handling: answered at once, refused, waited for, and stored.</summary>
    private static byte[] Script(out int replies)
    {
        replies = 8;
        return
        [
            .. FrameBytes.Of(1, RawPeer.Hello()),
            .. FrameBytes.Of(2, new AuthMessage("fibril", "fibril")),
            .. FrameBytes.Of(3, default(PingMessage)),
            .. FrameBytes.Of(4, new DeclareQueueMessage("orders", "eu", DeadLetterPolicy.Discard, 3, 2, 1000)),
            .. FrameBytes.Of(5, new TopologyMessage("orders", null)),
            .. FrameBytes.Of(OpCode.Nack, 6, 1, 2, 3),
            .. FrameBytes.Of(7, default(PingMessage)),
            .. new TestPublish("orders", "eu", 1) { Text = "hello", Headers = [("a", "b")] }.ToFrame(8),
        ];
    }

    private static byte[] HeaderOf(OpCode opCode, uint bodyBytes, ulong requestId)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(bodyBytes, opCode, requestId).Write(header);
        return header;
    }

    private static byte[] Disguised(byte[] frame)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), 0xBEEF);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), uint.MaxValue);
        return frame;
    }
}
