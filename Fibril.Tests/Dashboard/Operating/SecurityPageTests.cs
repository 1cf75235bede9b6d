using Bunit;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Security;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

public sealed class SecurityPageTests
{
    private const string Form = "[data-testid=user-form]";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData(-2, "bad", "ended 2 d ago")]
    [InlineData(0, "bad", "ended 0 s ago")]
    [InlineData(30, "warn", "ends in 30 days")]
    [InlineData(31, "good", "ends in 31 days")]
    [InlineData(400, "good", "ends 2028-02-19")]
    public void A_certificate_that_ends_soon_is_told_in_time(int days, string tone, string text) =>
        Assert.Equal(new CertificateLife(tone, text), CertificateLife.Of(Now.AddDays(days).ToUnixTimeSeconds(), Now));

    [Fact] // U-23
    public void The_consequences_of_a_removal_are_those_that_happen()
    {
        UserRow program = new("app", 1, 1, Role.None, []), person = new("ann", 1, 1, Role.Viewer, []);
        Assert.StartsWith("2 open connections of this user are closed", UserConsequences.OfRemoval(program, 2, isLast: false));
        Assert.DoesNotContain("Browser sessions", UserConsequences.OfRemoval(program, 2, isLast: false));
        Assert.Contains("Browser sessions of this viewer end.", UserConsequences.OfRemoval(person, 0, isLast: true));
        Assert.StartsWith("1 open connection of this user goes on", UserConsequences.OfPassword(program, 1));
    }

    [Fact]
    public async Task A_user_is_added_with_a_role_and_with_permissions()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/security?add=true");
        await page.WriteAsync(Form, "User name", "app");
        await page.WriteAsync(Form, "Password", "secret-of-app");
        await page.WriteAsync(Form, "Role at these pages", "Viewer");
        await page.ChooseAsync(Form, "Only what is listed");
        await page.WriteAsync(Form, "Topics", "orders.*");
        await page.ChooseAsync(Form, "publish");
        page.WaitForAssertion(() => Assert.Equal(
            ["fibrilctl user add app --role viewer", "fibrilctl user permission add app 'orders.*' publish"],
            page.FindAll("[data-testid=user-form] .command-line code").Select(static line => line.TextContent)), Patience.Limit);
        await page.PressAsync(Form, "Add");

        page.WaitForElement("tr[data-key=app]", Patience.Limit);
        Assert.Equal(["app", "viewer", "orders.*: publish", "0"], page.FindAll("tr[data-key=app] td").Take(4).Select(static cell => cell.TextContent.Trim()));
    }

    [Fact]
    public async Task A_user_is_not_given_another_password_by_adding_one_of_the_same_name()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/users", new { username = "app", password = "first" });
        IRenderedComponent<PageFrame> page = Open(pages, "admin/security?add=true");
        await page.WriteAsync(Form, "User name", "app");
        await page.WriteAsync(Form, "Password", "second");
        await page.PressAsync(Form, "Add");
        page.WaitForAssertion(() => Assert.Contains("is taken", page.Find("[data-testid=user-form] .problem").TextContent), Patience.Limit);
    }

    [Fact] // U-23
    public async Task Who_removes_a_user_reads_what_happens_first()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/users", new { username = "app", password = "secret" });
        IRenderedComponent<PageFrame> page = Open(pages, "admin/security");
        page.WaitForElement("tr[data-key=app]", Patience.Limit);

        await page.PressAsync("tr[data-key=app]", "Remove");
        page.WaitForAssertion(() => Assert.Contains("Nobody is connected as this user.", page.Find(".mud-dialog").TextContent), Patience.Limit);
        await page.PressAsync(".mud-dialog", "Remove");

        page.WaitForAssertion(() => Assert.Contains("The broker stores no user.", page.Markup), Patience.Limit);
    }

    [Fact]
    public async Task Without_logins_and_tls_the_page_says_so_and_how_to_change_it()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/security");
        page.WaitForAssertion(() => Assert.Contains("admin.auth.enabled = true", page.Markup), Patience.Limit);
        page.WaitForAssertion(() => Assert.Contains("auto_self_signed = true", page.Markup), Patience.Limit);
    }

    private static IRenderedComponent<PageFrame> Open(PageHarness pages, string address)
    {
        IRenderedComponent<PageFrame> page = pages.Open<SecurityPage>(address);
        page.WaitForElement(address.Contains("add", StringComparison.Ordinal) ? Form : ".panel", Patience.Limit);
        return page;
    }
}
