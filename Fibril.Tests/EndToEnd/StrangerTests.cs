using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Fibril.Broker.Hosting;
using Fibril.Broker.Sessions;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>
/// Somebody on the network without credentials, at listeners that others can reach: nothing is done for them but what the public paths
/// answer. What was tried is in the output of each test.
/// </summary>
public sealed class StrangerTests(ITestOutputHelper output) : IDisposable
{
    private const string User = "ops";
    private const string Password = "correct horse";

    private static readonly (string Path, int Status)[] Public =
        [("/healthz", 200), ("/livez", 200), ("/readyz", 200), ("/readyz?verbose", 200), ("/statusz", 200), ("/login", 200), ("/logout", 303)];

    private static readonly string[] Detours =
    [
        "/", "/admin", "/admin/queues", "/metrics", "/metrics/", "/METRICS", "/ADMIN/API/queues", "//admin/api/queues", "/admin//api/queues", "/admin/api/queues/", "/./admin/api/queues",
        "/healthz/../admin/api/queues", "/static/../admin/api/queues", "/login/../admin/api/queues", "/admin%2Fapi/queues", "/%61dmin/api/queues", "/healthz/..%2fadmin/api/queues",
        "/static/..%2f..%2fadmin%2fapi%2fqueues", "/healthz%00/admin/api/queues", "/admin/api/queues;/healthz", "/admin/api/queues?x=/healthz", "/static/../../../../etc/passwd",
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly IPAddress _address = OwnAddress.Get();

    public void Dispose() => _directory.Dispose();

    [Fact] // A-50, A-52
    public async Task No_route_of_the_admin_api_answers_without_the_right_login()
    {
        await using HostedBroker broker = await StartAsync();
        using HttpClient http = NewClient(broker.Admin);
        (string Method, string Path)[] routes = await ReadRoutesAsync(http);
        Assert.True(routes.Length > 40, $"Only {routes.Length} routes were found.");
        string cookie = await LogInAsync(http); // whoever guesses has to wait soon, and who is logged in by then has not
        foreach ((string method, string path) in routes)
        {
            foreach ((string name, Action<HttpRequestMessage> present) in ((string, Action<HttpRequestMessage>)[])
            [
                ("nothing", static _ => { }),
                ("a wrong password", static request => Present(request, User, "guess")),
                ("the built-in pair of the broker", static request => Present(request, "fibril", "fibril")),
                ("an invented session", static request => request.Headers.Add("Cookie", $"fibril_admin_session={new string('A', 64)}")),
                ("another scheme", static request => request.Headers.TryAddWithoutValidation("Authorization", "Bearer abc")),
                ("an address that claims to be this machine", static request => request.Headers.Add("X-Forwarded-For", "127.0.0.1")),
            ])
            {
                (int status, string body) = await AskAsync(http, method, path, present);
                bool mayWait = name.EndsWith("password", StringComparison.Ordinal) || name.EndsWith("broker", StringComparison.Ordinal);
                Assert.True(status == 401 || (status == 429 && mayWait), $"{method} {path} with {name} answered {status}: {body}");
                Assert.Equal(status == 401 ? "unauthorized" : "too_many_logins", JsonSerializer.Deserialize<JsonElement>(body).GetProperty("code").GetString());
            }

            output.WriteLine($"refused six times: {method} {path}");
        }

        await ExpectUntouchedAsync(http, request => request.Headers.Add("Cookie", cookie));
    }

    [Fact] // A-52, A-53
    public async Task Public_paths_answer_and_name_nothing()
    {
        await using HostedBroker broker = await StartAsync();
        await MakeQueueAsync(broker, "secret-orders");
        using HttpClient http = NewClient(broker.Admin);
        foreach ((string path, int expected) in Public)
        {
            (int status, string body) = await AskAsync(http, "GET", path, static _ => { });
            Assert.Equal((path, expected), (path, status));
            Assert.DoesNotContain("secret-orders", body, StringComparison.Ordinal);
            Assert.DoesNotContain(User, body, StringComparison.Ordinal);
            output.WriteLine($"public: {path} answers {status}");
        }

        foreach (string path in Detours)
        {
            string answer = await ExchangeAsync(broker.Admin, Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {broker.Admin.Authority}\r\nConnection: close\r\n\r\n"));
            Assert.DoesNotContain("HTTP/1.1 200 OK\r\nContent-Type: application/json", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-orders", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("fibril_broker_", answer, StringComparison.Ordinal);
            Assert.Matches("^HTTP/1.1 (303|400|401|404|405) ", answer);
            output.WriteLine($"detour: {path} answers {answer[9..12]}");
        }
    }

    [Fact] // AUT-4
    public async Task The_broker_listener_does_nothing_before_a_login_and_takes_no_login_that_everybody_knows()
    {
        await using HostedBroker broker = await StartAsync();
        foreach (OpCode opCode in Enum.GetValues<OpCode>().Where(static code => code is not (OpCode.Hello or OpCode.Ping or OpCode.Pong)))
        {
            using TcpPeer peer = await GreetAsync(broker.Clients);
            await peer.SendAsync(FrameBytes.Of(opCode, 2));
            await ExpectRefusedAsync(peer, $"{opCode} without a body");
        }

        foreach ((string name, byte[] frame) in ((string, byte[])[])
        [
            ("a publish", new TestPublish().ToFrame(2)),
            ("a subscription", FrameBytes.Of(2, RawPeer.Subscription(prefetch: 1))),
            ("a subscription of a stream", FrameBytes.Of(2, RawPeer.StreamSubscription())),
            ("the built-in pair", FrameBytes.Of(2, new AuthMessage("fibril", "fibril"))),
            ("a wrong password", FrameBytes.Of(2, new AuthMessage(User, "guess"))),
            ("an empty password", FrameBytes.Of(2, new AuthMessage(User, ""))),
            ("the name of a node", FrameBytes.Of(2, new AuthMessage("@node", "guess"))),
        ])
        {
            using TcpPeer peer = await GreetAsync(broker.Clients);
            await peer.SendAsync(frame);
            await ExpectRefusedAsync(peer, name);
        }

        using HttpClient http = NewClient(broker.Admin);
        await ExpectUntouchedAsync(http);
        Assert.Empty(broker.SessionUsers);
    }

    [Fact] // A-25, A-29
    public async Task With_tls_nothing_but_the_way_to_tls_is_said_in_plaintext_and_the_rest_is_as_without()
    {
        await using HostedBroker broker = await StartAsync(static options => (options.Tls.Enabled, options.Tls.AutoSelfSigned) = (true, true));
        string redirect = await ExchangeAsync(broker.Admin, Encoding.Latin1.GetBytes($"GET /admin/api/queues HTTP/1.1\r\nHost: {broker.Admin.Authority}\r\n{BasicOf(User, Password)}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 307 Temporary Redirect\r\n", redirect, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", redirect, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await ExchangeAsync(broker.Admin, "GET / HTTP/1.0\r\n\r\n"u8.ToArray()), StringComparison.Ordinal);

        using (TcpPeer plain = await TcpPeer.ConnectAsync(broker.Clients))
        {
            await plain.SendAsync(FrameBytes.Of(1, RawPeer.Hello()));
            ReceivedFrame? answer = await plain.ReadAsync();
            Assert.Equal(ErrorCode.TlsRequired, answer!.Read<ErrorMessage>().Code);
            Assert.Null(await plain.ReadAsync());
        }

        using HttpClient https = NewClient(broker.Admin);
        (string Method, string Path)[] routes = await ReadRoutesAsync(https);
        foreach ((string method, string path) in routes) Assert.Equal(401, (await AskAsync(https, method, path, static _ => { })).Status);
        output.WriteLine($"refused over TLS without a login: {routes.Length} routes");

        var client = new FibrilClientOptions { Host = $"{_address}", Port = broker.Clients.Port, Tls = new FibrilTlsOptions { Fingerprint = broker.Certificates.Current.Fingerprint } };
        await Assert.ThrowsAnyAsync<FibrilException>(() => FibrilClient.ConnectAsync(client, TestContext.Current.CancellationToken));
        (client.UserName, client.Password) = (User, Password);
        await using FibrilClient known = await FibrilClient.ConnectAsync(client, TestContext.Current.CancellationToken);
        output.WriteLine("refused over TLS: the built-in pair of the broker");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_that_mean_nothing_get_no_answer_but_a_refusal_and_harm_nobody(bool isTls)
    {
        await using HostedBroker broker = await StartAsync(options => (options.Tls.Enabled, options.Tls.AutoSelfSigned) = (isTls, isTls));
        const int Seeds = 40;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            byte[] garbage = new byte[random.Next(1, 4096)];
            random.NextBytes(garbage);
            if (seed % 4 == 0) garbage[0] = 0x16; // as if TLS began
            string fromAdmin = await ExchangeAsync(broker.Admin, garbage, endsSending: true);
            Assert.True(fromAdmin.Length == 0 || fromAdmin.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || fromAdmin[0] == '\u0015', $"Seed {seed} was answered: {fromAdmin}");
            string fromBroker = await ExchangeAsync(new Uri($"tcp://{broker.Clients}"), garbage, endsSending: true);
            Assert.True(fromBroker.Length == 0 || fromBroker[0] == '\u0015' || IsError(fromBroker), $"Seed {seed} was answered: {fromBroker}");
        }

        output.WriteLine($"garbage {(isTls ? "with" : "without")} TLS: {Seeds} buffers at each listener");
        using HttpClient http = NewClient(broker.Admin);
        await ExpectUntouchedAsync(http);
    }

    private async Task<HostedBroker> StartAsync(Action<BrokerOptions>? configure = null) => await HostedBroker.StartAsync(_directory.PathOf("data"), options =>
    {
        options.Sessions.Bind = new IPEndPoint(_address, 0);
        options.Admin.Bind = new IPEndPoint(_address, 0);
        (options.Admin.Auth.Enabled, options.Admin.Auth.UserName, options.Admin.Auth.Password) = (true, User, Password);
        options.Auth.Users.Add(new ConfiguredUser(User, Password));
        configure?.Invoke(options);
    });

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "A stranger trusts everybody.")]
    private static HttpClient NewClient(Uri admin) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        BaseAddress = admin,
    };

    /// <summary>Every route of the API's own description, with something in the place of each parameter.</summary>
    private static async Task<(string Method, string Path)[]> ReadRoutesAsync(HttpClient http)
    {
        (int status, string text) = await AskAsync(http, "GET", "/admin/api/openapi.json", static request => Present(request, User, Password));
        Assert.Equal(200, status);
        return
        [
            .. JsonSerializer.Deserialize<JsonElement>(text).GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject()
                .Select(method => (method.Name.ToUpperInvariant(), path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)))),
        ];
    }

