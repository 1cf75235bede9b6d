using System.Net.Http.Headers;
using Fibril.Dashboard.Login;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

/// <summary>The way back from a login (U-26).</summary>
public sealed class LoginReturnTests
{
    private const string Password = "correct horse: battery";

    [Theory]
    [InlineData("/admin/queues?q=a%20b", "/admin/queues?q=a%20b")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("admin/queues", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("/a\\b", "/")]
    [InlineData("/\t/evil.example/", "/")]
    [InlineData("/a\r\nSet-Cookie: b=c", "/")]
    [InlineData("/grüße", "/")]
    [InlineData("/login?return=/", "/")]
    [InlineData("/logout", "/")]
    public void A_login_leads_to_a_page_of_this_site_and_nowhere_else(string? wanted, string back) => Assert.Equal(back, LoginPage.BackTo(wanted));

    [Fact]
    public async Task Who_wanted_a_page_is_there_after_the_login()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse turnedAway = await admin.GetAsync("/admin/queues?q=a%20b");
        Assert.Equal((303, "/login?return=%2Fadmin%2Fqueues%3Fq%3Da%2520b"), (turnedAway.Status, turnedAway.Header("Location")));
        ApiResponse page = await admin.GetAsync(turnedAway.Header("Location")!);
        Assert.Contains("name=\"return\" value=\"/admin/queues?q=a%20b\"", page.Text);

        ApiResponse wrong = await LoginAsync(admin, "guess", "/admin/queues?q=a%20b");
        Assert.Contains("name=\"return\" value=\"/admin/queues?q=a%20b\"", wrong.Text);
        ApiResponse right = await LoginAsync(admin, Password, "/admin/queues?q=a%20b");
        Assert.Equal((303, "/admin/queues?q=a%20b"), (right.Status, right.Header("Location")));
    }

    [Fact]
    public async Task A_link_that_somebody_else_has_made_leads_to_no_other_site()
    {
        await using AdminHarness admin = await StartAsync();
        ApiResponse page = await admin.GetAsync("/login?return=%2F%2Fevil.example%2F");
        Assert.DoesNotContain("evil.example", page.Text);
        Assert.Equal("/", (await LoginAsync(admin, Password, "//evil.example/")).Header("Location"));
        Assert.DoesNotContain("<i>", (await admin.GetAsync("/login?return=%2F%22%3E%3Ci%3E")).Text);
    }

    [Fact]
    public async Task A_browser_that_has_guessed_too_often_reads_how_long_to_wait_and_a_program_gets_the_code()
    {
        await using AdminHarness admin = await StartAsync();
        for (int i = 0; i < 5; i++) await LoginAsync(admin, "guess", "/admin/queues");
        ApiResponse page = await LoginAsync(admin, Password, "/admin/queues", "text/html");
        Assert.Equal((429, "1", "text/html"), (page.Status, page.Header("Retry-After"), page.Message.Content.Headers.ContentType!.MediaType));
        Assert.Contains("Try again in 1 s.", page.Text);
        Assert.Contains("value=\"/admin/queues\"", page.Text);
        Assert.Equal("too_many_logins", (await LoginAsync(admin, Password, "/")).Code);
    }

    private static Task<AdminHarness> StartAsync() => AdminHarness.StartAsync(static options =>
    {
        options.Admin.Auth.Enabled = true;
        options.Admin.Auth.UserName = "ops";
        options.Admin.Auth.Password = Password;
    });

    private static Task<ApiResponse> LoginAsync(AdminHarness admin, string password, string back, string? accept = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/login")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ops", ["password"] = password, ["return"] = back }),
        };
        if (accept is not null) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return admin.SendAsync(request);
    }
}
