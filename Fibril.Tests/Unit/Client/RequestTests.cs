using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

public sealed class RequestTests
{
    [Fact] // FRM-15: by id, never by position
    public async Task Replies_find_their_requests_in_any_order()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        var publishes = new List<Task<long>>();
        var ids = new List<ulong>();
        for (int i = 0; i < 5; i++)
        {
            publishes.Add(publisher.PublishAsync("x"u8).AsTask());
            ids.Add((await session.Peer.ReadAsync(OpCode.Publish)).Id);
        }

        Task<TimeSpan> ping = session.Client.PingAsync();
        SentFrame pingFrame = await session.Peer.ReadAsync(OpCode.Ping);
        foreach (int i in (int[])[3, 0, 4]) session.Peer.Send(ids[i], new PublishOkMessage((ulong)(100 + i)));
        session.Peer.Send(pingFrame.Id, default(PongMessage));
        foreach (int i in (int[])[2, 1]) session.Peer.Send(ids[i], new PublishOkMessage((ulong)(100 + i)));

        await Patience.Wait(ping);
        Assert.Equal((long[])[100, 101, 102, 103, 104], await Patience.Wait(Task.WhenAll(publishes)));
    }

    [Fact]
    public async Task A_refusal_reaches_its_own_request_and_the_connection_goes_on()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<long> refused = publisher.PublishAsync("x"u8).AsTask();
        Task<long> stored = publisher.PublishAsync("y"u8).AsTask();
        ulong first = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        ulong second = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.SendError(first, ErrorCode.ServerFault, "the disk is full");
        session.Peer.Send(second, new PublishOkMessage(1));

        var refusal = await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(refused));
        Assert.Equal(ErrorCode.ServerFault, refusal.Code);
        Assert.Equal("the disk is full", refusal.ServerMessage);
        Assert.Contains("queue 'orders', partition 0", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Patience.Wait(stored));
        Assert.True(session.Client.IsConnected);
    }

    [Theory] // ERR-1
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(409, true)]
    [InlineData(426, false)]
    [InlineData(499, false)]
    [InlineData(500, true)]
    [InlineData(599, true)]
    public async Task Codes_say_whether_trying_again_can_help(ushort code, bool isTransient)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<int> declaring = session.Client.DeclareQueueAsync("orders");
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.DeclareQueue)).Id, (ErrorCode)code, "no");
        var refusal = await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(declaring));
        Assert.Equal(isTransient, refusal.IsTransient);
        Assert.Equal(code, (ushort)refusal.Code);
    }

    [Fact] // ERR-3
    public async Task An_error_that_belongs_to_no_request_ends_the_connection()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        await session.Peer.ReadAsync(OpCode.Publish);
        session.Peer.SendError(999, ErrorCode.Invalid, "reserved header");

        var lost = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publish));
        var cause = Assert.IsType<FibrilServerException>(lost.InnerException);
        Assert.Equal(ErrorCode.Invalid, cause.Code);
        Assert.Same(cause, session.Client.DisconnectReason);
        Assert.False(session.Client.IsConnected);
        await session.Peer.ReadToEndAsync();
    }

    [Fact] // X-21, ENC-3
    public async Task Operations_that_the_client_does_not_know_are_ignored()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        session.Peer.SendFrame((OpCode)777, 3, 1, 2, 3);
        session.Peer.Send(0, new GoingAwayMessage(15_000, "maintenance"));
        await AssertAliveAsync(session);
    }

    [Fact]
    public async Task A_reply_that_nobody_waits_for_is_ignored()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        session.Peer.Send(999, new PublishOkMessage(1));
        session.Peer.Send(999, default(PongMessage));
        session.Peer.Send(999, new DeclareQueueOkMessage("stored", 1));
        await AssertAliveAsync(session);
    }

    [Fact] // HB-2, FRM-12
    public async Task A_ping_is_answered_under_its_id_whatever_its_body()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        session.Peer.SendFrame(OpCode.Ping, 4711, 1, 2);
        SentFrame pong = await session.Peer.ReadAsync(OpCode.Pong);
        Assert.Equal(4711UL, pong.Id);
        Assert.Empty(pong.Body);
    }

    [Fact] // FRM-10: a server id may equal the id of a pending request
    public async Task Pushes_do_not_take_the_place_of_replies_with_the_same_id()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ulong id = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.Send(id, default(PingMessage));
        session.Peer.Send(id, new TopologyUpdateMessage(ScriptedBroker.Topology(1)));
        session.Peer.Deliver(id, subscriptionId: 5, tag: 1);
        session.Peer.Send(id, new PublishOkMessage(8));
        Assert.Equal(8, await Patience.Wait(publish));
        Assert.Equal(id, (await session.Peer.ReadAsync(OpCode.Pong)).Id);
        Assert.Equal(id, (await session.Peer.ReadAsync(OpCode.TopologyUpdateAck)).Id);
    }

    public static TheoryData<OpCode> MalformedFrames =>
    [
        OpCode.PublishOk, OpCode.Deliver, OpCode.TopologyUpdate, OpCode.SubscriptionClosed, OpCode.GoingAway, OpCode.Error,
        OpCode.Redirect, OpCode.AssignmentChanged,
    ];

    [Theory]
    [MemberData(nameof(MalformedFrames))]
    public async Task A_malformed_frame_ends_the_connection(OpCode opCode)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ulong id = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.SendFrame(opCode, id, 0x46, 0x50);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publish));
        var reason = Assert.IsType<FibrilProtocolException>(session.Client.DisconnectReason);
        Assert.Contains(opCode.ToString(), reason.Message, StringComparison.Ordinal);
        Assert.Contains("malformed", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_of_the_wrong_kind_ends_the_connection()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<int> declaring = session.Client.DeclareQueueAsync("orders");
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.DeclareQueue)).Id, new PublishOkMessage(1));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(declaring));
        Assert.IsType<FibrilProtocolException>(session.Client.DisconnectReason);
    }

    [Fact]
    public async Task A_frame_larger_than_allowed_ends_the_connection_before_its_body_arrives()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.MaxFrameBytes = 1 << 20);
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader((1 << 20) + 1, OpCode.Deliver, 1).Write(header);
        session.Peer.SendBytes(header);
        await session.Peer.ReadToEndAsync();
        Assert.Contains("1048577", Assert.IsType<FibrilProtocolException>(session.Client.DisconnectReason).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_waiting_and_nothing_else()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        using var cancellation = new CancellationTokenSource();
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<long> publish = publisher.PublishAsync("x"u8, cancellationToken: cancellation.Token).AsTask();
        Task<int> declaring = session.Client.DeclareQueueAsync("orders", cancellationToken: cancellation.Token);
        ulong publishId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        ulong declareId = (await session.Peer.ReadAsync(OpCode.DeclareQueue)).Id;
        await cancellation.CancelAsync();
        Assert.Equal(cancellation.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(publish))).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(declaring));

        // Late answers, errors too, still find the requests that nobody waits for.
        session.Peer.SendError(publishId, ErrorCode.ServerFault, "late");
        session.Peer.SendError(declareId, ErrorCode.ServerFault, "late");
        await AssertAliveAsync(session);
    }

    [Fact]
    public async Task A_cancelled_token_sends_nothing()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        var cancelled = new CancellationToken(canceled: true);
        Publisher publisher = session.Client.CreatePublisher("orders");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.PublishAsync("x"u8, cancellationToken: cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.BeginPublishAsync("x"u8, cancellationToken: cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.SendAsync("x"u8, cancellationToken: cancelled).AsTask());
        await AssertAliveAsync(session); // the next frame is the ping
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_given_up_with_what_was_awaited_and_how_long()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.HeartbeatInterval = TimeSpan.FromHours(1));
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ulong publishId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Time.Advance(TimeSpan.FromSeconds(20));
        Task<int> declaring = session.Client.DeclareQueueAsync("invoices");
        await session.Peer.ReadAsync(OpCode.DeclareQueue);

        session.Time.Advance(TimeSpan.FromSeconds(10));
        var timeout = await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(publish));
        Assert.Contains("publish to queue 'orders', partition 0", timeout.Message, StringComparison.Ordinal);
        Assert.Contains("30 s", timeout.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(30), timeout.Timeout);
        Assert.True(timeout.IsTransient);
        Assert.False(declaring.IsCompleted);

        session.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Contains("declaration of queue 'invoices'",
            (await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(declaring))).Message, StringComparison.Ordinal);

        session.Peer.Send(publishId, new PublishOkMessage(1)); // too late, and harmless
        await AssertAliveAsync(session);
    }

    [Fact]
    public async Task Ping_measures_from_question_to_answer()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<TimeSpan> ping = session.Client.PingAsync();
        ulong id = (await session.Peer.ReadAsync(OpCode.Ping)).Id;
        session.Time.Advance(TimeSpan.FromMilliseconds(120));
        session.Peer.Send(id, default(PongMessage));
        Assert.Equal(TimeSpan.FromMilliseconds(120), await Patience.Wait(ping));
    }

    [Fact] // an id that is still waited for is not given out again
    public async Task Old_requests_keep_their_place_while_ids_go_round()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.MaxPendingRequests = 16);
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<long> old = publisher.PublishAsync("old"u8).AsTask();
        ulong oldId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        for (int i = 0; i < 50; i++)
        {
            Task<long> next = publisher.PublishAsync("next"u8).AsTask();
            ulong id = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
            Assert.NotEqual(oldId % 16, id % 16);
            session.Peer.Send(id, new PublishOkMessage((ulong)i));
            Assert.Equal(i, await Patience.Wait(next));
        }

        session.Peer.Send(oldId, new PublishOkMessage(1000));
        Assert.Equal(1000, await Patience.Wait(old));
    }

    [Fact] // RDR-1, R-75: who has gone on already is told
    public async Task A_redirect_of_a_pipelined_publish_names_the_owner()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = (await session.Client.CreatePublisher("orders").BeginPublishAsync("x"u8)).AsTask();
        ulong id = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.Send(id, new RedirectMessage("orders", 0, null, [new BrokerAddress("broker-b", 9876, [])], 4));
        var redirect = await Assert.ThrowsAsync<FibrilRedirectException>(() => Patience.Wait(publish));
        Assert.Equal("broker-b", redirect.Owner.Host);
        Assert.Contains("broker-b:9876", redirect.Message, StringComparison.Ordinal);
        Assert.True(redirect.IsTransient);
    }

    [Fact]
    public async Task A_declaration_carries_what_was_given_and_returns_the_partition_count()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<int> declaring = session.Client.DeclareQueueAsync("orders", new QueueDeclaration
        {
            Group = " eu ",
            PartitionCount = 4,
            MaxRetries = 3,
            DefaultTimeToLive = TimeSpan.FromMinutes(1),
            DeadLetterPolicy = DeadLetterPolicy.Custom("orders.dead", null),
        });
        SentFrame frame = await session.Peer.ReadAsync(OpCode.DeclareQueue);
        Assert.Equal(
            new DeclareQueueMessage("orders", "eu", DeadLetterPolicy.Custom("orders.dead", null), 3, 4, 60_000),
            frame.Read<DeclareQueueMessage>());
        session.Peer.Send(frame.Id, new DeclareQueueOkMessage("stored", 6));
        Assert.Equal(6, await Patience.Wait(declaring));

        declaring = session.Client.DeclareQueueAsync("orders", new QueueDeclaration { Group = "default" });
        frame = await session.Peer.ReadAsync(OpCode.DeclareQueue);
        Assert.Equal(new DeclareQueueMessage("orders", null, null, null, null, null), frame.Read<DeclareQueueMessage>());
        session.Peer.Send(frame.Id, new DeclareQueueOkMessage("stored", 1));
        await Patience.Wait(declaring);
    }

    [Fact]
    public async Task Names_and_numbers_that_no_broker_accepts_are_refused_here()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        var upper = await Assert.ThrowsAsync<ArgumentException>(() => session.Client.DeclareQueueAsync("Orders"));
        Assert.Contains("upper-case", upper.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => session.Client.CreatePublisher("orders", new PublisherOptions { Group = "a..b" }));
        await Assert.ThrowsAsync<ArgumentException>(() => session.Client.SubscribeAsync(""));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => session.Client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => session.Client.DeclareQueueAsync("orders", new QueueDeclaration { MaxRetries = -1 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => session.Client.DeclareQueueAsync("orders", new QueueDeclaration { DefaultTimeToLive = TimeSpan.FromTicks(-1) }));
        await AssertAliveAsync(session);
    }

    private static async Task AssertAliveAsync(ScriptedSession session)
    {
        Task<TimeSpan> ping = session.Client.PingAsync();
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
        Assert.True(session.Client.IsConnected);
    }
}
