using System.Runtime.CompilerServices;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Fibril.Tests.Unit.Client;

/// <summary>L-19: leases that are renewed while somebody may still settle their messages. Leases are 30 s here, so they are renewed after 10.</summary>
public sealed class AutoRenewTests : IDisposable
{
    private const ulong LeaseMs = 30_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);

    private readonly RecordingLoggerFactory _loggers = new();

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task The_lease_time_is_asked_for_when_the_subscription_is_made()
    {
        await using ScriptedSession session = await StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoRenew = true, Group = "eu" });
        await session.Peer.AcceptSubscriptionAsync(1);
        SentFrame frame = await session.Peer.ReadAsync(OpCode.RenewLease);
        Assert.Equal("46524c31" + "000000066f7264657273" + "01000000026575" + "00000000" + "00000000", Hex.Text(frame.Body));
        await Patience.Wait(subscribing); // which does not wait for the answer
    }

    [Fact]
    public async Task Unsettled_messages_are_renewed_in_one_frame_after_a_third_of_their_lease()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        for (ulong tag = 1; tag <= 4; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 3); // the fourth waits unread
        await messages[1].CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);

        session.Time.Advance(Interval - OneMs);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        session.Time.Advance(OneMs);
        await AnswerAsync(session, expected: [1, 3, 4]);
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1, 3, 4]);
        GC.KeepAlive(messages);
    }

    [Fact]
    public async Task Nothing_is_sent_any_more_when_everything_is_settled()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        for (ulong tag = 1; tag <= 4; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 4);
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1, 2, 3, 4]);
        await messages[0].CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
        await messages[1].FailAsync();
        await session.Peer.ReadAsync(OpCode.Nack);
        await messages[2].RetryAsync();
        await session.Peer.ReadAsync(OpCode.Nack);
        await messages[3].RetryAfterAsync(TimeSpan.FromMinutes(1));
        await session.Peer.ReadAsync(OpCode.Nack);
        for (int i = 0; i < 5; i++) session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
    }

    [Fact] // a stream of messages costs two frames an interval, and none for messages that are quick
    public async Task Messages_that_came_shortly_after_one_another_are_renewed_together()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        var messages = new List<ReceivedMessage>();
        for (ulong tag = 1; tag <= 10; tag++)
        {
            session.Peer.Deliver(tag, subscriptionId: 1, tag);
            messages.Add(await subscription.ReadOneAsync());
            session.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await AnswerAsync(session, expected: [1, 2, 3, 4, 5, 6]); // at least five seconds old
        session.Time.Advance(TimeSpan.FromSeconds(5));
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        session.Time.Advance(TimeSpan.FromSeconds(1));
        await AnswerAsync(session, expected: [7, 8, 9, 10, 1, 2, 3, 4, 5, 6]);
        GC.KeepAlive(messages);
    }

    [Fact] // M-33
    public async Task A_lease_that_was_lost_is_not_asked_for_again()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        for (ulong tag = 1; tag <= 3; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 3);
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1, 2, 3], dead: [2]);
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1, 3], dead: [1, 3]);
        session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        Assert.Equal(2, _loggers.Log.Lines.Count(static line => line is { Event: 3011, Level: LogLevel.Warning }));
        GC.KeepAlive(messages);
    }

    [Fact]
    public async Task A_message_that_nobody_settles_is_let_go_after_the_limit()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session, new SubscribeOptions { AutoRenew = true, AutoRenewLimit = TimeSpan.FromSeconds(35) });
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        for (int i = 0; i < 3; i++)
        {
            session.Time.Advance(Interval);
            await AnswerAsync(session, expected: [1]);
        }

        session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        Assert.Single(_loggers.Log.Lines, static line => line is { Event: 3012, Level: LogLevel.Warning });
        await message.CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
    }

    [Fact] // ENC-3: an older broker is asked once, and everything else goes on
    public async Task A_broker_that_cannot_renew_is_left_alone()
    {
        await using ScriptedSession session = await StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoRenew = true });
        await session.Peer.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, ErrorCode.Invalid, "operation 1000 is not known");
        await Patience.Until(() => _loggers.Log.Lines.Any(static line => line is { Event: 3010, Level: LogLevel.Warning }));
        session.Peer.Deliver(2, subscriptionId: 1, tag: 2);
        ReceivedMessage later = await subscription.ReadOneAsync();
        for (int i = 0; i < 5; i++) session.Time.Advance(Interval);
        Assert.Equal(LeaseRenewalOutcome.NotSupported, (await Patience.Wait(message.RenewAsync())).Outcome);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        await later.CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
        Assert.Single(_loggers.Log.Lines, static line => line.Event == 3010);
    }

    [Fact] // the lease time may not be known yet when the first message is due
    public async Task Messages_are_renewed_before_long_when_the_first_question_found_no_answer()
    {
        await using ScriptedSession session = await StartAsync();
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoRenew = true });
        await session.Peer.AcceptSubscriptionAsync(1);
        Subscription subscription = await Patience.Wait(subscribing);
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, ErrorCode.ServerFault, "not now");
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Time.Advance(TimeSpan.FromSeconds(5));
        SentFrame frame = await session.Peer.ReadAsync(OpCode.RenewLease);
        Assert.Equal([1UL], frame.Read<RenewLeaseMessage>().Tags);
        session.Peer.SendError(frame.Id, ErrorCode.ServerFault, "not now either");
        session.Time.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(session, expected: [1]);
        session.Time.Advance(Interval - OneMs);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        session.Time.Advance(OneMs);
        await AnswerAsync(session, expected: [1]);
        GC.KeepAlive(message);
    }

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_before_the_lease_ends()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Time.Advance(Interval);
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, ErrorCode.ServerFault, "not now");
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1]);
        GC.KeepAlive(message);
    }

    [Fact] // M-16: the broker's answer has the last word
    public async Task A_lease_time_that_was_changed_is_followed()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Time.Advance(Interval);
        SentFrame frame = await session.Peer.ReadAsync(OpCode.RenewLease);
        session.Peer.Send(frame.Id, new RenewLeaseOkMessage(6000, []));
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        session.Time.Advance(TimeSpan.FromSeconds(2));
        await AnswerAsync(session, expected: [1]);
        GC.KeepAlive(message);
    }

    [Fact]
    public async Task Every_partition_is_asked_for_its_own()
    {
        await using ScriptedSession session = await StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 2, 0)));
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoRenew = true });
        SentFrame[] requests = [await session.Peer.ReadAsync(OpCode.Subscribe), await session.Peer.ReadAsync(OpCode.Subscribe)];
        foreach (SentFrame request in requests)
        {
            uint partition = request.Read<SubscribeMessage>().Partition;
            session.Peer.Send(request.Id, new SubscribeOkMessage(partition + 1, "orders", partition, null, 32, null, null, null));
        }

        for (int i = 0; i < 2; i++) session.Peer.Send((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, new RenewLeaseOkMessage(LeaseMs, []));
        Subscription subscription = await Patience.Wait(subscribing);
        await SubscriptionTests.PingAsync(session);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 7, partition: 0);
        session.Peer.Deliver(2, subscriptionId: 2, tag: 8, partition: 1);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 2);
        session.Time.Advance(Interval);
        RenewLeaseMessage[] asked =
        [
            (await session.Peer.ReadAsync(OpCode.RenewLease)).Read<RenewLeaseMessage>(),
            (await session.Peer.ReadAsync(OpCode.RenewLease)).Read<RenewLeaseMessage>(),
        ];
        Assert.Equal([(0U, 7UL), (1U, 8UL)], asked.Select(static request => (request.Partition, Assert.Single(request.Tags))).Order());
        GC.KeepAlive(messages);
    }

    [Fact] // the smallest limit for frames holds
    public async Task Very_many_messages_are_renewed_in_frames_of_a_bounded_size()
    {
        await using ScriptedSession session = await StartAsync(configure: static options => options.MaxFrameBytes = 64 << 10);
        Subscription subscription = await SubscribeAsync(session, new SubscribeOptions { AutoRenew = true, Prefetch = 10_000 });
        byte[] deliveries = [.. Enumerable.Range(1, 10_000).SelectMany(static tag => ScriptedPeer.Delivery((ulong)tag, subscriptionId: 1, (ulong)tag))];
        session.Peer.SendBytes(deliveries);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, 10_000);
        session.Time.Advance(Interval);
        var tags = new List<ulong>();
        while (tags.Count < messages.Count) tags.AddRange((await session.Peer.ReadAsync(OpCode.RenewLease)).Read<RenewLeaseMessage>().Tags);
        Assert.Equal(Enumerable.Range(1, 10_000).Select(static tag => (ulong)tag), tags.Order());
    }

    [Fact] // M-50: what the application has is still being worked on, what it has not read never will be
    public async Task Disposing_the_subscription_lets_go_of_what_was_not_read()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        for (ulong tag = 1; tag <= 3; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        ReceivedMessage message = await subscription.ReadOneAsync();
        await SubscriptionTests.PingAsync(session); // the others have arrived
        await subscription.DisposeAsync();
        session.Peer.Deliver(4, subscriptionId: 1, tag: 4); // nobody's
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1]);
        await message.CompleteAsync();
        await session.Peer.ReadAsync(OpCode.Ack);
        session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
    }

    [Fact]
    public async Task A_later_subscription_that_takes_over_the_brokers_side_is_renewed_as_it_asks_for()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription first = await session.SubscribeAsync();
        await first.DisposeAsync();
        Subscription second = await Patience.Wait(session.Client.SubscribeAsync("orders", new SubscribeOptions { AutoRenew = true }));
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.RenewLease)).Id, new RenewLeaseOkMessage(LeaseMs, []));
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await second.ReadOneAsync();
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1]);
        await second.DisposeAsync();

        Subscription third = await Patience.Wait(session.Client.SubscribeAsync("orders"));
        session.Peer.Deliver(2, subscriptionId: 1, tag: 2);
        ReceivedMessage other = await third.ReadOneAsync();
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1]); // still in the hands of whoever read it
        GC.KeepAlive(message);
        GC.KeepAlive(other);
    }

    [Fact] // forgotten without being settled: it comes again after its lease, as it would without renewals
    public async Task A_message_that_nobody_has_any_more_is_let_go()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        for (ulong tag = 1; tag <= 2; tag++) session.Peer.Deliver(tag, subscriptionId: 1, tag);
        (WeakReference first, ReceivedMessage last) = await ReadAndForgetTheFirstAsync(subscription);
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [1, 2]);

        // Stacks of threads that handed it over may still hold it for a moment.
        await Patience.Until(() =>
        {
            GC.Collect();
            return !first.IsAlive;
        });
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [2]);
        GC.KeepAlive(last);
    }

    [Fact] // its leases ended with it
    public async Task A_subscription_that_the_broker_ended_is_not_renewed()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Peer.Send(0, new SubscriptionClosedMessage(1, CloseReason.TopicDeleted, "gone"));
        await SubscriptionTests.PingAsync(session);
        session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        GC.KeepAlive(message);
    }

    [Fact]
    public async Task Nothing_happens_after_the_connection_is_lost_for_good()
    {
        await using ScriptedSession session = await StartAsync(configure: ScriptedSession.StaysDisconnected);
        Subscription subscription = await SubscribeAsync(session);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        session.Peer.Abort();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => subscription.ReadOneAsync());
        for (int i = 0; i < 10; i++) session.Time.Advance(Interval);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(message.RenewAsync()));
        Assert.DoesNotContain(_loggers.Log.Lines, static line => line.Event is 3011 or 3012);
    }

    [Fact] // the default: nothing on the wire is other than it was
    public async Task Without_the_option_nothing_is_renewed()
    {
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        session.Peer.Deliver(1, subscriptionId: 1, tag: 1);
        ReceivedMessage message = await subscription.ReadOneAsync();
        for (int i = 0; i < 10; i++) session.Time.Advance(Interval);
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
        GC.KeepAlive(message);
    }

    [Fact] // settling, renewing and receiving at the same time
    public async Task Messages_that_are_settled_while_others_are_renewed_are_forgotten_one_by_one()
    {
        const int Count = 2000;
        await using ScriptedSession session = await StartAsync();
        Subscription subscription = await SubscribeAsync(session, new SubscribeOptions { AutoRenew = true, Prefetch = Count });
        session.Peer.SendBytes([.. Enumerable.Range(1, Count).SelectMany(static tag => ScriptedPeer.Delivery((ulong)tag, subscriptionId: 1, (ulong)tag))]);
        List<ReceivedMessage> messages = await SubscriptionTests.ReadAsync(subscription, Count);
        Task settling = Task.Run(() => Parallel.ForEach(messages.Take(Count - 1), static message => message.CompleteAsync().AsTask().Wait()));
        for (int i = 0; i < 200; i++) session.Time.Advance(TimeSpan.FromSeconds(1));
        await Patience.Wait(settling);
        await SubscriptionTests.PingAsync(session); // past everything that was sent until now
        session.Time.Advance(Interval);
        await AnswerAsync(session, expected: [Count]);
        GC.KeepAlive(messages);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(WeakReference First, ReceivedMessage Last)> ReadAndForgetTheFirstAsync(Subscription subscription)
    {
        var first = new WeakReference(await subscription.ReadOneAsync());
        return (first, await subscription.ReadOneAsync());
    }

    private Task<ScriptedSession> StartAsync(TopologySnapshot? topology = null, Action<FibrilClientOptions>? configure = null) =>
        ScriptedSession.StartAsync(topology, options =>
        {
            options.HeartbeatInterval = TimeSpan.FromHours(1);
            options.OperationTimeout = TimeSpan.FromHours(1);
            options.LoggerFactory = _loggers;
            configure?.Invoke(options);
        });

    /// <summary>Subscribes to the one partition of <c>orders</c> and says how long a lease is.</summary>
    private static async Task<Subscription> SubscribeAsync(ScriptedSession session, SubscribeOptions? options = null)
    {
        Task<Subscription> subscribing = session.Client.SubscribeAsync("orders", options ?? new SubscribeOptions { AutoRenew = true });
        await session.Peer.AcceptSubscriptionAsync(1);
        SentFrame question = await session.Peer.ReadAsync(OpCode.RenewLease);
        Assert.Empty(question.Read<RenewLeaseMessage>().Tags);
        session.Peer.Send(question.Id, new RenewLeaseOkMessage(LeaseMs, []));
        Subscription subscription = await Patience.Wait(subscribing);
        await SubscriptionTests.PingAsync(session); // the answer was taken
        return subscription;
    }

    /// <summary>The next frame asks for these; when this returns, the client has taken the answer.</summary>
    private static async Task AnswerAsync(ScriptedSession session, ulong[] expected, ulong[]? dead = null)
    {
        SentFrame frame = await session.Peer.ReadAsync(OpCode.RenewLease);
        Assert.Equal(expected, frame.Read<RenewLeaseMessage>().Tags);
        session.Peer.Send(frame.Id, new RenewLeaseOkMessage(LeaseMs, dead ?? []));
        await LeaseRenewalTests.AssertNothingWasSentAsync(session);
    }
}
