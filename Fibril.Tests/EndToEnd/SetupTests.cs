using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>The first start of a broker that asks for its setup, as a browser sees it (A-40, A-41, admin-api 18.2).</summary>
public sealed partial class SetupTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly TemporaryDirectory _directory = new();
    private readonly HttpClient _http = new();

    private string Data => _directory.PathOf("data");

    public void Dispose()
    {
        _http.Dispose();
        _directory.Dispose();
    }

    [Fact] // C-08, C-09, C-11
    public async Task What_is_chosen_is_in_effect_in_the_same_process_and_stays()
    {
        int clients = FreePort();
        await using BrokerProcess broker = await BrokerProcess.StartSetupAsync(Data, "--broker-bind", $"127.0.0.1:{clients}");
        Assert.Equal("127.0.0.1", broker.Admin.Host);
        using (var early = new TcpClient())
            await Assert.ThrowsAsync<SocketException>(() => early.ConnectAsync(IPAddress.Loopback, clients, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri(broker.Admin, "/admin/api"), TestContext.Current.CancellationToken)).StatusCode);

        string done = await SendAsync(
            broker.Admin, ("mode", "auto"), ("broker_username", "app"), ("broker_password", Password), ("admin_username", "boss"), ("admin_password", "also secret"),
            ("secret_mode", "generate"));
        Assert.Contains("Fibril is set up", done, StringComparison.Ordinal);
        await broker.WaitUntilReadyAsync();
        string fingerprint = Fingerprint().Match(done).Value;

        var options = new FibrilClientOptions { Host = "127.0.0.1", Port = clients, UserName = "app", Password = Password, Tls = new FibrilTlsOptions { Fingerprint = fingerprint } };
        await using (FibrilClient client = await FibrilClient.ConnectAsync(options, TestContext.Current.CancellationToken))
            await client.CreatePublisher("orders").PublishAsync("x"u8.ToArray());
        (options.UserName, options.Password) = ("fibril", "fibril");
        await Assert.ThrowsAnyAsync<FibrilException>(() => FibrilClient.ConnectAsync(options, TestContext.Current.CancellationToken));

        Assert.Equal((401, 200, 401), (await StatusAsync(broker, null), await StatusAsync(broker, "boss:also secret"), await StatusAsync(broker, $"app:{Password}")));
        Assert.Matches("^[0-9a-f]{64}\n$", await ReadAsync("cluster.secret"));
        Assert.Matches("^completed_at_ms = [0-9]+\n$", await ReadAsync("setup_complete"));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Data, "cluster.secret")));
        foreach (string file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(static path => !path.EndsWith("broker.lock", StringComparison.Ordinal)))
            Assert.False((await File.ReadAllTextAsync(file, Encoding.Latin1, TestContext.Current.CancellationToken)).Contains(Password, StringComparison.Ordinal), $"{file} holds a password");
        Assert.DoesNotContain(Password, broker.Output, StringComparison.Ordinal);

        await broker.StopAsync();
        await using BrokerProcess again = await BrokerProcess.StartAsync(Data, "--set", "setup.mode=true");
        Assert.Equal("https", again.Admin.Scheme);
    }

    [Fact] // C-10
    public async Task What_cannot_be_applied_is_shown_again_with_the_reason_and_without_secrets()
    {
        await using BrokerProcess broker = await BrokerProcess.StartSetupAsync(Data);
        (string Reason, (string, string)[] Fields)[] faults =
        [
            ("Choose what TLS is served with", []),
            ("holds no PEM", [("mode", "provided"), ("cert_pem", "<script>alert(1)</script>"), ("key_pem", "x")]),
            ("a name and no password", [("mode", "skip"), ("broker_username", "\"><script>alert(2)</script>")]),
            ("a password and no name", [("mode", "skip"), ("admin_password", Password)]),
            ("have one name", [("mode", "skip"), ("broker_username", "a"), ("broker_password", Password), ("admin_username", "a"), ("admin_password", Password)]),
            ("Paste the cluster secret", [("mode", "skip"), ("secret_mode", "provided")]),
        ];
        foreach ((string reason, (string, string)[] fields) in faults)
        {
            string page = await SendAsync(broker.Admin, fields);
            Assert.Contains("Nothing was applied", page, StringComparison.Ordinal);
            Assert.Contains(reason, page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, page, StringComparison.Ordinal);
        }

        Assert.Equal(["broker.lock"], Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName));
        await SendAsync(broker.Admin, ("mode", "skip"));
        await broker.WaitUntilReadyAsync();
        await using FibrilClient client = await broker.ConnectAsync();
    }

    [Fact]
    public async Task A_pasted_certificate_is_checked_and_then_served()
    {
        using var authority = new TestAuthority(_directory, "own");
        using var stranger = new TestAuthority(_directory, "stranger");
        (string certificate, string key) = authority.IssueServer("server", "127.0.0.1");
        (string _, string otherKey) = stranger.IssueServer("other", "127.0.0.1");
        await using BrokerProcess broker = await BrokerProcess.StartSetupAsync(Data);
        string chain = await File.ReadAllTextAsync(certificate, TestContext.Current.CancellationToken);
        string refused = await SendAsync(broker.Admin, ("mode", "provided"), ("cert_pem", chain), ("key_pem", await File.ReadAllTextAsync(otherKey, TestContext.Current.CancellationToken)));
        Assert.Contains("is not that of the first certificate", refused, StringComparison.Ordinal);
        await SendAsync(broker.Admin, ("mode", "provided"), ("cert_pem", chain), ("key_pem", await File.ReadAllTextAsync(key, TestContext.Current.CancellationToken)));
        await broker.WaitUntilReadyAsync();
        FibrilClientOptions options = broker.Options();
        options.Tls = new FibrilTlsOptions { CaFile = authority.File };
        await using FibrilClient client = await FibrilClient.ConnectAsync(options, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Other_sites_other_names_and_other_pages_apply_nothing()
    {
        await using BrokerProcess broker = await BrokerProcess.StartSetupAsync(Data);
        string token = await TokenAsync(broker.Admin);
        Assert.Contains("This page was loaded before", await PostAsync(broker.Admin, HttpStatusCode.OK, null, ("mode", "skip")), StringComparison.Ordinal);
        Assert.Contains("This page was loaded before", await PostAsync(broker.Admin, HttpStatusCode.OK, null, ("mode", "skip"), ("csrf_token", token[1..] + "0")), StringComparison.Ordinal);
        await PostAsync(broker.Admin, HttpStatusCode.Forbidden, ("Origin", "http://evil.example"), ("mode", "skip"), ("csrf_token", token));
        await PostAsync(broker.Admin, HttpStatusCode.Forbidden, ("Sec-Fetch-Site", "cross-site"), ("mode", "skip"), ("csrf_token", token));
        await PostAsync(broker.Admin, HttpStatusCode.MisdirectedRequest, ("Host", "evil.example"), ("mode", "skip"), ("csrf_token", token));
        Assert.False(File.Exists(Path.Combine(Data, "setup_complete")));
    }

    [Fact]
    public async Task A_configuration_that_says_everything_starts_at_once_and_is_marked()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(
            Data, "--set", "setup.mode=true", "--set", "auth.allow_default_loopback=false", "--set", "tls.enabled=true", "--set", "tls.auto_self_signed=true");
        Assert.Equal("https", broker.Admin.Scheme);
        Assert.Matches("^completed_at_ms = [0-9]+\n$", await ReadAsync("setup_complete"));
    }

    [Fact]
    public async Task A_broker_that_waits_for_its_setup_stops_when_it_is_asked_to()
    {
        await using BrokerProcess broker = await BrokerProcess.StartSetupAsync(Data);
        broker.Terminate();
        Assert.Equal(0, await broker.WaitForExitAsync());
        Assert.False(File.Exists(Path.Combine(Data, "setup_complete")));
    }

    private async Task<string> SendAsync(Uri setup, params (string, string)[] fields) =>
        await PostAsync(setup, HttpStatusCode.OK, null, [.. fields, ("csrf_token", await TokenAsync(setup))]);

    private async Task<string> PostAsync(Uri setup, HttpStatusCode status, (string Name, string Value)? header, params (string Key, string Value)[] fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(setup, "/setup"))
        {
            Content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Key, field.Value))),
        };
        if (header is { } extra) request.Headers.TryAddWithoutValidation(extra.Name, extra.Value);
        using HttpResponseMessage answer = await Patience.Wait(_http.SendAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string> TokenAsync(Uri setup) => Token().Match(await _http.GetStringAsync(setup, TestContext.Current.CancellationToken)).Groups[1].Value;

    private static async Task<int> StatusAsync(BrokerProcess broker, string? login)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(broker.Admin, "/admin/api/queues"));
        if (login is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private Task<string> ReadAsync(string name) => File.ReadAllTextAsync(Path.Combine(Data, name), TestContext.Current.CancellationToken);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("name=\"csrf_token\" value=\"([0-9A-F]{64})\"")]
    private static partial Regex Token();

    [GeneratedRegex("[0-9A-F]{2}(:[0-9A-F]{2}){31}")]
    private static partial Regex Fingerprint();
}