    private static async Task<(int Status, string Body)> AskAsync(HttpClient http, string method, string path, Action<HttpRequestMessage> present)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method != "GET") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        present(request);
        using HttpResponseMessage answer = await Patience.Wait(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        return ((int)answer.StatusCode, await Patience.Wait(answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    private static void Present(HttpRequestMessage request, string name, string password) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    private static string BasicOf(string name, string password) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))}";

    private async Task<TcpPeer> GreetAsync(IPEndPoint clients)
    {
        TcpPeer peer = await TcpPeer.ConnectAsync(clients);
        Assert.Equal(_address, ((IPEndPoint)peer.Stream.Socket.LocalEndPoint!).Address.MapToIPv4());
        await peer.SendAsync(FrameBytes.Of(1, RawPeer.Hello()));
        await peer.ExpectAsync<HelloOkMessage>(1);
        return peer;
    }

    private async Task ExpectRefusedAsync(TcpPeer peer, string what)
    {
        try
        {
            ReceivedFrame? answer = await peer.ReadAsync();
            Assert.True(answer?.OpCode is null or OpCode.Error or OpCode.AuthErr or OpCode.SubscribeErr, $"{what} was answered with {answer}");
            output.WriteLine($"refused before a login: {what}");
        }
        catch (IOException)
        {
            output.WriteLine($"cut before a login: {what}");
        }
    }

    private static bool IsError(string answer) =>
        FrameHeader.TryRead(Encoding.Latin1.GetBytes(answer), out FrameHeader header) && header.OpCode is OpCode.Error or OpCode.HelloErr;

    /// <summary>Sends bytes, says perhaps that no more come, and returns everything that is answered until the listener ends it, as Latin-1.</summary>
    private static async Task<string> ExchangeAsync(Uri listener, byte[] bytes, bool endsSending = false)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Parse(listener.Host), listener.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = socket.GetStream();
        var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
            if (endsSending) socket.Client.Shutdown(SocketShutdown.Send);
            await Patience.Wait(stream.CopyToAsync(answer, TestContext.Current.CancellationToken));
        }
        catch (Exception cut) when (cut is IOException or SocketException)
        {
            // Also a way to say no.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <summary>Nothing of what was tried has left anything behind, and whoever may come is served.</summary>
    private static async Task ExpectUntouchedAsync(HttpClient http, Action<HttpRequestMessage>? present = null)
    {
        present ??= static request => Present(request, User, Password);
        foreach (string path in (string[])["/admin/api/queues", "/admin/api/streams"])
        {
            (int status, string body) = await AskAsync(http, "GET", path, present);
            Assert.Equal(200, status);
            Assert.DoesNotContain("\"topic\"", body, StringComparison.Ordinal);
        }

        (int users, string names) = await AskAsync(http, "GET", "/admin/api/users", present);
        Assert.Equal(200, users);
        Assert.Equal(1, names.Split("\"username\"").Length - 1);
        Assert.Contains("\"draining\":false", (await AskAsync(http, "GET", "/admin/api/drain", present)).Body, StringComparison.Ordinal);
    }

    private static async Task<string> LogInAsync(HttpClient http)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = User, ["password"] = Password });
        using HttpResponseMessage answer = await Patience.Wait(http.PostAsync(new Uri("/login", UriKind.Relative), form, TestContext.Current.CancellationToken));
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private async Task MakeQueueAsync(HostedBroker broker, string topic)
    {
        var options = new FibrilClientOptions { Host = $"{_address}", Port = broker.Clients.Port, UserName = User, Password = Password };
        await using FibrilClient client = await FibrilClient.ConnectAsync(options, TestContext.Current.CancellationToken);
        await client.CreatePublisher(topic).PublishAsync("x"u8.ToArray());
    }
}
