using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

public sealed class StreamTests
{
    [Fact] // P-4
    public async Task A_declaration_carries_what_was_given_and_publishers_use_the_answer()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<int> declaring = session.Client.DeclareStreamAsync("audit", new StreamDeclaration
        {
            PartitionCount = 2,
            Durability = Durability.Speculative,
            MaxAge = TimeSpan.FromHours(1),
            MaxBytes = 1 << 20,
            MaxRecords = 1000,
            ReplicationFactor = 1,
        });
        SentFrame frame = await session.Peer.ReadAsync(OpCode.DeclarePlexus);
        var expected = new DeclarePlexusMessage("audit", 2, Durability.Speculative, new StreamRetention(3_600_000, 1 << 20, 1000), 1);
        Assert.Equal(expected, frame.Read<DeclarePlexusMessage>());
        session.Peer.Send(frame.Id, new DeclarePlexusOkMessage("stored", 2));
        Assert.Equal(2, await Patience.Wait(declaring));

        declaring = session.Client.DeclareStreamAsync("plain");
        frame = await session.Peer.ReadAsync(OpCode.DeclarePlexus);
        Assert.Equal(new DeclarePlexusMessage("plain", null, Durability.Durable, default, null), frame.Read<DeclarePlexusMessage>());
        session.Peer.Send(frame.Id, new DeclarePlexusOkMessage("stored", 1));
        await Patience.Wait(declaring);

        // P-6: the ordinary publish, spread over the partitions of the stream.
        Fibril.Client.Publisher publisher = session.Client.CreatePublisher("audit");
        await publisher.SendAsync("x"u8);
        await publisher.SendAsync("x"u8);
        uint[] partitions = [Partition(await session.Peer.ReadAsync(OpCode.Publish)), Partition(await session.Peer.ReadAsync(OpCode.Publish))];
        Assert.Equal([0U, 1U], partitions.Order());

