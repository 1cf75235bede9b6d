using System.Net.Http.Headers;
using System.Text;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Who may use the admin listener, and what other web sites may not (admin-api 3, A-50 to A-53).</summary>
public sealed class LoginTests
{
    private const string Password = "correct horse: battery";

    private static readonly Dictionary<string, string> Drain = new() { ["message"] = "soon" };

    [Theory] // before anything else of the request is looked at
    [InlineData("GET", "/admin/api")]
    [InlineData("GET", "/admin/api/nothing")]
    [InlineData("GET", "/metrics")]
    [InlineData("POST", "/admin/api/queues")]
    [InlineData("DELETE", "/admin/api/drain")]
    public async Task Without_a_login_nothing_is_answered(string method, string path)
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse answer = await admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent("{ no json") });
        Assert.Equal((401, "unauthorized"), (answer.Status, answer.Code));
        Assert.StartsWith("Basic realm=\"fibril\"", answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Pages_lead_to_the_login()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse answer = await admin.GetAsync("/");
        Assert.Equal((303, "/login"), (answer.Status, answer.Header("Location")));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/login")]
    public async Task Health_and_the_login_itself_need_none(string path)
    {
        await using AdminHarness admin = await StartAsync();
        Assert.Equal(200, (await admin.GetAsync(path)).Status);
    }

    [Theory] // exact
    [InlineData("ops", Password, 200)]
    [InlineData("OPS", Password, 401)]
    [InlineData("ops", "correct horse", 401)]
    [InlineData("ops", "", 401)]
    [InlineData("", "", 401)]
    public async Task Name_and_password_are_compared_exactly(string name, string password, int status)
    {
        await using AdminHarness admin = await StartAsync();
        Assert.Equal(status, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api/session", name, password))).Status);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Bearer abc")]
    public async Task A_header_that_is_no_login_is_none(string header)
    {
        await using AdminHarness admin = await StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/admin/api/session");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        Assert.Equal(401, (await admin.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_browser_gets_a_session_that_its_own_pages_alone_can_make_changes_with()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse login = await LoginAsync(admin, Password);
        Assert.Equal((303, "/"), (login.Status, login.Header("Location")));
        string setCookie = login.Header("Set-Cookie")!;
        Assert.Contains("httponly", setCookie);
        Assert.Contains("samesite=strict", setCookie);
        string cookie = setCookie.Split(';')[0];

        ApiResponse session = await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", cookie));
        Assert.Equal(("ops", "admin"), (session["user_name"].GetString(), session["role"].GetString()));
        HttpRequestMessage withoutToken = WithCookie(HttpMethod.Post, "/admin/api/drain", cookie);
        withoutToken.Content = JsonContent(Drain);
        ApiResponse refused = await admin.SendAsync(withoutToken);
        Assert.Equal((403, "csrf_token_missing"), (refused.Status, refused.Code));

        HttpRequestMessage withAnother = WithCookie(HttpMethod.Post, "/admin/api/drain", cookie);
        withAnother.Headers.Add("X-CSRF-Token", new string('0', session["csrf_token"].GetString()!.Length));
        withAnother.Content = JsonContent(Drain);
        Assert.Equal(403, (await admin.SendAsync(withAnother)).Status);

        HttpRequestMessage withToken = WithCookie(HttpMethod.Post, "/admin/api/drain", cookie);
        withToken.Headers.Add("X-CSRF-Token", session["csrf_token"].GetString());
        withToken.Content = JsonContent(Drain);
        Assert.Equal(200, (await admin.SendAsync(withToken)).Status);

        await admin.SendAsync(WithCookie(HttpMethod.Get, "/logout", cookie));
        Assert.Equal(401, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", cookie))).Status);
    }

    [Fact]
    public async Task A_session_ends_when_nobody_uses_it_and_when_it_is_old()
    {
        await using AdminHarness admin = await StartAsync();
        string idle = Cookie(await LoginAsync(admin, Password));
        await admin.Broker.AdvanceAsync(TimeSpan.FromMinutes(29));
        Assert.Equal(200, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", idle))).Status);
        await admin.Broker.AdvanceAsync(TimeSpan.FromMinutes(31));
        Assert.Equal(401, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", idle))).Status);

        string busy = Cookie(await LoginAsync(admin, Password));
        for (int i = 0; i < 24; i++)
        {
            Assert.Equal(200, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", busy))).Status);
            admin.Broker.Time.Advance(TimeSpan.FromMinutes(29));
        }

        Assert.Equal(200, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", busy))).Status);
        admin.Broker.Time.Advance(TimeSpan.FromMinutes(25));
        Assert.Equal(401, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", busy))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_ends_with_the_password_that_began_it_and_with_its_user(bool isRemoved)
    {
        await using AdminHarness admin = await StartAsync();
        await SetAnnAsync(admin, "one");
        string session = Cookie(await LoginAsync(admin, "one", "ann"));
        Assert.Equal(200, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", session))).Status);
        if (isRemoved) await admin.SendAsync(Basic(HttpMethod.Delete, "/admin/api/users/ann", "ops", Password));
        await SetAnnAsync(admin, "two");
        Assert.Equal(401, (await admin.SendAsync(WithCookie(HttpMethod.Get, "/admin/api/session", session))).Status);
    }

    [Fact]
    public async Task A_wrong_login_says_so_on_the_page_and_gives_no_cookie()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse answer = await LoginAsync(admin, "<script>");
        Assert.Equal(401, answer.Status);
        Assert.Null(answer.Header("Set-Cookie"));
        Assert.Contains("Unknown user name or wrong password.", answer.Text);
        Assert.DoesNotContain("<script>", answer.Text);
    }

    [Fact] // throttled, also when the right password comes at last
    public async Task Who_guesses_passwords_waits_longer_and_longer()
    {
        await using AdminHarness admin = await StartAsync();
        for (int i = 0; i < 5; i++) Assert.Equal(401, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", "guess"))).Status);
        ApiResponse throttled = await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", Password));
        Assert.Equal((429, "too_many_logins", "1"), (throttled.Status, throttled.Code, throttled.Header("Retry-After")));
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(401, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", "guess"))).Status);
        Assert.Equal("2", (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", Password))).Header("Retry-After"));
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(200, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", Password))).Status);
        Assert.Equal(401, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", "guess"))).Status);
    }

    [Theory] // also while nobody is asked for a password; it is the browser of somebody on this machine that would send it
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "http://evil.example", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "http://localhost", true)]
    [InlineData("Origin", "http://localhost:3000", false)] // another program of this machine
    public async Task A_page_of_another_site_changes_nothing(string header, string value, bool isLetIn)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/admin/api/drain") { Content = JsonContent(Drain) };
        request.Headers.Add(header, value);
        ApiResponse answer = await admin.SendAsync(request);
        Assert.Equal(isLetIn ? 200 : 403, answer.Status);
        if (!isLetIn) Assert.Equal("cross_site_request", answer.Code);
    }

    [Theory] // a name of another site that is made to point here
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("broker.example", 200)]
    [InlineData("node-1.localhost", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("evil-localhost", 421)]
    public async Task On_loopback_only_names_of_this_machine_are_answered(string host, int status)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options => options.Admin.Advertise = ["broker.example:8081"]);
        using HttpClient http = admin.NewClient(host);
        using HttpResponseMessage answer = await http.GetAsync("/admin/api/session", TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact] // as many at once as one likes count as many
    public async Task Guesses_that_come_together_count_like_those_that_come_one_by_one()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", "guess"))));
        Assert.Equal((5, 15), (answers.Count(static answer => answer.Status == 401), answers.Count(static answer => answer.Status == 429)));
    }

    [Fact] // who guesses at one user neither locks out another nor is forgiven by that one's login
    public async Task Guesses_at_one_name_are_counted_for_that_name()
    {
        await using AdminHarness admin = await StartAsync();
        for (int i = 0; i < 4; i++) await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "root", "guess"));
        Assert.Equal(200, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", Password))).Status);
        Assert.Equal(401, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "root", "guess"))).Status);
        Assert.Equal(429, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "root", "guess"))).Status);
        Assert.Equal(200, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "ops", Password))).Status);
    }

    [Fact] // so that nobody gets around it with a name for every guess
    public async Task Guesses_at_many_names_are_counted_for_their_source()
    {
        await using AdminHarness admin = await StartAsync();
        for (int i = 0; i < 50; i++) Assert.Equal(401, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", $"user-{i}", "guess"))).Status);
        Assert.Equal(429, (await admin.SendAsync(Basic(HttpMethod.Get, "/admin/api", "user-50", "guess"))).Status);
    }

    [Theory]
    [InlineData("multipart/form-data", "x")]
    [InlineData("text/plain", "username=ops")]
    public async Task A_login_that_is_no_form_is_refused(string mediaType, string body)
    {
        await using AdminHarness admin = await StartAsync();
        Assert.Equal(400, (await admin.PostTextAsync("/login", body, mediaType)).Status);
    }

    [Fact] // a name of another site that is made to point here, whatever address is bound, while nobody is asked for a password
    public async Task An_open_listener_answers_to_its_own_names_only()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options =>
        {
            options.Admin.Bind = new System.Net.IPEndPoint(System.Net.IPAddress.Any, 8081);
            options.Admin.Auth.AllowUnauthenticated = true;
        });
        using HttpClient http = admin.NewClient("evil.example");
        using HttpResponseMessage answer = await http.GetAsync("/admin/api/session", TestContext.Current.CancellationToken);
        Assert.Equal(421, (int)answer.StatusCode);
    }

    private static Task<AdminHarness> StartAsync() => AdminHarness.StartAsync(static options =>
    {
        options.Admin.Auth.Enabled = true;
        options.Admin.Auth.UserName = "ops";
        options.Admin.Auth.Password = Password;
    });

    private static HttpRequestMessage Basic(HttpMethod method, string path, string name, string password)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        return request;
    }

    private static HttpRequestMessage WithCookie(HttpMethod method, string path, string cookie)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie);
        return request;
    }

    private static async Task SetAnnAsync(AdminHarness admin, string password)
    {
        HttpRequestMessage request = Basic(HttpMethod.Post, "/admin/api/users", "ops", Password);
        request.Content = JsonContent(new { username = "ann", password, role = "viewer" });
        Assert.Equal(200, (await admin.SendAsync(request)).Status);
    }

    private static Task<ApiResponse> LoginAsync(AdminHarness admin, string password, string userName = "ops") => admin.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/login")
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = userName, ["password"] = password }),
    });

    private static string Cookie(ApiResponse login) => login.Header("Set-Cookie")!.Split(';')[0];

    private static System.Net.Http.Json.JsonContent JsonContent(object body) => System.Net.Http.Json.JsonContent.Create(body);
}
