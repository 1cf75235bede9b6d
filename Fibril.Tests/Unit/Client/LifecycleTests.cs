using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>Heartbeats, lost connections and disposal.</summary>
public sealed class LifecycleTests
{
    [Fact] // HB-2
    public async Task A_ping_goes_out_every_interval_busy_or_not()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        for (int i = 0; i < 4; i++)
        {
            session.Time.Advance(TimeSpan.FromSeconds(5));
            SentFrame ping = await session.Peer.ReadAsync(OpCode.Ping);
            session.Peer.Send(ping.Id, default(PongMessage));
            await SubscriptionTests.PingAsync(session); // the pong has arrived
        }

        Assert.True(session.Client.IsConnected);
    }

    [Fact] // HB-3: it is this side that is late
    public async Task Bytes_that_nobody_has_read_yet_are_no_silence()
    {
        var time = new StallingTimeProvider();
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.TimeProvider = time);
        await SubscriptionTests.PingAsync(session);
        time.Stall();
        session.Peer.Send(0, default(PingMessage)); // holds the receive loop up
        await time.WhenSomebodyIsHeldUpAsync();
        session.Peer.Send(0, default(PingMessage));
        for (int i = 0; i < 6; i++) time.AdvanceAlone(TimeSpan.FromSeconds(5));
        bool isConnected = session.Client.IsConnected;
        time.Resume();
        Assert.True(isConnected);
        for (int i = 0; i < 6; i++) await session.Peer.ReadAsync(OpCode.Ping);
        await session.Peer.ReadAsync(OpCode.Pong);
        Assert.True(session.Client.IsConnected);
    }

    [Fact] // HB-3: any frame is a sign of life
    public async Task A_broker_that_only_pushes_is_alive()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        for (ulong tag = 1; tag <= 6; tag++)
        {
            session.Time.Advance(TimeSpan.FromSeconds(5));
            session.Peer.Deliver(tag, subscriptionId: 1, tag);
            await subscription.ReadOneAsync();
        }

        Assert.True(session.Client.IsConnected);
    }

    [Fact] // HB-3, R-77; the words are pinned
    public async Task A_silent_broker_is_given_up_at_the_first_tick_after_three_intervals()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        for (int i = 0; i < 3; i++) session.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(session.Client.IsConnected);
        session.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(session.Client.IsConnected);
        var lost = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publish));
        foreach (string text in (string[])[lost.Message, session.Client.DisconnectReason!.Message])
        {
            foreach (string word in (string[])["heartbeat timeout", "network stall", "reconnect"])
                Assert.Contains(word, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.True(lost.IsTransient);
        await session.Peer.ReadToEndAsync(); // the socket was closed, without a frame
    }

    [Theory] // PUB-10, R-27
    [InlineData(true)]
    [InlineData(false)]
    public async Task Losing_the_connection_fails_whatever_waits_and_ends_subscriptions_behind_what_arrived(bool isAbrupt)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: ScriptedSession.StaysDisconnected);
        Subscription subscription = await session.SubscribeAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<long> publish = publisher.PublishAsync("x"u8).AsTask();
        PublishConfirmation handle = await publisher.BeginPublishAsync("y"u8);
        Task<int> declaring = session.Client.DeclareQueueAsync("orders");
        await session.Peer.ReadAsync(OpCode.Publish);
        await session.Peer.ReadAsync(OpCode.Publish);
        await session.Peer.ReadAsync(OpCode.DeclareQueue);
        session.Peer.Deliver(1, subscriptionId: 1, tag: 5);
        ReceivedMessage arrived = await subscription.ReadOneAsync();
        session.Peer.Deliver(2, subscriptionId: 1, tag: 6);
        await SubscriptionTests.PingAsync(session);
        var disconnected = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = session.Client.Disconnected.Register(disconnected.SetResult);

        if (isAbrupt) session.Peer.Abort();
        else session.Peer.Dispose();

        await Patience.Wait(disconnected.Task);
        Assert.False(session.Client.IsConnected);
        Assert.IsType<FibrilConnectionException>(session.Client.DisconnectReason);
        foreach (Task<long> confirmation in (Task<long>[])[publish, handle.AsTask()])
        {
            var unknown = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(confirmation));
            Assert.Contains("outcome is unknown", unknown.Message, StringComparison.Ordinal);
            Assert.True(unknown.IsTransient);
        }

        Assert.Contains("declaration", (await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(declaring))).Message, StringComparison.Ordinal);
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(6, reader.Current.Offset);
        await Assert.ThrowsAnyAsync<FibrilConnectionException>(() => Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(5, arrived.Offset);

        // And everything from now on fails at once.
        var gone = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publisher.PublishAsync("x"u8)));
        Assert.DoesNotContain("outcome is unknown", gone.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publisher.BeginPublishAsync("x"u8)));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publisher.SendAsync("x"u8)));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(session.Client.PingAsync()));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(session.Client.SubscribeAsync("other")));
    }

    [Fact]
    public async Task Disposing_sends_what_was_accepted_and_then_closes()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        for (int i = 0; i < 100; i++) await publisher.SendAsync(BitConverter.GetBytes(i));
        await publisher.SendAsync(new byte[32 << 20]); // fills the sockets
        Task waiting = publisher.SendAsync(new byte[2 << 20]).AsTask(); // and this one waits for room
        Task disposing = session.Client.DisposeAsync().AsTask();
        for (int i = 0; i < 100; i++) Assert.Equal(i, BitConverter.ToInt32((await session.Peer.ReadAsync(OpCode.Publish)).Payload));
        Assert.Equal(32 << 20, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.Length);
        Assert.Equal(2 << 20, (await session.Peer.ReadAsync(OpCode.Publish)).Payload.Length);
        await Patience.Wait(waiting);
        await session.Peer.ReadToEndAsync();
        session.Peer.Dispose();
        await Patience.Wait(disposing);
    }

    [Fact]
    public async Task Disposing_ends_subscriptions_without_an_error_and_fails_what_waits()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Subscription subscription = await session.SubscribeAsync();
        Task<List<ReceivedMessage>> reading = SubscriptionTests.ReadAsync(subscription, 1);
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<long> publish = publisher.PublishAsync("x"u8).AsTask();
        await session.Peer.ReadAsync(OpCode.Publish);

        Task disposing = session.Client.DisposeAsync().AsTask();
        await session.Peer.ReadToEndAsync();
        session.Peer.Dispose();
        await Patience.Wait(disposing);
        await Patience.Wait(session.Client.DisposeAsync());
        await subscription.DisposeAsync();

        Assert.Empty(await reading);
        var failure = await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(publish));
        Assert.Contains("closed by this client", failure.Message, StringComparison.Ordinal);
        Assert.Contains("outcome is unknown", failure.Message, StringComparison.Ordinal);
        Assert.True(session.Client.Disconnected.IsCancellationRequested);
        Assert.False(session.Client.IsConnected);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await publisher.PublishAsync("x"u8.ToArray()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.Client.PingAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.Client.SubscribeAsync("orders"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.Client.DeclareQueueAsync("orders"));
    }

    [Fact]
    public async Task A_confirmation_that_arrives_while_the_client_closes_still_counts()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync("x"u8).AsTask();
        ulong id = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        Task disposing = session.Client.DisposeAsync().AsTask();
        await session.Peer.ReadToEndAsync();
        session.Peer.Send(id, new PublishOkMessage(7));
        session.Peer.Dispose();
        Assert.Equal(7, await Patience.Wait(publish));
        await Patience.Wait(disposing);
    }

    [Fact]
    public async Task Disposing_does_not_wait_long_for_a_broker_that_does_not_read()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.TimeProvider = TimeProvider.System);
        await session.Client.CreatePublisher("orders").SendAsync(new byte[32 << 20]);
        await Patience.Wait(session.Client.DisposeAsync()); // its two seconds
    }

    [Fact]
    public async Task Disposing_after_the_connection_was_lost_is_quiet()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        session.Peer.Abort();
        await Patience.Until(() => !session.Client.IsConnected);
        await Patience.Wait(session.Client.DisposeAsync());
        Assert.Contains("lost", session.Client.DisconnectReason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_code_that_blocks_in_a_continuation_does_not_hold_up_others()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        using var release = new ManualResetEventSlim();
        Task blocked = BlockAfterAsync(publisher.PublishAsync("x"u8), release);
        ulong first = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        Task<long> second = publisher.PublishAsync("y"u8).AsTask();
        ulong secondId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.Send(first, new PublishOkMessage(1));
        session.Peer.Send(secondId, new PublishOkMessage(2));
        Assert.Equal(2, await Patience.Wait(second));
        Assert.False(blocked.IsCompleted);
        release.Set();
        await Patience.Wait(blocked);

        static async Task BlockAfterAsync(ValueTask<long> publish, ManualResetEventSlim release)
        {
            await publish.ConfigureAwait(false);
            release.Wait(TimeSpan.FromSeconds(30));
        }
    }
}
