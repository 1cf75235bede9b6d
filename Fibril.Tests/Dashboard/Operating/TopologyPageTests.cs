using Bunit;
using Fibril.Client;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Topology;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

public sealed class TopologyPageTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, 50)]
    [InlineData(30, 0, 30, 0, 20)]
    [InlineData(120, 50, 50, 0, 0)]
    [InlineData(120, 100, 20, 0, 30)]
    [InlineData(120, 150, 0, 30, 50)]
    public void A_page_of_queues_and_streams_goes_on_where_the_last_one_ended(int queues, int offset, int ofQueues, int streamOffset, int ofStreams) =>
        Assert.Equal(new ChannelSlice(offset, ofQueues, streamOffset, ofStreams), ChannelSlice.Of(queues, offset, 50));

    [Fact]
    public void A_drain_waits_for_those_who_are_connected_and_then_it_can_be_stopped()
    {
        var state = new DrainState(true, 1_000, 30_000, "soon");
        Assert.Equal(DrainStep.Tell, DrainSteps.Of(new DrainState(false, null, null, null), 3));
        Assert.Equal(DrainStep.Wait, DrainSteps.Of(state, 1));
        Assert.Equal(DrainStep.Stop, DrainSteps.Of(state, 0));
        Assert.Equal(TimeSpan.FromSeconds(10), DrainSteps.GraceLeft(state, DateTimeOffset.FromUnixTimeMilliseconds(21_000)));
        Assert.Equal(TimeSpan.Zero, DrainSteps.GraceLeft(state, DateTimeOffset.FromUnixTimeMilliseconds(50_000)));
    }

    [Fact] // U-18
    public async Task A_broker_is_drained_in_two_clicks_and_the_page_counts_who_is_left()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        IRenderedComponent<PageFrame> page = pages.Open<TopologyPage>("admin/topology");
        page.WaitForElement(".steps", Patience.Limit);

        await page.PressAsync(".steps", "Drain");
        page.WaitForAssertion(() => Assert.Contains("1 client is told", page.Find(".mud-dialog").TextContent), Patience.Limit);
        Assert.Contains("nothing is handed over", page.Find(".mud-dialog").TextContent);
        Assert.Equal("fibrilctl drain start --grace 30s --yes", page.Find(".mud-dialog code").TextContent);
        await page.PressAsync(".mud-dialog", "Drain");

        page.WaitForAssertion(() => Assert.Equal("1", page.Find("[data-testid=connections-left]").TextContent), Patience.Limit);
        Assert.True((await pages.Broker.GetAsync("/admin/api/drain"))["draining"].GetBoolean());
        await page.PressAsync("", "Take the drain back");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=connections-left]")), Patience.Limit);
        Assert.False((await pages.Broker.GetAsync("/admin/api/drain"))["draining"].GetBoolean());
    }

    [Fact] // U-19, U-21
    public async Task Queues_and_streams_are_one_table_and_what_cannot_work_is_explained()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "jobs" });
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "clicks" });
        IRenderedComponent<PageFrame> page = pages.Open<TopologyPage>("admin/topology");
        page.WaitForAssertion(() => Assert.Equal(["jobs", "queue", "clicks", "stream"], page.FindAll("tr[data-key] td:nth-child(-n+2)").Select(static cell => cell.TextContent.Trim())), Patience.Limit);
        Assert.Contains("There are none to add or remove.", page.Markup);
    }
}
