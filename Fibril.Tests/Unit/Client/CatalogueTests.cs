using Fibril.Client;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client;

/// <summary>What a client knows of channels, and patterns over their topics.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public async Task The_catalogue_shows_queues_and_streams_with_their_partition_counts()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            new TopologySnapshot(1, [.. Queue("orders", 2), .. Queue("orders", 1, "eu")], [new StreamRoute("audit", 0, [], 0, 1)]));
        Assert.Equal(
            [(ChannelKind.Queue, "orders", null, 2), (ChannelKind.Queue, "orders", "eu", 1), (ChannelKind.Stream, "audit", null, 1)],
            session.Client.Catalogue.Channels.Select(static channel => (channel.Kind, channel.Topic, channel.Group, channel.PartitionCount)));
    }

    [Fact] // no change of owners alone
    public async Task Changes_are_additions_removals_and_other_partition_counts()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            new TopologySnapshot(1, [.. Queue("grows", 1), .. Queue("goes", 1), .. Queue("moves", 1)], []));
        CatalogueSnapshot before = session.Client.Catalogue;
        await using IAsyncEnumerator<CatalogueChange> changes = session.Client.WatchCatalogueAsync(before).GetAsyncEnumerator();
        var moved = new QueueRoute("moves", 0, null, [new BrokerAddress("elsewhere", 9876, [])], 0, 1);
        session.Peer.Send(40, new TopologyUpdateMessage(new TopologySnapshot(
            2, [.. Queue("grows", 3), moved, .. Queue("comes", 2)], [new StreamRoute("audit", 0, [], 0, 1)])));
        var seen = new List<string>();
        for (int i = 0; i < 4; i++)
        {
            Assert.True(await Patience.Wait(changes.MoveNextAsync()));
            seen.Add($"{changes.Current.Kind} {changes.Current.Channel.Topic} {changes.Current.Channel.PartitionCount}");
        }

        Assert.Equal(["Added audit 1", "Added comes 2", "PartitionCountChanged grows 3", "Removed goes 1"], seen.Order());
        Task<bool> next = changes.MoveNextAsync().AsTask();
        session.Peer.Send(41, new TopologyUpdateMessage(new TopologySnapshot(3, [.. Queue("grows", 3), .. Queue("moves", 1)], [])));
        Assert.True(await Patience.Wait(next)); // what changed of "moves" is not among them
        Assert.NotEqual("moves", changes.Current.Channel.Topic);
    }

    [Fact]
    public async Task A_redirect_about_an_unknown_queue_adds_nothing_to_the_catalogue()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        session.Peer.Send(999, new RedirectMessage("ghost", 3, null, [new BrokerAddress("elsewhere", 9876, [])], 0));
        await SubscriptionTests.PingAsync(session);
        Assert.Empty(session.Client.Catalogue.Channels);
    }

    [Theory]
    [InlineData("orders", "orders", true)]
    [InlineData("orders", "orders.eu", false)]
    [InlineData("*", "orders", true)]
    [InlineData("orders.*", "orders.eu", true)]
    [InlineData("orders.*", "orders.", true)]
    [InlineData("orders.*", "orders", false)]
    [InlineData("*.eu", "orders.eu", true)]
    [InlineData("*.eu", "orders.eu.x", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("a**c", "ac", true)]
    [InlineData("*aab", "aaab", true)]
    [InlineData("a?c", "abc", false)]
    public void A_star_stands_for_any_run_of_characters(string pattern, string topic, bool matches)
    {
        var glob = new TopicPattern(pattern, ChannelKind.Queue, group: null);
        Assert.Equal(matches, glob.Matches(new ChannelKey(topic, null), ChannelKind.Queue));
        Assert.False(glob.Matches(new ChannelKey(topic, null), ChannelKind.Stream));
        Assert.False(glob.Matches(new ChannelKey(topic, "eu"), ChannelKind.Queue));
    }

    [Fact]
    public async Task A_pattern_attaches_to_what_matches_now_and_later_and_each_message_names_its_channel()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            new TopologySnapshot(1, [.. Queue("orders.eu", 1), .. Queue("payments", 1)], [new StreamRoute("orders.audit", 0, [], 0, 1)]));
        Task<PatternSubscription> subscribing = session.Client.SubscribePatternAsync("orders.*");
        Assert.Equal("orders.eu", (await session.Peer.AcceptSubscriptionAsync(1)).Topic);
        PatternSubscription subscription = await Patience.Wait(subscribing);
        Assert.Equal(["orders.eu"], subscription.Topics);

        session.Peer.Send(40, new TopologyUpdateMessage(new TopologySnapshot(2, [.. Queue("orders.eu", 1), .. Queue("orders.us", 2)], [])));
        Assert.Equal(("orders.us", 0U), await AcceptAsync(session.Peer, 2));
        Assert.Equal(("orders.us", 1U), await AcceptAsync(session.Peer, 3));
        await Patience.Until(() => subscription.Topics.Count == 2);
        Deliver(session.Peer, 3, "orders.us"u8, partition: 1);
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(("orders.us", 1), (reader.Current.Topic, reader.Current.Partition));

        // One that is deleted is left; the others go on.
        session.Peer.Send(42, new TopologyUpdateMessage(new TopologySnapshot(3, [.. Queue("orders.us", 2)], [])));
        session.Peer.Send(43, new SubscriptionClosedMessage(1, CloseReason.TopicDeleted, "deleted"));
        await Patience.Until(() => subscription.Topics is ["orders.us"]);
        Deliver(session.Peer, 2, "orders.us"u8);
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        await subscription.DisposeAsync();
        Assert.False(await Patience.Wait(reader.MoveNextAsync()));
    }

    [Fact] // a stream that comes to match is read from its beginning
    public async Task A_pattern_over_streams_misses_nothing_of_those_that_come_later()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(new TopologySnapshot(1, [], [new StreamRoute("audit.a", 0, [], 0, 1)]));
        Task<PatternSubscription> subscribing = session.Client.SubscribeStreamPatternAsync("audit.*");
        ScriptedPeer own = await session.AcceptOwnAsync();
        Assert.Equal(StreamStart.Latest, (await AcceptStreamAsync(own, 1)).Start);
        PatternSubscription subscription = await Patience.Wait(subscribing);
        session.Peer.Send(40, new TopologyUpdateMessage(new TopologySnapshot(
            2, [.. Queue("audit.q", 1)], [new StreamRoute("audit.a", 0, [], 0, 1), new StreamRoute("audit.b", 0, [], 0, 1)])));
        ScriptedPeer second = await session.AcceptOwnAsync();
        SubscribeStreamMessage later = await AcceptStreamAsync(second, 1);
        Assert.Equal(("audit.b", StreamStart.Earliest), (later.Topic, later.Start));
        await Patience.Until(() => subscription.Topics.Count == 2);
        own.Dispose();
        second.Dispose();
        await subscription.DisposeAsync();
    }

    [Fact] // P-14
    public async Task A_stream_of_a_pattern_that_was_interrupted_for_good_goes_on_behind_what_had_arrived()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(new TopologySnapshot(1, [], [new StreamRoute("audit.a", 0, [], 0, 1)]));
        Task<PatternSubscription> subscribing = session.Client.SubscribeStreamPatternAsync("audit.*");
        ScriptedPeer own = await session.AcceptOwnAsync();
        await AcceptStreamAsync(own, 1);
        PatternSubscription subscription = await Patience.Wait(subscribing);
        own.Send(1, new DeliverMessage { SubscriptionId = 1, Topic = "audit.a"u8, Offset = 40, DeliveryTag = 40 });
        own.Send(2, new SubscriptionClosedMessage(1, CloseReason.ServerError, "a bug"));
        own = await NextOwnAsync(session, own);
        SentFrame refused = await own.ReadAsync(OpCode.SubscribeStream);
        Assert.Equal(StreamStart.AtOffset(41), refused.Read<SubscribeStreamMessage>().Start);
        own.SendError(refused.Id, ErrorCode.ServerFault, "not yet", OpCode.SubscribeErr);
        own = await session.Time.PassUntilAsync(NextOwnAsync(session, own));
        Assert.Equal(StreamStart.AtOffset(41), (await AcceptStreamAsync(own, 1)).Start);
        await Patience.Until(() => subscription.Topics.Count == 1);

        // Another stream of the same name has other records under the same offsets.
        own.Send(3, new SubscriptionClosedMessage(1, CloseReason.TopicDeleted, "deleted"));
        own = await NextOwnAsync(session, own);
        Assert.Equal(StreamStart.Earliest, (await AcceptStreamAsync(own, 1)).Start);
        await Patience.Until(() => subscription.Topics.Count == 1);
        own.Dispose();
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_of_a_pattern_that_is_refused_at_first_starts_where_it_was_to_start()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(new TopologySnapshot(1, [], [new StreamRoute("audit.a", 0, [], 0, 1)]));
        Task<PatternSubscription> subscribing = session.Client.SubscribeStreamPatternAsync("audit.*");
        ScriptedPeer own = await session.AcceptOwnAsync();
        SentFrame refused = await own.ReadAsync(OpCode.SubscribeStream);
        own.SendError(refused.Id, ErrorCode.ServerFault, "not yet", OpCode.SubscribeErr);
        Task<ScriptedPeer> next = NextOwnAsync(session, own);
        PatternSubscription subscription = await Patience.Wait(subscribing);
        own = await session.Time.PassUntilAsync(next);
        Assert.Equal(StreamStart.Latest, (await AcceptStreamAsync(own, 1)).Start);
        await Patience.Until(() => subscription.Topics.Count == 1);
    }

    [Fact]
    public async Task A_pattern_that_is_cancelled_while_it_attaches_lets_go_of_what_it_had_attached()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(
            new TopologySnapshot(1, [.. Queue("orders.eu", 1), .. Queue("orders.us", 1)], []));
        using var cancellation = new CancellationTokenSource();
        Task<PatternSubscription> subscribing = session.Client.SubscribePatternAsync(
            "orders.*", new SubscribeOptions { OwnConnection = true }, cancellation.Token);
        ScriptedPeer attached = await session.Broker.AcceptAsync();
        await attached.WelcomeWithoutTopologyAsync();
        ScriptedPeer pending = await session.Broker.AcceptAsync();
        await pending.WelcomeWithoutTopologyAsync();
        await pending.ReadAsync(OpCode.Subscribe);
        await attached.AcceptSubscriptionAsync(1);
        attached.Send(1, default(PingMessage));
        await attached.ReadAsync(OpCode.Pong); // it has seen the answer
        await cancellation.CancelAsync();
        foreach (ScriptedPeer peer in (ScriptedPeer[])[pending, attached])
        {
            await peer.ReadToEndAsync();
            peer.Dispose();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(subscribing));
    }

    [Fact]
    public async Task A_match_that_is_refused_is_tried_again()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(new TopologySnapshot(1, Queue("orders", 1), []));
        Task<PatternSubscription> subscribing = session.Client.SubscribePatternAsync("*");
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Subscribe)).Id, ErrorCode.ServerFault, "later");
        PatternSubscription subscription = await Patience.Wait(subscribing);
        Assert.Empty(subscription.Topics);
        await session.Time.PassUntilAsync(session.Peer.AcceptSubscriptionAsync(1));
        await Patience.Until(() => subscription.Topics.Count == 1);
    }

    private static QueueRoute[] Queue(string topic, uint partitions, string? group = null) =>
        [.. Enumerable.Range(0, (int)partitions).Select(partition => new QueueRoute(topic, (uint)partition, group, [], 0, partitions))];

    private static async Task<(string Topic, uint Partition)> AcceptAsync(ScriptedPeer peer, ulong subscriptionId)
    {
        SubscribeMessage request = await peer.AcceptSubscriptionAsync(subscriptionId);
        return (request.Topic, request.Partition);
    }

    /// <summary>The connection of a subscription that has ended closes, and another one is opened.</summary>
    private static async Task<ScriptedPeer> NextOwnAsync(ScriptedSession session, ScriptedPeer ended)
    {
        await ended.ReadToEndAsync();
        ended.Dispose();
        return await session.AcceptOwnAsync();
    }

    private static async Task<SubscribeStreamMessage> AcceptStreamAsync(ScriptedPeer peer, ulong subscriptionId)
    {
        SentFrame frame = await peer.SkipToAsync(OpCode.SubscribeStream);
        SubscribeStreamMessage request = frame.Read<SubscribeStreamMessage>();
        peer.Send(frame.Id, new SubscribeOkMessage(subscriptionId, request.Topic, request.Partition, null, request.Prefetch, null, null, null));
        return request;
    }

    private static void Deliver(ScriptedPeer peer, ulong subscriptionId, ReadOnlySpan<byte> topic, uint partition = 0) =>
        peer.Send(1, new DeliverMessage { SubscriptionId = subscriptionId, Topic = topic, Partition = partition, Offset = 1, DeliveryTag = subscriptionId });
}
