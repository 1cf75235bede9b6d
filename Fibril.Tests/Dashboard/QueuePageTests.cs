using AngleSharp.Dom;
using Bunit;
using Fibril.Client;
using Fibril.Dashboard.Components.Pages.Queues;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard;

public sealed class QueuePageTests
{
    [Fact]
    public async Task The_page_of_a_queue_begins_with_why_its_messages_wait_and_what_to_do()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", group = "eu" });
        await pages.Broker.PostAsync("/admin/api/publish", new { topic = "orders", group = "eu", text = "hello" });

        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders&group=eu");

        page.WaitForAssertion(() => Assert.Contains("nobody is subscribed", page.Find(".findings .attention-head").TextContent, StringComparison.Ordinal), Patience.Limit);
        Assert.Contains("Start a consumer", page.Find(".findings .do").TextContent, StringComparison.Ordinal);
        Assert.Equal("Why is nothing moving?", page.Find("h2").TextContent);
    }

    [Fact]
    public async Task A_chart_of_a_queue_goes_as_far_back_as_queues_are_followed()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders" });

        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders&range=30d");

        page.WaitForAssertion(() => Assert.Equal(["30 min", "24 h"], page.FindAll(".range button").Select(static button => button.TextContent)), Patience.Limit);
        Assert.Equal("30 min", page.Find(".range button[aria-pressed=true]").TextContent);
    }

    [Fact] // U-08
    public async Task The_settings_of_a_queue_are_told_while_nothing_of_it_is_in_memory()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", policy = "custom", target = new { topic = "orders.failed" }, max_retries = 7 });

        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders");

        page.WaitForElement("[data-testid=configuration]", Patience.Limit);
        Assert.Contains("go to orders.failed", page.Find("[data-testid=configuration]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Most retries7", page.Find("[data-testid=configuration]").TextContent, StringComparison.Ordinal);
    }

    [Fact] // U-09
    public async Task A_setting_is_changed_after_the_page_has_told_what_that_changes()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", max_retries = 7 });
        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders&edit=true");
        page.WaitForElement("[data-testid=edit-queue]", Patience.Limit);

        await page.WriteAsync("[data-testid=edit-queue]", "Most retries", "2");
        page.WaitForAssertion(() => Assert.Equal("Most retries", page.Find("[data-testid=changes] tbody tr").GetAttribute("data-key")), Patience.Limit);
        await page.PressAsync("[data-testid=edit-queue]", "Change 1 setting");

        page.WaitForElement("[data-testid=configuration]", Patience.Limit);
        ApiResponse queue = await pages.Broker.GetAsync("/admin/api/queues/get?topic=orders");
        Assert.Equal(2, queue["queue"].GetProperty("settings").GetProperty("max_retries").GetInt32());
    }

    [Fact]
    public async Task A_purge_asks_for_the_name_of_the_queue_and_says_how_many_messages_go()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders" });
        await pages.Broker.PostAsync("/admin/api/publish", new { topic = "orders", text = "hello" });
        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders");

        await page.PressAsync("[data-testid=purge]", "Purge…");
        page.WaitForElement("[data-testid=confirm-text]", Patience.Limit);
        Assert.Contains("1 message that are ready", page.Markup, StringComparison.Ordinal);
        Assert.True(page.ButtonOf(".mud-dialog", "Purge").HasAttribute("disabled"));
        await page.ConfirmAsync("orders", "Purge");

        page.WaitForAssertion(() => Assert.Contains("1 message of orders is gone.", page.Markup, StringComparison.Ordinal), Patience.Limit);
        Assert.Equal(0, (await pages.Broker.GetAsync("/admin/api/queues/get?topic=orders"))["queue"].GetProperty("ready_count").GetInt64());
    }

    [Fact]
    public async Task A_test_message_is_followed_to_where_it_went()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", group = "eu" });
        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders&group=eu");
        page.WaitForElement("[data-testid=publish-test] button", Patience.Limit);

        await page.PressAsync("[data-testid=publish-test]", "Publish");

        page.WaitForElement("[data-testid=publish-test] [role=status] a", Patience.Limit);
        Assert.Equal("admin/message?topic=orders&group=eu&partition=0&offset=0", page.Find("[data-testid=publish-test] [role=status] a").GetAttribute("href"));
    }

    [Fact]
    public async Task A_queue_that_does_not_exist_is_told_with_the_way_back()
    {
        await using PageHarness pages = await PageHarness.StartAsync();

        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=nowhere");

        page.WaitForAssertion(() => Assert.Contains("There is no queue nowhere.", page.Markup, StringComparison.Ordinal), Patience.Limit);
        Assert.Contains(page.FindAll("a"), static link => link.GetAttribute("href") == "admin/queues");
    }

    [Fact]
    public async Task Consumers_are_listed_with_what_they_hold_and_not_those_of_queues_with_a_longer_name()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders" });
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "reorders" });
        await using Subscription mine = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 5 });
        await using Subscription other = await client.SubscribeAsync("reorders");

        IRenderedComponent<PageFrame> page = pages.Open<QueuePage>("admin/queue?topic=orders");

        page.WaitForElement("td[data-label=Holds]", Patience.Limit);
        IElement consumer = Assert.Single(page.FindAll("td[data-label=Holds]"));
        Assert.Equal("0 of 5", consumer.TextContent);
    }
}