        static uint Partition(SentFrame frame) => frame.Read<PublishMessage>().Partition;
    }

    public static TheoryData<StreamDeclaration> Nonsense =>
    [
        new StreamDeclaration { PartitionCount = 0 },
        new StreamDeclaration { Durability = (Durability)3 },
        new StreamDeclaration { MaxAge = TimeSpan.Zero },
        new StreamDeclaration { MaxBytes = 0 },
        new StreamDeclaration { MaxRecords = 0 },
        new StreamDeclaration { ReplicationFactor = -1 },
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Declarations_that_make_no_sense_are_refused_here(StreamDeclaration declaration)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => session.Client.DeclareStreamAsync("audit", declaration));
    }

    public static TheoryData<StreamPosition, StreamStart> Positions => new()
    {
        { StreamPosition.Latest, StreamStart.Latest },
        { StreamPosition.Earliest, StreamStart.Earliest },
        { StreamPosition.Back(10), StreamStart.Back(10) },
        { StreamPosition.At(DateTimeOffset.FromUnixTimeMilliseconds(1234)), StreamStart.AtTime(1234) },
        { StreamPosition.AtOffset(77), StreamStart.AtOffset(77) },
    };

    [Theory] // P-14, P-25, Y-14
    [MemberData(nameof(Positions))]
    public async Task A_subscription_asks_for_its_start_and_its_filter(StreamPosition start, StreamStart expected)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync("audit", new StreamSubscribeOptions
        {
            Start = start,
            Prefetch = 7,
            Filter = [new FilterClause("region", "eu-*")],
        });
        ScriptedPeer own = await session.AcceptOwnAsync();
        SentFrame frame = await own.ReadAsync(OpCode.SubscribeStream);
        SubscribeStreamMessage request = frame.Read<SubscribeStreamMessage>();
        Assert.Equal(("audit", 0U, null, expected, 7U, false), (request.Topic, request.Partition, request.DurableName, request.Start, request.Prefetch, request.AutoAck));
        Assert.Equal([new FilterClause("region", "eu-*")], request.Filter);
        own.Send(frame.Id, new SubscribeOkMessage(1, "audit", 0, null, 7, null, null, null));
        Subscription subscription = await Patience.Wait(subscribing);
        Assert.Equal((ChannelKind.Stream, "audit", null), (subscription.Kind, subscription.Topic, subscription.Group));
    }

    [Fact] // P-2, P-16, P-17, P-18, STR-6
    public async Task Records_of_all_partitions_are_merged_and_can_be_completed_and_nothing_else()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(2));
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = "c1" });
        ScriptedPeer own = await session.AcceptOwnAsync();
        await AcceptAsync(own, 1);
        await AcceptAsync(own, 2);
        Subscription subscription = await Patience.Wait(subscribing);
        Deliver(own, subscriptionId: 1, offset: 5, partition: 0);
        own.Send(2, new DeliverMessage
        {
            SubscriptionId = 2,
            Topic = "audit"u8,
            Partition = 1,
            Offset = 5,
            DeliveryTag = 9,
            Headers = new HeaderBlockBuilder().Add("fibril.speculative", "1").Block,
        });
        List<ReceivedMessage> records = await SubscriptionTests.ReadAsync(subscription, 2);
        Assert.Equal([(0, false), (1, true)], records.Select(static record => (record.Partition, record.IsSpeculative))); // P-31
        foreach (Func<Task> settle in (Func<Task>[])[
            () => records[0].FailAsync().AsTask(),
            () => records[0].RetryAsync().AsTask(),
            () => records[0].RetryAfterAsync(TimeSpan.Zero).AsTask()])
        {
            Assert.False((await Assert.ThrowsAsync<FibrilStreamSettlementException>(settle)).IsTransient);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => records[0].RenewAsync());
        Assert.False(records[0].IsSettled);
        await records[1].CompleteAsync();
        SentFrame ack = await own.ReadAsync(OpCode.Ack);
        Assert.Equal((1U, 9UL), (ack.Read<AckMessage>().Partition, ack.Read<AckMessage>().Tags[0]));
        Assert.Equal(ChannelKind.Stream, records[1].Kind);
    }

    [Fact] // P-20, RES-7, P-10: never reconciled; the cursor does the rest
    public async Task After_a_reconnect_a_durable_subscription_is_made_anew_and_unread_records_are_void()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        (Subscription subscription, ScriptedPeer own) = await SubscribeAsync(session, new StreamSubscribeOptions { DurableName = "c1" });
        Deliver(own, subscriptionId: 1, offset: 5);
        ReceivedMessage held = await subscription.ReadOneAsync();
        Deliver(own, subscriptionId: 1, offset: 6);
        await own.FenceAsync();
        own.Abort();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.Resumed);
        SubscribeStreamMessage again = await AcceptAsync(peer, 2); // and no reconciliation before it
        Assert.Equal("c1", again.DurableName);
        await peer.FenceAsync();
        Deliver(peer, subscriptionId: 2, offset: 5);
        Deliver(peer, subscriptionId: 2, offset: 6);
        Assert.Equal([5L, 6L], await SubscriptionTests.ReadOffsetsAsync(subscription, 2));
        await held.CompleteAsync(); // the same incarnation, and the cursor moves
        Assert.Equal(5UL, (await peer.SkipToAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);
    }

    [Fact] // P-14: the place is the client's, so it goes on behind what has arrived
    public async Task After_a_reconnect_a_subscription_without_a_name_goes_on_behind_the_last_record()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync("audit");
        ScriptedPeer own = await session.AcceptOwnAsync();
        Assert.Equal(StreamStart.Latest, (await AcceptAsync(own, 1)).Start);
        Subscription subscription = await Patience.Wait(subscribing);
        Deliver(own, subscriptionId: 1, offset: 40);
        Deliver(own, subscriptionId: 1, offset: 41);
        await own.FenceAsync();
        own.Abort();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        Assert.Equal(StreamStart.AtOffset(42), (await AcceptAsync(peer, 1)).Start);
        Deliver(peer, subscriptionId: 1, offset: 42);
        Assert.Equal([40L, 41L, 42L], await SubscriptionTests.ReadOffsetsAsync(subscription, 3));
    }

    [Fact] // a place of the client's own: nobody sends again what is behind it
    public async Task However_often_the_connection_is_lost_no_unread_record_of_a_subscription_without_a_name_is()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        (Subscription subscription, ScriptedPeer own) = await SubscribeAsync(session, new StreamSubscribeOptions { Prefetch = 2 });
        Deliver(own, subscriptionId: 1, offset: 1);
        Deliver(own, subscriptionId: 1, offset: 2);
        await own.FenceAsync();
        own.Abort();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        Assert.Equal(StreamStart.AtOffset(3), (await AcceptAsync(peer, 1)).Start);
        Deliver(peer, subscriptionId: 1, offset: 3);
        Deliver(peer, subscriptionId: 1, offset: 4);
        Assert.Equal([1L, 2L, 3L, 4L], await SubscriptionTests.ReadOffsetsAsync(subscription, 4));
    }

    [Theory] // P-14: "new" is what came after the subscription was asked for, not after its connection was
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_subscription_to_new_records_misses_none_that_came_while_it_was_away_before_its_first(bool isSpelledBack)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        DateTimeOffset subscribedAt = session.Time.GetUtcNow();
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync(
            "audit", new StreamSubscribeOptions { Start = isSpelledBack ? StreamPosition.Back(0) : StreamPosition.Latest });
        ScriptedPeer own = await session.AcceptOwnAsync();
        await AcceptAsync(own, 1);
        Subscription subscription = await Patience.Wait(subscribing);
        session.Time.Advance(TimeSpan.FromSeconds(1));
        own.Abort();
        ScriptedPeer peer = await session.AcceptAgainAsync(ResumeOutcome.NotFound);
        StreamStart expected = StreamStart.AtTime((ulong)subscribedAt.AddSeconds(-5).ToUnixTimeMilliseconds());
        Assert.Equal(expected, (await AcceptAsync(peer, 1)).Start);
        await peer.FenceAsync();
        peer.Abort();
        peer = await session.Time.PassUntilAsync(session.AcceptAgainAsync(ResumeOutcome.NotFound));
        Assert.Equal(expected, (await AcceptAsync(peer, 1)).Start);
        peer.Dispose();
        await subscription.DisposeAsync();
    }

    [Fact] // DLV-8: a broker waits for no reader of a stream, so its socket has to
    public async Task A_reader_that_is_slower_than_its_stream_leaves_records_in_the_socket_and_loses_none()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        (Subscription subscription, ScriptedPeer own) = await SubscribeAsync(session, new StreamSubscribeOptions { DurableName = "c1", Prefetch = 4 });
        for (ulong offset = 0; offset < 100; offset++) Deliver(own, subscriptionId: 1, offset);
        await Patience.Until(() => subscription.HoldsUpItsConnection);
        await SubscriptionTests.PingAsync(session); // the others go on
        Assert.Equal(Enumerable.Range(0, 100).Select(static offset => (long)offset), await SubscriptionTests.ReadOffsetsAsync(subscription, 100));
    }

    [Fact] // P-8, STR-9
    public async Task A_stream_that_does_not_exist_or_is_deleted_says_so()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync("audit");
        ScriptedPeer own = await session.AcceptOwnAsync();
        own.SendError((await own.ReadAsync(OpCode.SubscribeStream)).Id, ErrorCode.NotFound, "declare it first", OpCode.SubscribeErr);
        await own.ReadToEndAsync();
        own.Dispose();
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(subscribing))).Code);

        subscribing = session.Client.SubscribeStreamAsync("audit");
        own = await session.AcceptOwnAsync();
        await AcceptAsync(own, 1);
        Subscription subscription = await Patience.Wait(subscribing);
        own.Send(3, new SubscriptionClosedMessage(1, CloseReason.TopicDeleted, "deleted"));
        Assert.Equal(SubscriptionEndReason.TopicDeleted, (await Patience.Wait(subscription.Completion)).Reason);
    }

    [Fact] // two durable names in one client: X-11
    public async Task One_client_can_read_a_stream_twice()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(Streams(1));
        Task<Subscription> first = session.Client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = "a" });
        ScriptedPeer a = await session.AcceptOwnAsync();
        await AcceptAsync(a, 1);
        Task<Subscription> second = session.Client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = "b" });
        ScriptedPeer b = await session.AcceptOwnAsync();
        await AcceptAsync(b, 1);
        Deliver(a, subscriptionId: 1, offset: 5, tag: 1);
        Deliver(b, subscriptionId: 1, offset: 9, tag: 2);
        Assert.Equal([5L], await SubscriptionTests.ReadOffsetsAsync(await Patience.Wait(first), 1));
        Assert.Equal([9L], await SubscriptionTests.ReadOffsetsAsync(await Patience.Wait(second), 1));
    }

    private static TopologySnapshot Streams(uint partitions) => new(
        1, [], [.. Enumerable.Range(0, (int)partitions).Select(partition => new StreamRoute("audit", (uint)partition, [], 0, partitions))]);

    /// <summary>Subscribes to a stream with one partition, on a connection of its own.</summary>
    private static async Task<(Subscription Subscription, ScriptedPeer Own)> SubscribeAsync(ScriptedSession session, StreamSubscribeOptions options)
    {
        Task<Subscription> subscribing = session.Client.SubscribeStreamAsync("audit", options);
        ScriptedPeer own = await session.AcceptOwnAsync();
        await AcceptAsync(own, 1);
        return (await Patience.Wait(subscribing), own);
    }

    private static async Task<SubscribeStreamMessage> AcceptAsync(ScriptedPeer peer, ulong subscriptionId)
    {
        SentFrame frame = await peer.SkipToAsync(OpCode.SubscribeStream);
        SubscribeStreamMessage request = frame.Read<SubscribeStreamMessage>();
        peer.Send(frame.Id, new SubscribeOkMessage(
            subscriptionId, request.Topic, request.Partition, null, request.Prefetch, ConsumerGroup: null, ConsumerTarget: null, MemberId: null));
        return request;
    }

    private static void Deliver(ScriptedPeer peer, ulong subscriptionId, ulong offset, uint partition = 0, ulong? tag = null) =>
        peer.Send(1, new DeliverMessage
        {
            SubscriptionId = subscriptionId,
            Topic = "audit"u8,
            Partition = partition,
            Offset = offset,
            DeliveryTag = tag ?? offset,
        });
}
