using AngleSharp.Dom;
using Bunit;
using Fibril.Client;
using Fibril.Dashboard.Components.Pages.Diagnostics;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

public sealed class DiagnosticsPageTests
{
    [Fact] // U-22
    public async Task Both_logs_and_the_percentiles_of_confirms_are_shown()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await using FibrilClient client = await pages.Broker.ConnectAsync();
        await Patience.Wait(client.CreatePublisher("orders").PublishAsync("hello"u8));
        IRenderedComponent<PageFrame> page = pages.Open<DiagnosticsPage>("admin/diagnostics");
        page.WaitForElement("tr[data-key=Confirm]", Patience.Limit);
        Assert.Equal("1", page.Find("tr[data-key=Confirm] td[data-label=Count]").TextContent);
        Assert.EndsWith("ms", page.Find("tr[data-key=Confirm] td[data-label=p99]").TextContent);
        Assert.Equal(["Log of messages", "Log of events"], page.FindAll("h2").Select(static heading => heading.TextContent).Where(static text => text.StartsWith("Log of", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_broker_that_is_not_ready_is_shown_with_the_check_that_fails()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/drain", new { grace_ms = 1000 });
        IRenderedComponent<PageFrame> page = pages.Open<DiagnosticsPage>("admin/diagnostics");
        page.WaitForElement("tr[data-key=draining]", Patience.Limit);
        IElement check = page.Find("tr[data-key=draining]");
        Assert.Contains("failed", check.TextContent);
        Assert.Contains("not ready", page.Markup);
    }

    [Fact]
    public void Why_queues_stay_in_memory_is_told_by_what_happens_most()
    {
        var counters = new Dictionary<string, long> { ["skipped_active_total"] = 2, ["skipped_disabled_total"] = 9, ["skipped_not_idle_enough_total"] = 0, ["attempts_total"] = 40 };
        Assert.Equal(
            [new CleanupReason("the cleanup is switched off", 9), new CleanupReason("somebody publishes to it, or is subscribed", 2)], CleanupReason.Of(counters));
    }
}
