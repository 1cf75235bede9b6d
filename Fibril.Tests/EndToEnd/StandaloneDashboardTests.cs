using System.Net;
using System.Net.Sockets;
using Fibril.Dashboard.Brokers;
using Fibril.Dashboard.Hosting;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>The dashboard as a program of its own: two brokers, of which the one asks for a login and the other asks nobody.</summary>
public sealed class StandaloneDashboardTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly TemporaryDirectory _data = new();
    private HostedBroker _closed = null!;
    private HostedBroker _open = null!;

    public async ValueTask InitializeAsync()
    {
        _closed = await HostedBroker.StartAsync(_data.PathOf("closed"), static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.UserName = "ops";
            options.Admin.Auth.Password = Password;
        });
        _open = await HostedBroker.StartAsync(_data.PathOf("open"));
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.DisposeAsync();
        await _open.DisposeAsync();
        _data.Dispose();
    }

    [Theory] // whoever owns a name can make it point at this machine
    [InlineData("evil.example", 421)]
    [InlineData("evillocalhost", 421)]
    [InlineData("localhost", 200)]
    [InlineData("fibril.localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:8090", 200)]
    public async Task On_loopback_only_names_of_this_machine_are_answered(string host, int status)
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        (int Status, string? Location, string Body) page = await dashboard.GetAsync("/b/open/admin/queues", request => request.Headers.Host = host);
        Assert.Equal(status, page.Status);
        if (status != 200) Assert.Contains("Dashboard:Hosts", page.Body);
        Assert.Equal(status == 200 ? 200 : 421, (await dashboard.PostAsync("/b/open/_blazor/negotiate?negotiateVersion=1", [], request => request.Headers.Host = host)).Status);
    }

    [Fact]
    public async Task Names_that_were_configured_are_answered()
    {
        await using StandaloneDashboard dashboard = await StartAsync("--Dashboard:Hosts:0=fibril.example", "--Dashboard:Hosts:1=ops.example");
        Assert.Equal(200, (await dashboard.GetAsync("/b/open/admin/queues", static request => request.Headers.Host = "OPS.example:8090")).Status);
        Assert.Equal(421, (await dashboard.GetAsync("/b/open/admin/queues", static request => request.Headers.Host = "example")).Status);
    }

    [Fact]
    public async Task Other_machines_may_use_any_name_unless_a_broker_asks_nobody_for_a_password()
    {
        IPAddress own = OwnAddress.Get();
        await using StandaloneDashboard closed = await StandaloneDashboard.StartAsync("--urls", "http://0.0.0.0:0", $"--Dashboard:Brokers:closed={_closed.Admin}");
        Assert.Equal(200, (await ReachAsync(closed, own, "/b/closed/login", "fibril.example")).Status);
        Assert.Equal(421, (await closed.GetAsync("/b/closed/login", static request => request.Headers.Host = "fibril.example")).Status); // over loopback
        await using StandaloneDashboard open = await StartAsync("--urls", "http://0.0.0.0:0", "--Dashboard:AllowUnauthenticated=true");
        Assert.Equal(421, (await ReachAsync(open, own, "/b/open/admin/queues", "fibril.example")).Status);
    }

    [Fact] // whoever reaches the dashboard could do everything with it
    public async Task A_broker_that_asks_nobody_is_shown_to_its_own_machine_only()
    {
        IPAddress own = OwnAddress.Get();
        await using StandaloneDashboard dashboard = await StartAsync("--urls", "http://0.0.0.0:0");
        (int Status, string? Location, string Body) page = await ReachAsync(dashboard, own, "/b/open/admin/queues");
        Assert.Equal(403, page.Status);
        Assert.Contains("admin.auth.enabled", page.Body);
        Assert.Equal(403, (await ReachAsync(dashboard, own, "/b/closed/login")).Status);
        Assert.Equal((200, 200), ((await ReachAsync(dashboard, own, "/static/dashboard.css")).Status, (await ReachAsync(dashboard, own, "/healthz")).Status));
        Assert.Equal(200, (await dashboard.GetAsync("/b/open/admin/queues")).Status);

        await using StandaloneDashboard allowed = await StartAsync("--urls", "http://0.0.0.0:0", "--Dashboard:AllowUnauthenticated=true");
        Assert.Equal(200, (await ReachAsync(allowed, own, "/b/open/admin/queues")).Status);
    }

    [Fact]
    public async Task A_logout_does_not_wait_for_brokers_that_say_nothing()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // takes connections, and never answers
        string address = $"http://{silent.LocalEndpoint}";
        await using StandaloneDashboard dashboard = await StartAsync($"--Dashboard:Brokers:mute={address}", $"--Dashboard:Brokers:dumb={address}");
        foreach (string broker in (string[])["mute", "dumb"]) dashboard.Cookies.Add(dashboard.Address, new Cookie($"fibril_session_{broker}", "a-session") { Expires = DateTime.UtcNow.AddHours(1) });
        long started = TimeProvider.System.GetTimestamp();
        Assert.Equal((302, "/b/mute/login"), Outcome(await dashboard.PostAsync("/b/mute/logout", [])));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, BrokerHttp.Timeout - TimeSpan.FromSeconds(1));
        Assert.Empty(dashboard.Cookies.GetCookies(dashboard.Address));
    }

    [Theory]
    [InlineData("/", "/brokers")]
    [InlineData("/nosuch", "/")]
    [InlineData("/admin/queues", "/")]
    [InlineData("/b/nosuch/admin/queues", "/")]
    [InlineData("/b/openly/admin", "/")]
    [InlineData("/brokers/nosuch", "/")]
    public async Task What_belongs_to_no_broker_leads_to_all_of_them(string path, string location)
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        Assert.Equal((302, location), Outcome(await dashboard.GetAsync(path)));
    }

    [Theory]
    [InlineData("/brokers", 200)]
    [InlineData("/healthz", 200)]
    [InlineData("/login", 200)]
    [InlineData("/static/dashboard.css", 200)]
    [InlineData("/static/nosuch.css", 404)]
    [InlineData("/b/open/admin/queues", 200)]
    [InlineData("/b/OPEN/admin/queues", 200)]
    [InlineData("/b/open/static/dashboard.css", 200)]
    [InlineData("/b/open/nosuch", 404)]
    public async Task What_is_there_is_answered(string path, int status)
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        Assert.Equal(status, (await dashboard.GetAsync(path)).Status);
    }

    [Fact]
    public async Task A_dashboard_of_one_broker_leads_to_its_pages()
    {
        await using StandaloneDashboard dashboard = await StandaloneDashboard.StartAsync($"--Dashboard:Brokers:open={_open.Admin}");
        Assert.Equal((302, "/b/open/"), Outcome(await dashboard.GetAsync("/")));
    }

    [Fact]
    public async Task A_login_above_the_brokers_counts_where_one_of_them_knows_it()
    {
        await using HostedBroker other = await HostedBroker.StartAsync(_data.PathOf("another"), static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.UserName = "others";
            options.Admin.Auth.Password = "another password";
        });
        await using StandaloneDashboard dashboard = await StartAsync($"--Dashboard:Brokers:another={other.Admin}"); // the first by name
        (int Status, string? Location, string Body) page = await dashboard.GetAsync("/login");
        Assert.Contains("name=\"password\"", page.Body);
        Assert.Equal(401, (await dashboard.PostAsync("/login", Credentials("wrong"))).Status);
        Assert.Equal((302, "/brokers"), Outcome(await dashboard.PostAsync("/login", Credentials(Password))));
        Assert.Equal(["fibril_session_closed"], dashboard.Cookies.GetCookies(dashboard.Address).Select(static cookie => cookie.Name));
        Assert.Equal((302, "/login"), Outcome(await dashboard.PostAsync("/logout", [])));
        Assert.Empty(dashboard.Cookies.GetCookies(dashboard.Address));
    }

    [Fact] // U-26
    public async Task Whoever_is_not_logged_in_is_led_to_the_login_and_back()
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        (int Status, string? Location, string Body) page = await dashboard.GetAsync("/b/closed/admin/queues?q=or");
        Assert.Equal((302, "login?return=%2Fadmin%2Fqueues%3Fq%3Dor"), (page.Status, page.Location?[page.Location.IndexOf("login", StringComparison.Ordinal)..]));
        Assert.Contains("value=\"/admin/queues?q=or\"", (await dashboard.GetAsync("/b/closed/login?return=%2Fadmin%2Fqueues%3Fq%3Dor")).Body);

        Assert.Equal((302, "/b/closed/admin/queues?q=or"), Outcome(await dashboard.PostAsync("/b/closed/login", Credentials(Password, "/admin/queues?q=or"))));
        Assert.Contains("<h1", (await dashboard.GetAsync("/b/closed/admin/queues?q=or")).Body);
        Assert.Equal((302, "/b/closed/"), Outcome(await dashboard.PostAsync("/b/closed/login", Credentials(Password, "//evil.example"))));

        Assert.Equal((302, "/b/closed/login"), Outcome(await dashboard.PostAsync("/b/closed/logout", [])));
        Assert.Equal(302, (await dashboard.GetAsync("/b/closed/admin/queues")).Status);
    }

    [Fact]
    public async Task A_wrong_password_logs_nobody_in()
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        (int Status, string? Location, string Body) answer = await dashboard.PostAsync("/b/closed/login", Credentials("wrong"));
        Assert.Equal(401, answer.Status);
        Assert.Contains("Unknown user name or wrong password.", answer.Body);
        Assert.Empty(dashboard.Cookies.GetCookies(dashboard.Address));
    }

    [Fact] // U-27
    public async Task A_login_counts_at_every_broker_that_knows_it()
    {
        await using HostedBroker twin = await HostedBroker.StartAsync(_data.PathOf("twin"), static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.UserName = "ops";
            options.Admin.Auth.Password = Password;
        });
        await using StandaloneDashboard dashboard = await StartAsync($"--Dashboard:Brokers:twin={twin.Admin}");
        await dashboard.PostAsync("/b/closed/login", Credentials(Password));
        CookieCollection cookies = dashboard.Cookies.GetCookies(dashboard.Address);
        Assert.Equal(["fibril_session_closed", "fibril_session_twin"], cookies.Select(static cookie => cookie.Name).Order());
        Assert.All(cookies, static cookie => Assert.True(cookie.HttpOnly));
        Assert.Equal(200, (await dashboard.GetAsync("/b/twin/admin/queues")).Status);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Pages_of_other_sites_reach_neither_the_login_nor_the_pages_connection(string header, string value)
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        foreach (string path in (string[])["/login", "/b/closed/login", "/b/closed/logout", "/_blazor/negotiate?negotiateVersion=1", "/b/open/_blazor/negotiate?negotiateVersion=1"])
            Assert.Equal(403, (await dashboard.PostAsync(path, Credentials(Password), request => request.Headers.Add(header, value))).Status);
        Assert.Equal(403, (await dashboard.GetAsync("/b/open/_blazor?id=1", request => request.Headers.Add(header, value))).Status);
        Assert.Empty(dashboard.Cookies.GetCookies(dashboard.Address));
    }

    [Fact]
    public async Task Own_pages_get_their_connection()
    {
        await using StandaloneDashboard dashboard = await StartAsync();
        string origin = dashboard.Address.GetLeftPart(UriPartial.Authority);
        Assert.Equal(200, (await dashboard.PostAsync("/b/open/_blazor/negotiate?negotiateVersion=1", [], request => request.Headers.Add("Origin", origin))).Status);
    }

    [Theory]
    [InlineData("--Dashboard:Brokers:a/b=http://127.0.0.1:1", "cannot be part of a path")]
    [InlineData("--Dashboard:Brokers:..=http://127.0.0.1:1", "cannot be part of a path")]
    [InlineData("--Dashboard:Brokers:east=east:8081", "no address of an admin listener")]
    [InlineData("--Dashboard:Brokers:east=", "no address of an admin listener")]
    [InlineData("--Dashboard:CaFile=/nosuch/ca.pem", "cannot be read")]
    public void What_makes_no_sense_is_refused_at_the_start(string argument, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => StandaloneHost.Build([argument])).Message, StringComparison.Ordinal);

    [Fact] // an app host writes these
    public async Task Brokers_are_found_by_service_discovery()
    {
        await using StandaloneDashboard dashboard = await StandaloneDashboard.StartAsync($"--services:broker-1:admin:0={_open.Admin}", "--services:database:tcp:0=http://127.0.0.1:1");
        Assert.Equal((302, "/b/broker-1/"), Outcome(await dashboard.GetAsync("/")));
        Assert.Equal(200, (await dashboard.GetAsync("/b/broker-1/admin/queues")).Status);
    }

    [Fact]
    public async Task A_broker_that_is_away_has_a_page_that_says_so()
    {
        await using StandaloneDashboard dashboard = await StartAsync("--Dashboard:Brokers:away=http://127.0.0.1:1");
        foreach (string path in (string[])["/b/away/", "/b/away/admin/queues"])
        {
            (int Status, string? Location, string Body) page = await dashboard.GetAsync(path);
            Assert.Equal(200, page.Status);
            Assert.Contains("cannot be reached: Connection refused", page.Body);
            Assert.DoesNotContain("127.0.0.1:1)", page.Body);
        }

        Assert.Contains("The broker away cannot be reached.", (await dashboard.PostAsync("/b/away/login", Credentials(Password))).Body);
    }

    [Fact]
    public async Task Why_a_broker_does_not_answer_is_told_to_those_alone_who_are_let_in_by_another()
    {
        await using StandaloneDashboard dashboard = await StandaloneDashboard.StartAsync($"--Dashboard:Brokers:closed={_closed.Admin}", "--Dashboard:Brokers:away=http://127.0.0.1:1");
        string stranger = (await dashboard.GetAsync("/brokers")).Body;
        Assert.Contains("unreachable", stranger);
        Assert.DoesNotContain("Connection refused", stranger);
        await dashboard.PostAsync("/login", Credentials(Password));
        Assert.Contains("Connection refused", (await dashboard.GetAsync("/brokers")).Body);
    }

    private static Dictionary<string, string> Credentials(string password, string back = "/") => new() { ["username"] = "ops", ["password"] = password, ["return"] = back };

    private static (int Status, string? Location) Outcome((int Status, string? Location, string Body) answer) => (answer.Status, answer.Location);

    private Task<StandaloneDashboard> StartAsync(params string[] arguments) =>
        StandaloneDashboard.StartAsync([$"--Dashboard:Brokers:closed={_closed.Admin}", $"--Dashboard:Brokers:open={_open.Admin}", .. arguments]);

    private static async Task<(int Status, string? Location, string Body)> ReachAsync(StandaloneDashboard dashboard, IPAddress own, string path, string? host = null)
    {
        using HttpClient browser = dashboard.NewBrowser(new UriBuilder(dashboard.Address) { Host = own.ToString() }.Uri);
        return await StandaloneDashboard.SendAsync(browser, new HttpRequestMessage(HttpMethod.Get, path), request => request.Headers.Host = host);
    }
}
