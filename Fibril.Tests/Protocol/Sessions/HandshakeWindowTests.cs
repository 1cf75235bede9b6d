using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>
/// X-1, HND-1: until the window closes a client takes the next frame for the reply to its handshake. A topology that changed after
/// the login is the push that waits here.
/// </summary>
public class HandshakeWindowTests
{
    [Fact]
    public async Task Window_closes_after_one_second_of_silence()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await broker.ConnectAsync();
        await ChangeTopologyAsync(broker);
        broker.Advance(TimeSpan.FromSeconds(1));
        await peer.ExpectPushAsync<TopologyUpdateMessage>();
    }

    [Fact]
    public async Task Nothing_is_pushed_before_the_second_of_silence_is_over()
    {
        await using SessionHarness broker = Quiet();
        broker.Time.Advance(TimeSpan.FromMilliseconds(500)); // the broker looks at its connections on full seconds
        RawPeer peer = await broker.ConnectAsync();
        await ChangeTopologyAsync(broker);
        broker.Time.Advance(TimeSpan.FromMilliseconds(500));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Pings_and_pongs_leave_the_window_open()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await broker.ConnectAsync();
        await ChangeTopologyAsync(broker);
        for (int half = 0; half < 12; half++)
        {
            broker.Time.Advance(TimeSpan.FromMilliseconds(500));
            await peer.SendAsync(4, default(PongMessage));
            await peer.PingAsync();
        }

        broker.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectPushAsync<TopologyUpdateMessage>();
    }

    [Fact]
    public async Task A_client_that_offers_to_resume_has_five_seconds()
    {
        await using SessionHarness broker = Quiet();
        RawPeer patient = await ResumingAsync(broker);
        RawPeer silent = await ResumingAsync(broker);
        await ChangeTopologyAsync(broker);
        broker.Advance(TimeSpan.FromSeconds(4));
        await patient.ExpectSilenceAsync();

        broker.Advance(TimeSpan.FromSeconds(1));
        await silent.ExpectPushAsync<TopologyUpdateMessage>();
        await patient.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData(OpCode.Topology)]
    [InlineData(OpCode.Ack)]
    [InlineData((OpCode)9999)]
    public async Task The_first_request_closes_the_window(OpCode opCode)
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await ResumingAsync(broker);
        await ChangeTopologyAsync(broker);
        broker.Time.Advance(TimeSpan.FromMilliseconds(900));
        await peer.ExpectSilenceAsync();

        await peer.SendFrameAsync(opCode, 9, 1);
        await peer.ExpectErrorAsync(9, ErrorCode.Invalid);
        broker.Time.Advance(TimeSpan.FromMilliseconds(100));
        await peer.ExpectPushAsync<TopologyUpdateMessage>();
    }

    [Fact]
    public async Task The_result_of_a_reconciliation_closes_the_window()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await ResumingAsync(broker);
        await ChangeTopologyAsync(broker);
        broker.Time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Empty(await peer.ReconcileAsync(ReconcilePolicy.Conservative));

        broker.Time.Advance(TimeSpan.FromMilliseconds(100));
        await peer.ExpectPushAsync<TopologyUpdateMessage>();
    }

    [Fact] // the client is not silent, it waits for the answer
    public async Task While_the_broker_works_on_a_reconciliation_the_window_stays_open()
    {
        await using SessionHarness broker = Quiet(TimeSpan.FromSeconds(4));
        RawPeer peer = await ResumingAsync(broker);
        await ChangeTopologyAsync(broker);
        broker.StallSyncs();
        ulong id = peer.NewId();
        var held = new SubscriptionDescriptor(1, "new", 0, null, AutoAck: false, Prefetch: 1, null, null, null);
        await peer.SendAsync(id, new ReconcileClientMessage(ReconcilePolicy.Restore, [held]));
        await broker.WhenSyncIsHeldUpAsync();
        broker.Advance(TimeSpan.FromSeconds(10));
        broker.ResumeSyncs();
        await peer.ExpectAsync<ReconcileResultMessage>(id);
    }

    [Fact]
    public async Task A_reconciliation_that_cannot_be_read_leaves_the_window_open()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await ResumingAsync(broker);
        await ChangeTopologyAsync(broker);
        broker.Time.Advance(TimeSpan.FromMilliseconds(900));
        await peer.SendFrameAsync(OpCode.ReconcileClient, 9, 1);
        await peer.ExpectErrorAsync(9, ErrorCode.Invalid);

        broker.Time.Advance(TimeSpan.FromMilliseconds(100));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_window_that_silence_has_closed_stays_closed()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = await broker.ConnectAsync();
        broker.Advance(TimeSpan.FromSeconds(3));
        broker.Time.Advance(TimeSpan.FromMilliseconds(500));
        await peer.PingAsync();
        await ChangeTopologyAsync(broker);

        broker.Time.Advance(TimeSpan.FromMilliseconds(500));
        await peer.ExpectPushAsync<TopologyUpdateMessage>(); // TOP-5: within about a second of the change
    }

    [Fact]
    public async Task A_ping_of_the_broker_waits_for_the_window()
    {
        await using SessionHarness broker = Quiet(TimeSpan.FromMilliseconds(400));
        RawPeer peer = await broker.ConnectAsync();
        for (int step = 0; step < 9; step++)
        {
            broker.Time.Advance(TimeSpan.FromMilliseconds(100));
            await peer.ExpectSilenceAsync();
        }

        await peer.TopologyAsync();
        broker.Time.Advance(TimeSpan.FromMilliseconds(100));
        await peer.ExpectPushAsync<PingMessage>();
    }

    [Fact]
    public async Task A_connection_that_is_not_logged_in_gets_no_push()
    {
        await using SessionHarness broker = Quiet();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await ChangeTopologyAsync(broker);
        broker.Advance(TimeSpan.FromSeconds(9));
        await peer.ExpectSilenceAsync();

        // What it finds at the login is what it is known to see (TOP-5).
        await peer.AuthAsync();
        broker.Advance(TimeSpan.FromSeconds(3));
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task A_whole_handshake_in_one_write_is_answered_by_its_replies_and_nothing_else() // HND-1, X-24
    {
        await using SessionHarness broker = Quiet();
        await ChangeTopologyAsync(broker);
        RawPeer peer = broker.Accept();
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(1, RawPeer.Hello()),
            .. FrameBytes.Of(2, new AuthMessage("fibril", "fibril")),
            .. FrameBytes.Of(3, new ReconcileClientMessage(ReconcilePolicy.Conservative, [])),
        ]);
        await peer.ExpectAsync<HelloOkMessage>(1);
        await peer.ExpectAsync<AuthOkMessage>(2);
        await peer.ExpectAsync<ReconcileResultMessage>(3);
        await peer.ExpectSilenceAsync();
    }

    private static SessionHarness Quiet(TimeSpan? heartbeat = null) =>
        new(options => options.HeartbeatInterval = heartbeat ?? TimeSpan.FromHours(1));

    private static async Task<RawPeer> ResumingAsync(SessionHarness broker)
    {
        RawPeer peer = broker.Accept();
        await peer.HelloAsync(new ResumeIdentity(broker.Identity.OwnerId, Guid.NewGuid(), Guid.NewGuid()));
        await peer.AuthAsync();
        return peer;
    }

    private static async Task ChangeTopologyAsync(SessionHarness broker)
    {
        RawPeer other = await broker.ConnectAsync();
        await other.DeclareAsync($"queue-{broker.Queues.Catalogue.Count}");
    }
}
