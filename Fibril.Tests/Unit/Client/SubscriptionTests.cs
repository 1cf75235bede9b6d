using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

public sealed class SubscriptionTests
{
    [Fact]
    public async Task A_subscription_asks_for_what_was_given()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 100, Group = "default" });
        Assert.Equal(new SubscribeMessage("orders", 0, null, 100, false, null, null, null), await session.Peer.AcceptSubscriptionAsync(9));
        Subscription subscription = await Patience.Wait(subscribing);
        Assert.Equal("orders", subscription.Topic);
        Assert.Null(subscription.Group);
        Assert.Equal(1, subscription.PartitionCount);
    }

    [Fact]
    public async Task A_message_shows_what_was_delivered()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Send(17, new DeliverMessage
        {
            SubscriptionId = 1,
            Topic = "orders"u8,
            Offset = 41,
            DeliveryTag = 9001,
            Published = 1_767_225_600_000,
            PublishReceived = 1_767_225_600_123,
            ContentType = ContentType.Custom("image/png"u8),
            Headers = new HeaderBlockBuilder().Add("tenant", "6").Add("fibril.retries", "2").Add("tenant", "7").Block,
            Payload = "\u0001\u0002"u8,
        });
        ReceivedMessage message = await subscription.ReadOneAsync();
        Assert.Equal((byte[])[1, 2], message.Payload.ToArray());
        Assert.Equal("image/png", message.ContentType);
        Assert.Equal(new Dictionary<string, string> { ["tenant"] = "7", ["fibril.retries"] = "2" }, message.Headers);
        Assert.Same(message.Headers, message.Headers);
        Assert.Equal(("orders", null, 0, 41L), (message.Topic, message.Group, message.Partition, message.Offset));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), message.PublishedAt);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 123, TimeSpan.Zero), message.ReceivedAt);
        Assert.Equal(2, message.Retries);
        Assert.False(message.IsSettled);
    }

    [Fact]
    public async Task A_message_without_anything_is_fine_too()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Send(17, new DeliverMessage { SubscriptionId = 1, Topic = "orders"u8, PublishReceived = ulong.MaxValue });
        ReceivedMessage message = await subscription.ReadOneAsync();
        Assert.True(message.Payload.IsEmpty);
        Assert.Null(message.ContentType);
        Assert.Empty(message.Headers);
        Assert.Null(message.PublishedAt);
        Assert.Equal(9999, message.ReceivedAt.Year);
        Assert.Equal(0, message.Retries);
    }

    [Fact] // the reply and the first deliveries in one piece
    public async Task Deliveries_right_behind_the_reply_are_not_lost()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders");
        SentFrame request = await session.Peer.ReadAsync(OpCode.Subscribe);
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.Write(bytes, request.Id, new SubscribeOkMessage(1, "orders", 0, null, 32, null, null, null));
        for (ulong tag = 1; tag <= 3; tag++)
            Frame.Write(bytes, tag, new DeliverMessage { SubscriptionId = 1, Topic = "orders"u8, Offset = tag, DeliveryTag = tag });
        session.Peer.SendBytes(bytes.WrittenSpan);
        Assert.Equal([1L, 2L, 3L], await ReadOffsetsAsync(await Patience.Wait(subscribing), 3));
    }

    [Fact]
    public async Task All_partitions_are_merged_and_settlements_go_back_to_theirs()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 3, 0)));
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 2 }, partitionCount: 3);
        Assert.Equal(3, subscription.PartitionCount);
        session.Peer.Deliver(1, subscriptionId: 3, tag: 31, partition: 2);
        session.Peer.Deliver(2, subscriptionId: 1, tag: 11, partition: 0);
        session.Peer.Deliver(3, subscriptionId: 3, tag: 32, partition: 2);
        List<ReceivedMessage> messages = await ReadAsync(subscription, 3);
        Assert.Equal([31L, 32L], messages.Where(message => message.Partition == 2).Select(message => message.Offset));
        Assert.Equal([11L], messages.Where(message => message.Partition == 0).Select(message => message.Offset));
        foreach (ReceivedMessage message in messages)
        {
            await message.CompleteAsync();
            SentFrame ack = await session.Peer.ReadAsync(OpCode.Ack);
            Assert.Equal((uint)message.Partition, ack.Read<AckMessage>().Partition);
            Assert.Equal((ulong)message.Offset, ack.Read<AckMessage>().Tags[0]);
        }
    }

    [Theory] // both forms
    [InlineData(OpCode.Error)]
    [InlineData(OpCode.SubscribeErr)]
    public async Task A_refused_subscription_says_why(OpCode opCode)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders");
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "subscribed already", opCode);
        var refusal = await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(subscribing));
        Assert.Equal(ErrorCode.Conflict, refusal.Code);
        Assert.Contains("queue 'orders', partition 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_that_one_partition_refuses_fails_whole_and_can_be_tried_again()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 2, 0)));
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders");
        await session.Peer.AcceptSubscriptionAsync(1);
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Subscribe)).Id, ErrorCode.ServerFault, "partition 1 is out of service");
        await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(subscribing));

        // Partition 0 is still subscribed at the broker, and is taken over without asking.
        Task<Subscription> again = session.Client.SubscribeAsync("orders");
        Assert.Equal(1U, (await session.Peer.AcceptSubscriptionAsync(2)).Partition);
        Subscription subscription = await Patience.Wait(again);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        Assert.Equal([5L], await ReadOffsetsAsync(subscription, 1));
    }

    [Fact] // FRM-17
    public async Task A_subscription_that_the_broker_ends_shows_what_arrived_and_then_the_reason()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        session.Peer.Send(2, new SubscriptionClosedMessage(1, CloseReason.TopicDeleted, "queue orders was deleted"));
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        var closed = await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(CloseReason.TopicDeleted, closed.Reason);
        Assert.Equal("queue orders was deleted", closed.ServerMessage);
        Assert.False(closed.IsTransient);
        Assert.True(session.Client.IsConnected);
        await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => Patience.Wait(reader.MoveNextAsync()));
    }

    [Theory] // 5.7
    [InlineData((ushort)20, false)]
    [InlineData((ushort)21, true)]
    [InlineData((ushort)22, true)]
    [InlineData((ushort)24, false)]
    [InlineData((ushort)40, false)]
    [InlineData((ushort)9001, true)]
    public async Task The_reason_says_whether_subscribing_again_can_help(ushort code, bool isTransient)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Supervised = false });
        Task<List<ReceivedMessage>> reading = ReadAsync(subscription, 1); // waits already
        session.Peer.Send(2, new SubscriptionClosedMessage(1, (CloseReason)code, "later"));
        var closed = await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => reading);
        Assert.Equal(isTransient, closed.IsTransient);
        Assert.Contains(code.ToString(System.Globalization.CultureInfo.InvariantCulture), closed.Message, StringComparison.Ordinal);
    }

    [Fact] // CLS-3
    public async Task After_the_end_the_queue_can_be_subscribed_anew()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription first = await session.SubscribeAsync();
        await first.DisposeAsync();
        session.Peer.Send(2, new SubscriptionClosedMessage(1, CloseReason.ServerError, "fault"));
        await PingAsync(session); // the notice is handled
        Task<Subscription> again = session.Client.SubscribeAsync("orders");
        await session.Peer.AcceptSubscriptionAsync(2);
        Subscription second = await Patience.Wait(again);
        session.Peer.Deliver(1, subscriptionId: 2, tag: 5);
        Assert.Equal([5L], await ReadOffsetsAsync(second, 1));
    }

    [Fact]
    public async Task Deliveries_to_a_subscription_that_nobody_has_are_ignored()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 8, tag: 4);
        session.Peer.Deliver(2, subscriptionId: 1, tag: 5);
        session.Peer.Send(3, new SubscriptionClosedMessage(8, CloseReason.ServerError, "fault"));
        Assert.Equal([5L], await ReadOffsetsAsync(subscription, 1));
    }

    [Fact] // there is no unsubscribe
    public async Task A_disposed_subscription_reads_nothing_more_and_its_place_is_taken_over_by_an_equal_one()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription first = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 8 });
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage held = await first.ReadOneAsync();
        session.Peer.Deliver(2, subscriptionId: 1, tag: 6);
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Empty(await ReadAsync(first, 1));
        session.Peer.Deliver(3, subscriptionId: 1, tag: 7); // dropped; its lease brings it back
        await PingAsync(session);
        await held.CompleteAsync(); // still possible
        Assert.Equal(5UL, (await session.Peer.ReadAsync(OpCode.Ack)).Read<AckMessage>().Tags[0]);

        Subscription second = await Patience.Wait(session.Client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 8 }));
        session.Peer.Deliver(4, subscriptionId: 1, tag: 8);
        Assert.Equal([8L], await ReadOffsetsAsync(second, 1));

        Task<Subscription> third = session.Client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 8 });
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Subscribe)).Id, ErrorCode.Conflict, "subscribed already");
        await Assert.ThrowsAsync<FibrilServerException>(() => Patience.Wait(third));
    }

    [Fact] // a broker gives out no more than the prefetch, so the oldest of more than that are dead
    public async Task Messages_that_wait_longer_than_their_lease_make_room_for_their_redelivery()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 3 });
        for (ulong tag = 1; tag <= 5; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        await PingAsync(session); // all five have arrived
        Assert.Equal([3L, 4L, 5L], await ReadOffsetsAsync(subscription, 3));
    }

    [Fact]
    public async Task Reading_can_stop_and_go_on_without_losing_a_message()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        for (ulong tag = 1; tag <= 4; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        await PingAsync(session);
        Assert.Equal([1L], await ReadOffsetsAsync(subscription, 1));
        Assert.Equal([2L, 3L], await ReadOffsetsAsync(subscription, 2));

        using var cancellation = new CancellationTokenSource();
        await using (IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator(cancellation.Token))
        {
            Assert.Throws<InvalidOperationException>(() => subscription.GetAsyncEnumerator());
            Assert.True(await Patience.Wait(reader.MoveNextAsync()));
            Task<bool> waiting = reader.MoveNextAsync().AsTask();
            Assert.False(waiting.IsCompleted);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(waiting));
            session.Peer.Deliver(5, subscriptionId: 1, tag: 5);
            await PingAsync(session);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(reader.MoveNextAsync()));
        }

        Assert.Equal([5L], await ReadOffsetsAsync(subscription, 1));
    }

    [Fact]
    public async Task The_memory_of_a_message_is_its_own()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync(new SubscribeOptions { Prefetch = 1000 });
        var kept = new List<ReceivedMessage>();
        for (ulong tag = 0; tag < 600; tag++)
        {
            byte[] payload = new byte[1000];
            payload.AsSpan().Fill((byte)tag);
            session.Peer.Deliver(tag, subscriptionId: 1, tag, payload);
        }

        kept.AddRange(await ReadAsync(subscription, 600)); // far more than a receive buffer
        foreach (ReceivedMessage message in kept)
        {
            Assert.Equal(1000, message.Payload.Length);
            Assert.Equal(-1, message.Payload.Span.IndexOfAnyExcept((byte)message.Offset));
        }
    }

    [Fact]
    public async Task A_message_larger_than_the_receive_buffer_arrives_whole()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        byte[] payload = new byte[3_000_000];
        new Random(1).NextBytes(payload);
        Task<ReceivedMessage> reading = subscription.ReadOneAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1, "before"u8);
        Assert.Equal("before", (await reading).GetText());
        reading = subscription.ReadOneAsync();
        session.Peer.Deliver(2, subscriptionId: 1, tag: 2, payload);
        Assert.Equal(payload, (await reading).Payload.ToArray());
        reading = subscription.ReadOneAsync();
        session.Peer.Deliver(3, subscriptionId: 1, tag: 3, "after"u8);
        Assert.Equal("after", (await reading).GetText());
    }

    internal static async Task<List<ReceivedMessage>> ReadAsync(Subscription subscription, int count)
    {
        var messages = new List<ReceivedMessage>();
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        while (messages.Count < count && await Patience.Wait(reader.MoveNextAsync())) messages.Add(reader.Current);
        return messages;
    }

    internal static async Task<IEnumerable<long>> ReadOffsetsAsync(Subscription subscription, int count) =>
        (await ReadAsync(subscription, count)).Select(message => message.Offset);

    [Fact] // X-3; who had the number before would wait for ever
    public async Task A_subscription_id_that_is_given_twice_ends_the_connection()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: ScriptedSession.StaysDisconnected);
        Subscription first = await session.SubscribeAsync();
        Task<Subscription> second = session.Client.SubscribeAsync("payments");
        await session.Peer.AcceptSubscriptionAsync(1);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(second));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => ReadAsync(first, 1));
        Assert.IsType<FibrilProtocolException>(session.Client.DisconnectReason);
    }

    /// <summary>When it returns, the client has handled everything that was sent to it before.</summary>
    internal static async Task PingAsync(ScriptedSession session, ScriptedPeer? peer = null)
    {
        peer ??= session.Peer;
        Task<TimeSpan> ping = session.Client.PingAsync();
        peer.Send((await peer.SkipToAsync(OpCode.Ping)).Id, default(PongMessage));
        await Patience.Wait(ping);
    }
}
