using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>Signs of life: HB-1 to HB-4, on a clock that the test moves.</summary>
public class HeartbeatTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task One_ping_per_interval_busy_or_not_and_the_first_one_interval_after_the_handshake() // HB-1, HB-2
    {
        await using SessionHarness broker = Default();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        var pingedAt = new List<int>();
        for (int second = 1; second <= 20; second++)
        {
            broker.Time.Advance(OneSecond);
            ulong id = peer.NewId();
            await peer.SendRawAsync(new TestPublish().ToFrame(id));
            ReceivedFrame frame = await peer.ReadAsync("a confirm or a PING");
            if (frame.OpCode == OpCode.Ping)
            {
                Assert.Empty(frame.Body);
                pingedAt.Add(second);
                frame = await peer.ReadAsync("a confirm");
            }

            Assert.Equal(OpCode.PublishOk, frame.OpCode);
        }

        Assert.Equal([5, 10, 15, 20], pingedAt);
    }

    [Fact]
    public async Task An_idle_connection_is_pinged_too() // HB-2
    {
        await using SessionHarness broker = Default();
        RawPeer peer = await broker.ConnectAsync();
        for (int ping = 0; ping < 6; ping++)
        {
            broker.Advance(TimeSpan.FromSeconds(5));
            await peer.ExpectPushAsync<PingMessage>();
            await peer.SendAsync((ulong)ping, default(PongMessage));
            await peer.ExpectSilenceAsync();
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    public async Task Silence_of_more_than_three_intervals_ends_the_connection_within_the_fourth_without_a_frame(int intervalSeconds) // HB-3, V-17
    {
        await using SessionHarness broker = Default(options => options.HeartbeatInterval = TimeSpan.FromSeconds(intervalSeconds));
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());

        // From any point between two of the broker's ticks.
        broker.Advance(TimeSpan.FromSeconds(intervalSeconds * 0.7));
        await peer.PingAsync();
        var silent = TimeSpan.Zero;
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        for (; !peer.IsCut; silent += step)
        {
            Assert.True(silent <= TimeSpan.FromSeconds(4 * intervalSeconds), $"Still there after {silent}.");
            broker.Time.Advance(step);
        }

        Assert.True(silent > TimeSpan.FromSeconds(3 * intervalSeconds), $"Cut after {silent}.");
        await peer.ExpectCutAsync();
    }

    [Fact]
    public async Task A_client_that_only_acks_lives() // HB-4, V-17
    {
        await using SessionHarness broker = Default();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        await peer.SubscribeAsync();
        ReceivedDelivery delivery = await peer.ExpectDeliveryAsync();
        for (int round = 0; round < 10; round++)
        {
            broker.Advance(TimeSpan.FromSeconds(14));
            await peer.AckAsync(delivery.PushId, "orders", null, 0, 0);
            await TakenIn(broker, peer);
        }

        Assert.False(peer.IsCut);
    }

    [Theory]
    [InlineData(OpCode.Pong)]
    [InlineData(OpCode.Ping)]
    [InlineData((OpCode)9999)]
    [InlineData(OpCode.TopologyUpdateAck)]
    public async Task Any_frame_proves_life(OpCode opCode) // HB-3
    {
        await using SessionHarness broker = Default();
        RawPeer peer = await broker.ConnectAsync();
        for (int round = 0; round < 6; round++)
        {
            broker.Advance(TimeSpan.FromSeconds(14));
            await peer.SendFrameAsync(opCode, 5);
            await TakenIn(broker, peer);
        }

        Assert.False(peer.IsCut);
    }

    [Fact]
    public async Task A_connection_that_is_not_logged_in_gets_no_ping()
    {
        await using SessionHarness broker = Default(static options =>
        {
            options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            options.HandshakeTimeout = TimeSpan.FromMinutes(1);
        });
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        for (int second = 0; second < 30; second++) broker.Advance(OneSecond);
        await peer.PingAsync();
    }

    [Fact]
    public async Task A_disk_that_stalls_is_no_silence_of_the_client() // HB-3
    {
        await using SessionHarness broker = Default();
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();

        // More than the partition takes in, so that the broker leaves the socket unread; it is nearly there before any time passes.
        int sent = 0;
        Task sending = SendMuchAsync(peer, () => Interlocked.Increment(ref sent));
        await Patience.Until(() => Volatile.Read(ref sent) >= 140);
        for (int second = 0; second < 40; second++)
        {
            broker.Time.Advance(OneSecond);
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }

        Assert.False(sending.IsCompleted, "The disk stalls, and the broker took everything in.");
        Assert.False(peer.IsCut, "The client was sending all the time.");
        broker.ResumeSyncs();
        await Patience.Wait(sending);
    }

    [Fact]
    public async Task A_disk_that_stalls_under_a_lone_publish_is_no_silence_of_the_client() // HB-3
    {
        // The connection's own thread is lent to the disk for it.
        await using var broker = new SessionHarness(static options => options.StandaloneTopology = false, borrowedFlushes: 1);
        RawPeer peer = await broker.ConnectAsync();
        await peer.PublishAsync(new TestPublish());
        broker.StallSyncs();
        await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(5));
        await broker.WhenSyncIsHeldUpAsync();
        broker.Advance(TimeSpan.FromSeconds(40));

        Assert.False(peer.IsCut, "The broker was not listening.");
        broker.ResumeSyncs();
        await peer.PingUntilAnsweredAsync();
    }

    private static SessionHarness Default(Action<Fibril.Broker.Sessions.SessionOptions>? configure = null) => new(options =>
    {
        options.StandaloneTopology = false;
        configure?.Invoke(options);
    });

    private static async Task SendMuchAsync(RawPeer peer, Action onSent)
    {
        byte[] publish = new TestPublish { Confirm = false, Payload = new byte[100_000] }.ToFrame(5);
        for (int i = 0; i < 200; i++)
        {
            await peer.SendRawAsync(publish);
            onSent();
        }
    }

    /// <summary>The broker has read what was sent before.</summary>
    private static async Task TakenIn(SessionHarness broker, RawPeer peer)
    {
        await broker.WhenIdleAsync();
        await peer.WhenReadByBrokerAsync();
    }
}
