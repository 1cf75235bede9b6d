using System.Text;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>HELLO and what comes before it: HND-1 to HND-6, and the outcomes of section 7.12 that a session without resume can have.</summary>
public class HandshakeTests
{
    [Fact]
    public async Task Hello_ok_carries_version_1_a_fresh_identity_and_the_marker() // V-8, HND-2, HND-4, HND-5
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        HelloOkMessage reply = await peer.HelloAsync();

        Assert.Equal(1, reply.ProtocolVersion);
        Assert.Equal(ResumeOutcome.New, reply.Outcome);
        Assert.Equal(broker.Identity.OwnerId, reply.Identity.OwnerId);
        Assert.Equal("v=1;license=MIT;ai_train=disallowed;policy=AI_POLICY.md", reply.Compliance);
        Assert.Equal(55, Encoding.ASCII.GetByteCount(reply.Compliance));
        Assert.Equal(7, reply.Identity.ClientId.Version);
        Assert.Equal(4, reply.Identity.ResumeToken.Version);
    }

    [Fact]
    public async Task Every_session_has_an_identity_of_its_own()
    {
        await using var broker = new SessionHarness();
        ResumeIdentity one = (await broker.Accept().HelloAsync()).Identity;
        ResumeIdentity other = (await broker.Accept().HelloAsync()).Identity;

        Assert.Equal(one.OwnerId, other.OwnerId);
        Assert.NotEqual(one.ClientId, other.ClientId);
        Assert.NotEqual(one.ResumeToken, other.ResumeToken);
    }

    [Fact]
    public async Task Owner_id_survives_a_restart_on_the_same_data_directory() // RES-2
    {
        Guid before;
        var disk = new SimulatedFileSystem();
        await using (var broker = new SessionHarness(disk: disk))
        {
            before = (await broker.Accept().HelloAsync()).Identity.OwnerId;
            await broker.StopAsync();
        }

        await using var again = new SessionHarness(disk: disk.AfterPowerLoss());
        Assert.Equal(before, (await again.Accept().HelloAsync()).Identity.OwnerId);
    }

    [Fact]
    public async Task Resume_at_the_right_owner_is_not_found_and_the_connection_works() // RES-1, outcome 2
    {
        await using var broker = new SessionHarness();
        RawPeer first = broker.Accept();
        ResumeIdentity old = (await first.HelloAsync()).Identity;
        await first.CloseAsync();

        RawPeer second = broker.Accept();
        HelloOkMessage reply = await second.HelloAsync(old);
        Assert.Equal(ResumeOutcome.NotFound, reply.Outcome);
        Assert.NotEqual(old.ClientId, reply.Identity.ClientId);
        Assert.NotEqual(old.ResumeToken, reply.Identity.ResumeToken);
        await second.AuthAsync();
        Assert.Equal(0UL, await second.PublishAsync(new TestPublish()));
    }

    [Fact]
    public async Task Resume_with_a_wrong_token_never_reattaches() // F-12
    {
        await using var broker = new SessionHarness();
        RawPeer first = broker.Accept();
        ResumeIdentity live = (await first.HelloAsync()).Identity;

        // Rejected once sessions can be resumed; not found while they end with their connection.
        HelloOkMessage reply = await broker.Accept().HelloAsync(live with { ResumeToken = Guid.NewGuid() });
        Assert.True(reply.Outcome is ResumeOutcome.NotFound or ResumeOutcome.Rejected, $"{reply.Outcome}");
        Assert.NotEqual(live.ClientId, reply.Identity.ClientId);
    }

    [Fact]
    public async Task Resume_at_another_broker_is_rejected_and_the_connection_works() // RES-1, F-12, outcome 3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        var foreign = new ResumeIdentity(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        HelloOkMessage reply = await peer.HelloAsync(foreign);

        Assert.Equal(ResumeOutcome.Rejected, reply.Outcome);
        Assert.Equal(broker.Identity.OwnerId, reply.Identity.OwnerId);
        Assert.NotEqual(foreign.ClientId, reply.Identity.ClientId);
        await peer.AuthAsync();
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(65535)]
    public async Task Another_protocol_version_gets_hello_err_1_and_the_connection_closes(int version) // V-6, HND-4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendAsync(RawPeer.HelloId, RawPeer.Hello() with { ProtocolVersion = (ushort)version });

        await peer.ExpectErrorAsync(RawPeer.HelloId, ErrorCode.UnsupportedVersion, OpCode.HelloErr);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task A_connection_that_sends_nothing_is_cut_after_10_seconds() // HND-3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();

        broker.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, broker.Connections.Count);
        broker.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectCutAsync();
        Assert.Empty(peer.Transcript);
    }

    [Fact]
    public async Task A_first_frame_that_stays_incomplete_does_not_win_time() // HND-3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        byte[] hello = FrameBytes.Of(RawPeer.HelloId, RawPeer.Hello());
        for (int second = 0; second < 11; second++)
        {
            await peer.SendRawAsync(hello.AsMemory(second, 1));
            broker.Advance(TimeSpan.FromSeconds(1));
        }

        await peer.ExpectCutAsync();
        Assert.Empty(peer.Transcript);
    }

    [Fact]
    public async Task A_connection_that_never_logs_in_is_cut_10_seconds_after_hello() // HND-3
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        broker.Advance(TimeSpan.FromSeconds(8));
        await peer.HelloAsync();

        broker.Advance(TimeSpan.FromSeconds(9));
        await peer.PingAsync();
        broker.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectCutAsync();
    }

    [Fact]
    public async Task A_ping_is_answered_before_login_and_another_request_ends_the_connection() // HND-6, HB-2
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.PingAsync();
        await peer.SendAsync(77, default(PongMessage));
        await peer.PingAsync();

        await peer.SendAsync(3, new TopologyMessage(null, null));
        await peer.ExpectErrorAsync(3, ErrorCode.Unauthenticated);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task More_connections_than_allowed_are_cut_without_a_byte()
    {
        await using var broker = new SessionHarness(static options => options.MaxConnections = 1);
        RawPeer first = await broker.ConnectAsync();
        RawPeer second = broker.Accept();
        await second.ExpectCutAsync();
        Assert.Empty(second.Transcript);

        await first.CloseAsync();
        RawPeer third = await broker.ConnectAsync();
        await third.ExpectSilenceAsync();
    }
}
