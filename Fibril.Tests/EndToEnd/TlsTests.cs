using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fibril.Broker.Hosting;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>TLS over real sockets with real certificates, TLS-1 to TLS-7.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority;

    public TlsTests() => _authority = new TestAuthority(_directory, "own");

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_generated_certificate_serves_messages_and_is_trusted_by_the_ca_file_or_by_either_fingerprint()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        ServedCertificate served = broker.Certificates.Current;
        Assert.Contains(served.IssuerFingerprint!, broker.Log.ToString(), StringComparison.Ordinal);
        FibrilTlsOptions[] trusts =
        [
            new() { CaFile = _directory.PathOf("data/tls/ca.pem") },
            new() { Fingerprint = served.Fingerprint },
            new() { Fingerprint = served.IssuerFingerprint!.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant() },
        ];
        foreach (FibrilTlsOptions trust in trusts)
        {
            await using FibrilClient client = await broker.ConnectAsync(trust);
            await client.CreatePublisher("orders").PublishAsync("hello"u8.ToArray());
            await using Subscription subscription = await client.SubscribeAsync("orders");
            await foreach (ReceivedMessage message in subscription.WithCancellation(TestContext.Current.CancellationToken))
            {
                Assert.Equal("hello"u8, message.Payload.Span);
                await message.CompleteAsync();
                break;
            }
        }
    }

    [Fact]
    public async Task Many_large_messages_pass_in_both_directions()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        await using FibrilClient client = await broker.ConnectAsync(PinOf(broker));
        byte[][] payloads = [.. Enumerable.Range(0, 50).Select(static i => Enumerable.Repeat((byte)i, 100_000).ToArray())];
        await Task.WhenAll(payloads.Select(payload => client.CreatePublisher("orders").PublishAsync(payload).AsTask()));
        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 50 });
        var received = new List<byte>();
        await foreach (ReceivedMessage message in subscription.WithCancellation(TestContext.Current.CancellationToken))
        {
            Assert.Equal(100_000, message.Payload.Length);
            received.Add(message.Payload.Span[99_999]);
            await message.CompleteAsync();
            if (received.Count == payloads.Length) break;
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(static i => (byte)i), received.Order());
    }

    [Fact] // names are checked unless something is pinned
    public async Task A_certificate_for_another_name_is_not_trusted_unless_that_name_is_asked_for_or_it_is_pinned()
    {
        (string certificate, string key) = _authority.IssueServer("other", "other.example");
        await using HostedBroker broker = await StartAsync(options => Supplied(options, certificate, key));
        FibrilTlsException refused = await RefusedAsync(broker, new FibrilTlsOptions { CaFile = _authority.File });
        Assert.Equal(FibrilTlsFailure.NotTrusted, refused.Failure);
        Assert.Contains("127.0.0.1", refused.Message, StringComparison.Ordinal);
        await (await broker.ConnectAsync(new FibrilTlsOptions { CaFile = _authority.File, ServerName = "other.example" })).DisposeAsync();
        await (await broker.ConnectAsync(PinOf(broker))).DisposeAsync();
    }

    [Fact]
    public async Task What_is_not_trusted_is_refused_with_the_fingerprint_to_compare()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        using var stranger = new TestAuthority(_directory, "stranger");
        FibrilTlsOptions[] trusts =
        [
            new(), // the operating system's
            new() { CaFile = stranger.File },
            new() { Fingerprint = stranger.Fingerprint },
            new() { Fingerprint = stranger.Fingerprint, CaFile = _directory.PathOf("data/tls/ca.pem") }, // the first that is set
        ];
        foreach (FibrilTlsOptions trust in trusts)
        {
            FibrilTlsException refused = await RefusedAsync(broker, trust);
            Assert.Equal(FibrilTlsFailure.NotTrusted, refused.Failure);
            Assert.False(refused.IsTransient);
            Assert.Contains(broker.Certificates.Current.Fingerprint, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_chain_that_merely_contains_the_pinned_ca_is_rejected()
    {
        using var forger = new TestAuthority(_directory, "forger"); // of the same name: only the signature tells
        (string certificate, string key) = forger.IssueServer("forged", "127.0.0.1");
        string leaf = System.IO.File.ReadAllText(certificate);
        int end = leaf.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + "-----END CERTIFICATE-----\n".Length;
        await System.IO.File.WriteAllTextAsync(
            certificate, leaf[..end] + System.IO.File.ReadAllText(_authority.File), TestContext.Current.CancellationToken);
        await using HostedBroker broker = await StartAsync(options => Supplied(options, certificate, key));
        Assert.Equal(_authority.Fingerprint, broker.Certificates.Current.IssuerFingerprint);
        Assert.Equal(FibrilTlsFailure.NotTrusted, (await RefusedAsync(broker, new FibrilTlsOptions { Fingerprint = _authority.Fingerprint })).Failure);
    }

    [Fact] // though the CA is trusted
    public async Task A_certificate_of_a_client_is_none_of_a_broker()
    {
        (string certificate, string key) = _authority.IssueClient("localhost");
        using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificate, key);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<FibrilTlsException> refusal = Assert.ThrowsAsync<FibrilTlsException>(() => FibrilClient.ConnectAsync(
            new FibrilClientOptions
            {
                Host = "localhost",
                Port = ((IPEndPoint)listener.LocalEndpoint).Port,
                Tls = new FibrilTlsOptions { CaFile = _authority.File },
            },
            TestContext.Current.CancellationToken));
        using Socket accepted = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await using var stream = new SslStream(new NetworkStream(accepted));
        Task serving = stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(own, [_authority.Certificate], offline: true),
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(FibrilTlsFailure.NotTrusted, (await Patience.Wait(refusal)).Failure);
        await Record.ExceptionAsync(() => Patience.Wait(serving));
    }

    [Fact] // it spoke TLS before, so it is the broker that went away
    public async Task A_reconnect_that_is_cut_during_the_handshake_is_tried_again()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        using var restarting = new TcpListener(IPAddress.Loopback, 0);
        restarting.Start();
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient client = await FibrilClient.ConnectAsync(
            new FibrilClientOptions { Host = "127.0.0.1", Port = relay.Port, Tls = PinOf(broker) }, TestContext.Current.CancellationToken);
        await using Subscription subscription = await client.SubscribeAsync("orders"); // keeps the client at it
        relay.PointTo((IPEndPoint)restarting.LocalEndpoint);
        relay.Cut();
        using (Socket cut = await Patience.Wait(restarting.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask()))
        {
            await cut.ReceiveAsync(new byte[64]);
            relay.PointTo(broker.Clients);
        }

        await using FibrilClient other = await broker.ConnectAsync(PinOf(broker));
        await other.CreatePublisher("orders").PublishAsync("hello"u8.ToArray());
        await foreach (ReceivedMessage message in subscription.WithCancellation(TestContext.Current.CancellationToken))
        {
            await message.CompleteAsync();
            break;
        }
    }

    [Fact] // TLS-2
    public async Task A_plaintext_client_learns_that_the_broker_requires_tls()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        FibrilTlsException refused = await RefusedAsync(broker, tls: null);
        Assert.Equal(FibrilTlsFailure.RequiredByBroker, refused.Failure);

        using TcpPeer peer = await TcpPeer.ConnectAsync(broker.Clients);
        await peer.SendAsync(FrameBytes.Of(77, RawPeer.Hello()));
        ReceivedFrame? answer = await peer.ReadAsync();
        Assert.Equal((OpCode.Error, 77UL), (answer!.OpCode, answer.RequestId));
        Assert.Equal(ErrorCode.TlsRequired, answer.Read<ErrorMessage>().Code);
        Assert.Null(await peer.ReadAsync());
    }

    [Theory] // TLS-2
    [InlineData("GET / HTTP/1.1\r\n\r\n", 0)]
    [InlineData("\u0000", 0)]
    [InlineData("\u0000\u0000\u0000\u0010\u0000\u0001", 426)]
    public async Task What_is_neither_tls_nor_a_frame_gets_nothing(string sent, int code)
    {
        await using HostedBroker broker = await StartAsync(Generated);
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Clients, TestContext.Current.CancellationToken);
        NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(sent), TestContext.Current.CancellationToken);
        socket.Client.Shutdown(SocketShutdown.Send);
        using var answer = new MemoryStream();
        try
        {
            await Patience.Wait(stream.CopyToAsync(answer, TestContext.Current.CancellationToken));
        }
        catch (IOException)
        {
            // A reset is no answer either.
        }

        if (code == 0)
        {
            Assert.Empty(answer.ToArray());
            return;
        }

        Assert.True(FrameHeader.TryRead(answer.ToArray(), out FrameHeader header));
        Assert.Equal((OpCode.Error, 0UL), (header.OpCode, header.RequestId));
        Assert.True(Frame.TryRead(answer.ToArray().AsSpan(FrameHeader.Size), out ErrorMessage error, out _));
        Assert.Equal(code, (int)error.Code);
    }

    [Fact] // TLS-3
    public async Task A_tls_client_learns_that_the_broker_speaks_none()
    {
        await using HostedBroker broker = await StartAsync(static _ => { });
        FibrilTlsException refused = await RefusedAsync(broker, new FibrilTlsOptions());
        Assert.Equal(FibrilTlsFailure.NotSupportedByBroker, refused.Failure);
        Assert.Contains("speaks TLS to this plaintext listener", broker.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory] // A-34, TLS-5, TLS-7
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Require_ends_the_handshake_of_a_client_without_a_certificate(SslProtocols protocol)
    {
        await using HostedBroker broker = await StartAsync(Requires(ClientCertificates.Require));
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Clients, TestContext.Current.CancellationToken);
        string served = broker.Certificates.Current.Fingerprint;
        await using var stream = new SslStream(
            socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => CertificateFingerprint.Of((X509Certificate2)certificate!) == served);
        int read = -1;
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocol }, TestContext.Current.CancellationToken);
            await stream.WriteAsync(FrameBytes.Of(1, RawPeer.Hello()), TestContext.Current.CancellationToken);
            read = await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            read = 0;
        }

        Assert.Equal(0, read);
    }

    [Fact]
    public async Task A_client_learns_that_its_certificate_is_missing_or_not_accepted()
    {
        await using HostedBroker broker = await StartAsync(Requires(ClientCertificates.Require));
        FibrilTlsException missing = await RefusedAsync(broker, PinOf(broker));
        Assert.Equal(FibrilTlsFailure.ClientCertificateRequired, missing.Failure);

        using var stranger = new TestAuthority(_directory, "stranger");
        (string certificate, string key) = stranger.IssueClient("ann");
        FibrilTlsOptions tls = PinOf(broker);
        (tls.ClientCertificateFile, tls.ClientKeyFile) = (certificate, key);
        Assert.Equal(FibrilTlsFailure.ClientCertificateRequired, (await RefusedAsync(broker, tls)).Failure);

        (tls.ClientCertificateFile, tls.ClientKeyFile) = _authority.IssueClient("ann", DateTimeOffset.UtcNow.AddYears(-2));
        Assert.Equal(FibrilTlsFailure.ClientCertificateRequired, (await RefusedAsync(broker, tls)).Failure);
    }

    [Theory] // A-34, TLS-5
    [InlineData((int)ClientCertificates.Request)]
    [InlineData((int)ClientCertificates.Require)]
    public async Task A_certificate_of_a_user_logs_in_without_a_password(int mode)
    {
        await using HostedBroker broker = await StartAsync(Requires((ClientCertificates)mode));
        await broker.Users.SetPasswordAsync("ann", "never used", TestContext.Current.CancellationToken);
        FibrilTlsOptions tls = PinOf(broker);
        (tls.ClientCertificateFile, tls.ClientKeyFile) = _authority.IssueClient("ann");
        await using FibrilClient client = await broker.ConnectAsync(tls, static options => options.UserName = null);
        await client.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
        Assert.Equal(["ann"], broker.SessionUsers);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("@node")]
    [InlineData("fibril")] // the built-in pair is in no document
    public async Task A_certificate_of_nobody_opens_the_connection_and_a_password_is_still_needed(string name)
    {
        await using HostedBroker broker = await StartAsync(Requires(ClientCertificates.Request));
        FibrilTlsOptions tls = PinOf(broker);
        (tls.ClientCertificateFile, tls.ClientKeyFile) = _authority.IssueClient(name);
        await using FibrilClient without = FibrilClient.Create(new FibrilClientOptions
        {
            Host = "127.0.0.1",
            Port = broker.Clients.Port,
            Tls = tls,
            UserName = null,
            RetryTimeout = TimeSpan.Zero,
        });
        await Assert.ThrowsAnyAsync<FibrilException>(() => without.CreatePublisher("orders").PublishAsync("x"u8.ToArray()).AsTask());
        await using FibrilClient with = await broker.ConnectAsync(tls);
        await with.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
    }

    [Fact] // TLS-6
    public async Task A_password_decides_when_it_comes_besides_a_certificate()
    {
        await using HostedBroker broker = await StartAsync(Requires(ClientCertificates.Request));
        await broker.Users.SetPasswordAsync("ann", "her password", TestContext.Current.CancellationToken);
        FibrilTlsOptions tls = PinOf(broker);
        (tls.ClientCertificateFile, tls.ClientKeyFile) = _authority.IssueClient("ann");
        await using FibrilClient client = await broker.ConnectAsync(tls); // as the built-in user
        await client.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
        FibrilServerException refused = await Assert.ThrowsAsync<FibrilServerException>(
            () => broker.ConnectAsync(tls, static options => (options.UserName, options.Password) = ("ann", "wrong")));
        Assert.Equal(ErrorCode.Unauthenticated, refused.Code);
    }

    [Fact]
    public async Task Request_lets_a_client_without_a_certificate_log_in_with_a_password()
    {
        await using HostedBroker broker = await StartAsync(Requires(ClientCertificates.Request));
        await using FibrilClient client = await broker.ConnectAsync(PinOf(broker));
        await client.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
    }

    [Fact]
    public async Task A_reload_serves_the_new_certificate_to_new_connections_and_leaves_the_open_ones_alone()
    {
        (string certificate, string key) = _authority.IssueServer("live", "127.0.0.1");
        await using HostedBroker broker = await StartAsync(options => Supplied(options, certificate, key));
        FibrilTlsOptions before = PinOf(broker);
        await using FibrilClient open = await broker.ConnectAsync(before);
        _authority.IssueServer("live", "127.0.0.1");
        ReloadOutcome outcome = broker.Certificates.Reload();
        Assert.True(outcome.IsReloaded);
        Assert.NotEqual(before.Fingerprint, outcome.Served.Fingerprint);

        await open.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
        await (await broker.ConnectAsync(PinOf(broker))).DisposeAsync();
        Assert.Equal(FibrilTlsFailure.NotTrusted, (await RefusedAsync(broker, before)).Failure);
    }

    [Fact]
    public async Task A_reload_takes_over_the_cas_of_clients_too()
    {
        using var second = new TestAuthority(_directory, "second");
        string authorities = _directory.PathOf("clients.pem");
        System.IO.File.Copy(_authority.File, authorities);
        await using HostedBroker broker = await StartAsync(options =>
        {
            Requires(ClientCertificates.Require)(options);
            options.Tls.ClientCaPath = authorities;
        });
        await broker.Users.SetPasswordAsync("ann", "never used", TestContext.Current.CancellationToken);
        FibrilTlsOptions tls = PinOf(broker);
        (tls.ClientCertificateFile, tls.ClientKeyFile) = second.IssueClient("ann");
        Assert.Equal(FibrilTlsFailure.ClientCertificateRequired, (await RefusedAsync(broker, tls)).Failure);
        System.IO.File.Copy(second.File, authorities, overwrite: true);
        Assert.True(broker.Certificates.Reload().IsReloaded);
        await (await broker.ConnectAsync(tls, static options => options.UserName = null)).DisposeAsync();
    }

    [Fact] // the admin listener serves the same certificate
    public async Task The_admin_listener_speaks_https_with_the_same_certificate()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        Assert.Equal("https", broker.Admin.Scheme);
        string? seen = null;
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
            {
                seen = CertificateFingerprint.Of(certificate!);
                return true;
            },
        };
        using var http = new HttpClient(handler);
        Assert.Equal("ok", await http.GetStringAsync(new Uri(broker.Admin, "/healthz"), TestContext.Current.CancellationToken));
        Assert.Equal(broker.Certificates.Current.Fingerprint, seen);
    }

    [Fact]
    public async Task The_admin_listener_can_be_left_out()
    {
        await using HostedBroker broker = await StartAsync(options =>
        {
            Generated(options);
            options.Tls.AdminEnabled = false;
        });
        Assert.Equal("http", broker.Admin.Scheme);
        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync(new Uri(broker.Admin, "/healthz"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET /admin?a=b HTTP/1.1\r\nHost: example.org:8081\r\n\r\n", "HTTP/1.1 307 ", "Location: https://example.org:8081/admin?a=b\r\n")]
    [InlineData("POST /x HTTP/1.0\r\nA: b\r\nhost: h\r\n\r\nbody", "HTTP/1.1 307 ", "Location: https://h/x\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "HTTPS")]
    [InlineData("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 ", "HTTPS")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "HTTP/1.1 400 ", "HTTPS")]
    [InlineData("nonsense\r\n\r\n", "HTTP/1.1 400 ", "HTTPS")]
    public async Task Plain_http_to_the_admin_listener_is_sent_to_https(string request, string status, string part)
    {
        await using HostedBroker broker = await StartAsync(Generated);
        string answer = await AskAsync(broker, request);
        Assert.StartsWith(status, answer, StringComparison.Ordinal);
        Assert.Contains(part, answer, StringComparison.Ordinal);
    }

    [Fact] // 8 KiB of a head are read, and no more
    public async Task A_head_without_an_end_is_answered_and_not_collected()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        Assert.StartsWith("HTTP/1.1 400 ", await AskAsync(broker, "GET / HTTP/1.1\r\nHost: h\r\nA: " + new string('x', 9000)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_client_that_cannot_be_used_are_told_apart_from_everything_else()
    {
        await using HostedBroker broker = await StartAsync(Generated);
        FibrilTlsException missing = await RefusedAsync(broker, new FibrilTlsOptions { CaFile = _directory.PathOf("missing.pem") });
        Assert.Equal(FibrilTlsFailure.InvalidConfiguration, missing.Failure);
        Assert.Contains("missing.pem", missing.Message, StringComparison.Ordinal);
        (string certificate, _) = _authority.IssueClient("ann");
        (_, string otherKey) = _authority.IssueClient("bob");
        Assert.Equal(FibrilTlsFailure.InvalidConfiguration, (await RefusedAsync(
            broker, new FibrilTlsOptions { ClientCertificateFile = certificate, ClientKeyFile = otherKey })).Failure);
    }

    [Fact]
    public async Task Users_without_tls_are_warned_of_at_the_start()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(
            _directory.PathOf("data"), "--config", Write("c.toml", "[auth]\nseed_users = [{ username = \"ann\", password = \"her password\" }]\n"));
        Assert.Contains("passwords travel in clear text", broker.Output, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = _directory.PathOf(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private static async Task<string> AskAsync(HostedBroker broker, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, broker.Admin.Port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        return await Patience.Wait(reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private Task<HostedBroker> StartAsync(Action<BrokerOptions> configure) => HostedBroker.StartAsync(_directory.PathOf("data"), configure);

    private static void Generated(BrokerOptions options) => (options.Tls.Enabled, options.Tls.AutoSelfSigned) = (true, true);

    private static void Supplied(BrokerOptions options, string certificate, string key) =>
        (options.Tls.Enabled, options.Tls.CertificatePath, options.Tls.KeyPath) = (true, certificate, key);

    private Action<BrokerOptions> Requires(ClientCertificates clients) => options =>
    {
        Generated(options);
        options.Tls.ClientAuth = clients;
        options.Tls.ClientCaPath = _authority.File;
    };

    private static FibrilTlsOptions PinOf(HostedBroker broker) => new() { Fingerprint = broker.Certificates.Current.Fingerprint };

    private static Task<FibrilTlsException> RefusedAsync(HostedBroker broker, FibrilTlsOptions? tls) =>
        Assert.ThrowsAsync<FibrilTlsException>(() => broker.ConnectAsync(tls));
}
