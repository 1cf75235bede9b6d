using Bunit;
using Fibril.Dashboard.Components.Pages.Queues;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard;

public sealed class QueuesPageTests
{
    [Fact]
    public async Task Queues_are_listed_with_what_is_in_them()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", group = "eu" });

        IRenderedComponent<PageFrame> page = pages.Open<QueuesPage>("admin/queues");

        page.WaitForAssertion(() => Assert.Equal("orders @ eu", page.Find("tr[data-key] a").TextContent), Patience.Limit);
        Assert.Equal("admin/queue?topic=orders&group=eu", page.Find("tr[data-key] a").GetAttribute("href"));
    }

    [Fact]
    public async Task A_late_answer_to_an_earlier_search_is_not_shown_over_that_of_the_last_one()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders" });
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "jobs" });
        IRenderedComponent<PageFrame> page = pages.Open<QueuesPage>("admin/queues");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tr[data-key]").Count), Patience.Limit);

        pages.Answers.Hold("q=ord");
        pages.Navigation.NavigateTo("admin/queues?q=ord");
        await Patience.Until(() => pages.Answers.Asked("q=ord") > 0);
        pages.Navigation.NavigateTo("admin/queues?q=job");
        page.WaitForAssertion(() => Assert.Equal("jobs", Assert.Single(page.FindAll("tr[data-key] a")).TextContent), Patience.Limit);
        pages.Answers.Release("q=ord");
        await page.InvokeAsync(static () => Task.Delay(200));

        Assert.Equal("jobs", Assert.Single(page.FindAll("tr[data-key] a")).TextContent);
    }

    [Fact] // U-07
    public async Task A_broker_without_queues_tells_how_one_comes_into_being()
    {
        await using PageHarness pages = await PageHarness.StartAsync();

        IRenderedComponent<PageFrame> page = pages.Open<QueuesPage>("admin/queues");

        page.WaitForAssertion(() => Assert.Contains("There is no queue yet.", page.Markup), Patience.Limit);
    }

    [Fact] // U-06
    public async Task A_queue_is_declared_with_a_default_time_to_live()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = pages.Open<QueuesPage>("admin/queues?declare=true");

        await page.WriteAsync("[data-testid=declare-queue]", "Topic", "jobs");
        await page.WriteAsync("[data-testid=declare-queue]", "Default time", "60");
        await page.PressAsync("[data-testid=declare-queue]", "Create");

        page.WaitForAssertion(() => Assert.Equal("jobs", page.Find("tr[data-key] a").TextContent), Patience.Limit);
        ApiResponse queue = await pages.Broker.GetAsync("/admin/api/queues/get?topic=jobs");
        Assert.Equal(60_000, queue["queue"].GetProperty("settings").GetProperty("default_message_ttl_ms").GetInt64());
    }
}
