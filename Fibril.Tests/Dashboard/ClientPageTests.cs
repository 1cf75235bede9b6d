using Bunit;
using Fibril.Client;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Clients;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard;

public sealed class ClientPageTests
{
    [Fact] // U-17
    public async Task Connections_are_listed_with_who_they_are_and_what_they_do()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders");

        IRenderedComponent<PageFrame> page = pages.Open<ConnectionsPage>("admin/connections");

        page.WaitForAssertion(() => Assert.Equal("1", page.Find("td[data-label=Subscriptions]").TextContent), Patience.Limit);
        Assert.Equal("fibril", page.Find("td[data-label=User]").TextContent.Trim());
        Assert.StartsWith("admin/consumer?id=", page.Find("td[data-label=Client] a").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact] // U-17
    public async Task A_connection_is_closed_with_the_reason_in_the_audit_trail()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        IRenderedComponent<PageFrame> page = pages.Open<ConnectionsPage>("admin/connections");
        page.WaitForElement("tr[data-key]", Patience.Limit);

        await page.PressAsync("tr[data-key]", "Close");
        await page.WriteAsync(".mud-dialog", "Reason", "it floods");
        await page.PressAsync(".mud-dialog", "Close it");

        page.WaitForAssertion(() => Assert.Contains("is closed.", page.Markup, StringComparison.Ordinal), Patience.Limit);
        Assert.Contains("it floods", (await pages.Broker.GetAsync("/admin/api/audit?kind=connection_closed"))["entries"][0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_client_says_why_it_gets_nothing_and_what_it_is_subscribed_to()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders");
        string id = (await pages.Broker.GetAsync("/admin/api/connections")).Json[0].GetProperty("id").GetString()!;

        IRenderedComponent<PageFrame> page = pages.Open<ConsumerPage>($"admin/consumer?id={id}");

        page.WaitForElement("td[data-label=Channel] a", Patience.Limit);
        Assert.Equal("admin/queue?topic=orders", page.Find("td[data-label=Channel] a").GetAttribute("href"));
        Assert.Contains("Nothing stands in the way.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_has_gone_is_told_with_the_way_back()
    {
        await using PageHarness pages = await PageHarness.StartAsync();

        IRenderedComponent<PageFrame> page = pages.Open<ConsumerPage>($"admin/consumer?id={Guid.Empty}");

        page.WaitForAssertion(() => Assert.Contains("There is no such connection", page.Markup, StringComparison.Ordinal), Patience.Limit);
        Assert.Contains(page.FindAll("a"), static link => link.GetAttribute("href") == "admin/connections");
    }

    [Fact]
    public async Task Exclusive_groups_are_shown_with_who_has_which_partition()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 3 });
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerGroup = "workers" });

        IRenderedComponent<PageFrame> page = pages.Open<SubscriptionsPage>("admin/subscriptions");

        page.WaitForAssertion(() => Assert.Contains("has 0 to 2", page.Find(".members").TextContent, StringComparison.Ordinal), Patience.Limit);
        Assert.Equal(3, page.FindAll("td[data-label=Channel]").Count);
    }

    [Fact] // U-33
    public void The_diagram_shows_the_busiest_of_each_side_and_counts_the_others()
    {
        ConnectionRow[] rows = [.. Enumerable.Range(0, 20).Select(static number => Row(number, published: number, subscriptions: number == 3 ? 1 : 0))];

        DiagramSides sides = DiagramSides.Of(rows);

        Assert.Equal([19, 18, 17], sides.Publishers.Take(3).Select(static row => (int)row.Published));
        Assert.Equal((13, 6), (sides.Publishers.Count, sides.MorePublishers));
        Assert.Equal("3", Assert.Single(sides.Subscribers).Id);
        Assert.Equal(1, sides.Idle);
    }

    [Fact]
    public async Task The_diagram_is_a_view_of_its_own_address()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders");

        IRenderedComponent<PageFrame> page = pages.Open<ConnectionsPage>("admin/connections?view=diagram");

        page.WaitForElement("svg.diagram a", Patience.Limit);
        Assert.Contains("1 subscription", page.Find("svg.diagram a").TextContent, StringComparison.Ordinal);
    }

    private static ConnectionRow Row(int number, long published, int subscriptions) => new($"{number}", "127.0.0.1:1", 5, true, subscriptions, published, "fibril", "test", "1", null, true, 0);
}
