using AngleSharp.Dom;
using Bunit;
using Fibril.Dashboard.Components.Pages.Settings;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Settings;

public sealed class SettingsPageTests
{
    private const string Lease = "[data-setting='delivery.inflight_ttl_ms']";

    [Fact]
    public async Task A_lease_time_is_raised_by_two_clicks_and_nothing_else_is_touched()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/settings?q=leased");
        Assert.Single(page.FindAll("[data-setting]"));

        await page.InvokeAsync(() => page.Find($"{Lease} input").InputAsync("45"));
        await page.PressAsync("", "Review");
        page.WaitForElement(".change-bar td", Patience.Limit);
        Assert.Equal(["30 s", "45 s"], page.FindAll(".change-bar td.num").Select(static cell => cell.TextContent));
        await page.PressAsync("", "Save 1 change");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".change-bar")), Patience.Limit);
        ApiResponse now = await pages.Broker.GetAsync("/admin/api/runtime-settings");
        Assert.Equal((2, 45_000), (now["version"].GetInt32(), now["settings"].GetProperty("delivery").GetProperty("inflight_ttl_ms").GetInt32()));
    }

    [Fact] // U-24
    public async Task Who_saves_what_somebody_else_has_changed_sees_both_and_loses_nothing()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/settings");
        await page.InvokeAsync(() => page.Find($"{Lease} input").InputAsync("45"));
        await page.PressAsync("", "Review");
        await pages.Broker.PutAsync("/admin/api/runtime-settings", new { expected_version = 1, settings = new { delivery = new { inflight_ttl_ms = 60_000, expiry_batch_max = 10 } } });

        await page.PressAsync("", "Save 1 change");

        page.WaitForElement("[data-testid=merge]", Patience.Limit);
        Assert.True(page.Button("Go on with these").HasAttribute("disabled"));
        IElement row = page.Find("[data-testid=merge] tr[data-key='delivery.inflight_ttl_ms']");
        Assert.Contains("30 s", row.TextContent);
        Assert.Contains("45 s", row.TextContent);
        Assert.Contains("1 min", row.TextContent);
        await page.InvokeAsync(() => page.Find("[data-testid=merge] tr[data-key='delivery.inflight_ttl_ms'] input[type=radio]").ChangeAsync("on"));
        await page.PressAsync("", "Go on with these");
        await page.PressAsync("", "Save 1 change");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".change-bar")), Patience.Limit);
        ApiResponse now = await pages.Broker.GetAsync("/admin/api/runtime-settings");
        Assert.Equal(
            (3, 45_000, 10),
            (now["version"].GetInt32(), now["settings"].GetProperty("delivery").GetProperty("inflight_ttl_ms").GetInt32(), now["settings"].GetProperty("delivery").GetProperty("expiry_batch_max").GetInt32()));
    }

    [Fact]
    public async Task A_value_that_cannot_be_is_told_at_its_field_and_cannot_be_saved()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/settings");
        await page.InvokeAsync(() => page.Find($"{Lease} input").InputAsync("0"));
        page.WaitForAssertion(() => Assert.Contains("is out of range; write 1 ms to", page.Find($"{Lease} .problem").TextContent), Patience.Limit);
        Assert.True(page.Button("Review").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Versions_tell_who_changed_what_and_one_can_go_back_to_any_of_them()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PutAsync("/admin/api/runtime-settings", new { expected_version = 1, settings = new { delivery = new { inflight_ttl_ms = 60_000 } } });
        IRenderedComponent<PageFrame> page = Open(pages, "admin/settings?tab=history", "tr[data-key]");
        Assert.Contains("delivery.inflight_ttl_ms: 30 s to 1 min", page.Find("tr[data-key='2']").TextContent);

        await page.PressAsync("tr[data-key='1']", "Go back");
        page.WaitForAssertion(() => Assert.Contains("delivery.inflight_ttl_ms from 1 min to 30 s", page.Find(".mud-dialog").TextContent), Patience.Limit);
        await page.PressAsync(".mud-dialog", "Go back");
        page.WaitForElement("tr[data-key='3']", Patience.Limit);

        ApiResponse now = await pages.Broker.GetAsync("/admin/api/runtime-settings");
        Assert.Equal((3, 30_000), (now["version"].GetInt32(), now["settings"].GetProperty("delivery").GetProperty("inflight_ttl_ms").GetInt32()));
    }

    [Fact]
    public async Task The_startup_configuration_is_searched_and_tells_its_sources()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = Open(pages, "admin/settings?tab=startup&q=tls.enabled", "tr[data-key]");
        Assert.Contains("default", page.Find("tr[data-key='tls.enabled']").TextContent);
        Assert.Empty(page.FindAll("tr[data-key='storage.data_dir']"));
    }

    private static IRenderedComponent<PageFrame> Open(PageHarness pages, string address, string expected = "[data-setting]")
    {
        IRenderedComponent<PageFrame> page = pages.Open<SettingsPage>(address);
        page.WaitForElement(expected, Patience.Limit);
        return page;
    }
}
