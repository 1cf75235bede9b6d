using System.Net;
using System.Net.Sockets;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Client;

public sealed class HandshakeTests : IAsyncDisposable
{
    private readonly ScriptedBroker _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact] // FRM-11, HND-1, Q-31
    public async Task Hello_comes_first_then_credentials_then_the_topology()
    {
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options());
        ScriptedPeer peer = await _broker.AcceptAsync();
        SentFrame hello = await peer.ReadAsync(OpCode.Hello);
        Assert.Equal(1UL, hello.Id);
        HelloMessage message = hello.Read<HelloMessage>();
        Assert.Equal("Fibril .NET client", message.ClientName);
        Assert.Equal(1, message.ProtocolVersion);
        Assert.Null(message.Resume);

        peer.Send(hello.Id, ScriptedPeer.HelloOk());
        SentFrame auth = await peer.ReadAsync(OpCode.Auth);
        Assert.Equal(2UL, auth.Id);
        Assert.Equal(new AuthMessage("fibril", "fibril"), auth.Read<AuthMessage>());

        peer.Send(auth.Id, default(AuthOkMessage));
        SentFrame topology = await peer.ReadAsync(OpCode.Topology);
        Assert.Equal(4UL, topology.Id);
        Assert.Null(topology.Read<TopologyMessage>().Topic);
        peer.Send(topology.Id, new TopologyOkMessage(ScriptedBroker.Topology(0)));

        FibrilClient client = await Patience.Wait(connecting);
        Assert.True(client.IsConnected);
        Assert.False(client.Disconnected.IsCancellationRequested);
        Assert.Null(client.DisconnectReason);
        peer.Dispose();
        await client.DisposeAsync();
    }

    [Fact] // HND-6
    public async Task A_client_without_a_user_skips_signing_in()
    {
        FibrilClientOptions options = _broker.Options();
        options.UserName = null;
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(options);
        ScriptedPeer peer = await _broker.AcceptAsync();
        peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, ScriptedPeer.HelloOk());
        peer.Send((await peer.ReadAsync(OpCode.Topology)).Id, new TopologyOkMessage(ScriptedBroker.Topology(0)));
        FibrilClient client = await Patience.Wait(connecting);
        peer.Dispose();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_ping_between_the_handshake_frames_is_answered()
    {
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options());
        ScriptedPeer peer = await _broker.AcceptAsync();
        SentFrame hello = await peer.ReadAsync(OpCode.Hello);
        peer.Send(77, default(PingMessage));
        Assert.Equal(77UL, (await peer.ReadAsync(OpCode.Pong)).Id);
        peer.Send(hello.Id, ScriptedPeer.HelloOk());
        await peer.ReadAsync(OpCode.Auth);
        peer.Dispose();
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(connecting));
    }

    [Fact] // frames arrive in any pieces
    public async Task A_handshake_that_arrives_byte_by_byte_is_the_same_handshake()
    {
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options());
        ScriptedPeer peer = await _broker.AcceptAsync();
        SentFrame hello = await peer.ReadAsync(OpCode.Hello);
        byte[] frame = FrameBytes.Of(hello.Id, ScriptedPeer.HelloOk());
        for (int i = 0; i < frame.Length; i++) peer.SendBytes(frame.AsSpan(i, 1));
        peer.Send((await peer.ReadAsync(OpCode.Auth)).Id, default(AuthOkMessage));
        peer.Send((await peer.ReadAsync(OpCode.Topology)).Id, new TopologyOkMessage(ScriptedBroker.Topology(0)));
        FibrilClient client = await Patience.Wait(connecting);
        peer.Dispose();
        await client.DisposeAsync();
    }

    [Fact] // HND-5
    public async Task An_altered_marker_is_refused()
    {
        var refusal = await FailAsync<FibrilProtocolException>(async peer =>
            peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, ScriptedPeer.HelloOk(compliance: ProtocolDefaults.ComplianceMarker + " ")));
        Assert.Contains("marker", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }

    [Fact] // HND-4
    public async Task Another_protocol_version_is_refused()
    {
        var refusal = await FailAsync<FibrilProtocolException>(async peer =>
            peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, ScriptedPeer.HelloOk(version: 2)));
        Assert.Contains("version 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_does_not_speak_this_version_says_so()
    {
        var refusal = await FailAsync<FibrilServerException>(async peer => peer.SendError(
            (await peer.ReadAsync(OpCode.Hello)).Id, ErrorCode.UnsupportedVersion, "versions 2 to 3", OpCode.HelloErr));
        Assert.Equal(ErrorCode.UnsupportedVersion, refusal.Code);
        Assert.False(refusal.IsTransient);
    }

    [Fact] // A-31, TLS-3
    public async Task A_listener_that_wants_TLS_says_so()
    {
        var refusal = await FailAsync<FibrilTlsException>(async peer =>
            peer.SendError((await peer.ReadAsync(OpCode.Hello)).Id, ErrorCode.TlsRequired, "TLS only"));
        Assert.Equal(FibrilTlsFailure.RequiredByBroker, refusal.Failure);
        Assert.Contains("TLS only", refusal.Message, StringComparison.Ordinal);
    }

    [Theory] // X-24; some brokers may answer AUTH with ERROR
    [InlineData(OpCode.AuthErr)]
    [InlineData(OpCode.Error)]
    public async Task Refused_credentials_are_a_server_error_without_the_password(OpCode opCode)
    {
        var refusal = await FailAsync<FibrilServerException>(async peer =>
        {
            peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, ScriptedPeer.HelloOk());
            peer.SendError((await peer.ReadAsync(OpCode.Auth)).Id, ErrorCode.Unauthenticated, "unknown user or wrong password", opCode);
        }, options => options.Password = "s3cret");
        Assert.Equal(ErrorCode.Unauthenticated, refusal.Code);
        Assert.Contains("unknown user or wrong password", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refusal.ToString(), StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }

    [Fact] // ERR-1
    public async Task A_broker_that_has_no_time_for_the_credentials_may_be_asked_again()
    {
        var refusal = await FailAsync<FibrilServerException>(async peer =>
        {
            peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, ScriptedPeer.HelloOk());
            peer.SendError((await peer.ReadAsync(OpCode.Auth)).Id, ErrorCode.ServerFault, "too many logins at once", OpCode.AuthErr);
        });
        Assert.Equal(ErrorCode.ServerFault, refusal.Code);
        Assert.True(refusal.IsTransient);
    }

    [Fact]
    public async Task Another_operation_in_place_of_the_reply_is_no_broker()
    {
        var refusal = await FailAsync<FibrilProtocolException>(async peer =>
            peer.Send((await peer.ReadAsync(OpCode.Hello)).Id, default(AuthOkMessage)));
        Assert.Contains("no Fibril broker", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_reply_ends_the_attempt()
    {
        var refusal = await FailAsync<FibrilProtocolException>(async peer =>
            peer.SendFrame(OpCode.HelloOk, (await peer.ReadAsync(OpCode.Hello)).Id, 1, 2, 3));
        Assert.Contains("malformed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact] // the admin port speaks HTTP
    public async Task An_answer_that_is_not_the_protocol_is_recognised()
    {
        var refusal = await FailAsync<FibrilProtocolException>(async peer =>
        {
            await peer.ReadAsync(OpCode.Hello);
            peer.SendBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8);
        });
        Assert.Contains("may not be a Fibril broker", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_hangs_up_is_a_lost_connection()
    {
        var refusal = await FailAsync<FibrilConnectionException>(async peer =>
        {
            await peer.ReadAsync(OpCode.Hello);
            peer.Dispose();
        });
        Assert.Contains("HELLO", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.IsTransient);
    }

    [Fact] // the words are pinned
    public async Task A_refused_connection_says_which_port_is_which()
    {
        int port;
        using (var unused = new TcpListener(IPAddress.Loopback, 0))
        {
            unused.Start();
            port = ((IPEndPoint)unused.LocalEndpoint).Port;
        }

        var refusal = await Assert.ThrowsAsync<FibrilConnectionException>(() => FibrilClient.ConnectAsync($"127.0.0.1:{port}"));
        foreach (string word in (string[])["connection refused", "broker port", "9876", "8081"])
            Assert.Contains(word, refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(refusal.IsTransient);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_a_connection_error()
    {
        var refusal = await Assert.ThrowsAsync<FibrilConnectionException>(() => FibrilClient.ConnectAsync("no-such-host.invalid:1"));
        Assert.Contains("no-such-host.invalid:1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_peer_is_given_up_after_the_connect_timeout()
    {
        var time = new FakeTimeProvider();
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options(time));
        ScriptedPeer peer = await _broker.AcceptAsync();
        await peer.ReadAsync(OpCode.Hello);
        time.Advance(TimeSpan.FromSeconds(10));
        var refusal = await Assert.ThrowsAsync<FibrilTimeoutException>(() => Patience.Wait(connecting));
        Assert.Equal(TimeSpan.FromSeconds(10), refusal.Timeout);
        Assert.Contains("10 s", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("handshake", refusal.Message, StringComparison.Ordinal);
        await peer.ReadToEndAsync();
    }

    [Fact]
    public async Task Cancelling_a_connect_leaves_no_connection_behind()
    {
        using var cancellation = new CancellationTokenSource();
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options(), cancellation.Token);
        ScriptedPeer peer = await _broker.AcceptAsync();
        await peer.ReadAsync(OpCode.Hello);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Patience.Wait(connecting));
        await peer.ReadToEndAsync();
    }

    [Fact] // best effort
    public async Task A_broker_that_refuses_its_topology_can_still_be_used()
    {
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options());
        ScriptedPeer peer = await _broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        peer.SendError((await peer.ReadAsync(OpCode.Topology)).Id, ErrorCode.Invalid, "unknown operation");
        FibrilClient client = await Patience.Wait(connecting);
        Assert.True(client.IsConnected);
        peer.Dispose();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_keeps_its_topology_to_itself_is_not_waited_for_long()
    {
        var time = new FakeTimeProvider();
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(_broker.Options(time));
        ScriptedPeer peer = await _broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        await peer.ReadAsync(OpCode.Topology);
        time.Advance(TimeSpan.FromSeconds(5));
        FibrilClient client = await Patience.Wait(connecting);
        peer.Dispose();
        await Patience.Wait(client.DisposeAsync());
    }

    private async Task<T> FailAsync<T>(Func<ScriptedPeer, Task> script, Action<FibrilClientOptions>? configure = null) where T : FibrilException
    {
        FibrilClientOptions options = _broker.Options();
        configure?.Invoke(options);
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(options);
        using ScriptedPeer peer = await _broker.AcceptAsync();
        await script(peer);
        return await Assert.ThrowsAsync<T>(() => Patience.Wait(connecting));
    }
}
