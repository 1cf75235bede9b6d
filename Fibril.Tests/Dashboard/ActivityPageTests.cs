using System.Text.Json.Nodes;
using Bunit;
using Fibril.Dashboard.Components.Pages.Activity;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard;

public sealed class ActivityPageTests
{
    [Fact] // U-29
    public async Task An_entry_says_who_did_what_and_what_was_changed()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", max_retries = 3 });
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders", max_retries = 5 });

        IRenderedComponent<PageFrame> page = pages.Open<ActivityPage>("admin/activity?kind=queue_declared");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tr[data-key]").Count), Patience.Limit);
        Assert.Contains("anonymous", page.Find("td[data-label=Who]").TextContent, StringComparison.Ordinal);
        Assert.Equal(("max_retries", "3", "5"), (page.Find(".diff code").TextContent, page.Find(".diff del").TextContent, page.Find(".diff ins").TextContent));
    }

    [Fact]
    public async Task A_filter_that_finds_nothing_says_so()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "orders" });

        IRenderedComponent<PageFrame> page = pages.Open<ActivityPage>("admin/activity?subject=nothing-like-it");

        page.WaitForAssertion(() => Assert.Contains("No entry is like that.", page.Markup, StringComparison.Ordinal), Patience.Limit);
    }

    [Fact]
    public void Only_what_differs_is_told_wherever_it_stands()
    {
        var before = JsonNode.Parse("""{ "same": 1, "dlq": { "policy": "discard" }, "gone": true, "list": [1, 2] }""");
        var after = JsonNode.Parse("""{ "same": 1, "dlq": { "policy": "global" }, "list": [1, 3], "new": "x" }""");

        Assert.Equal(
            [new AuditDiff("dlq.policy", "discard", "global"), new AuditDiff("gone", "true", null), new AuditDiff("list", "1, 2", "1, 3"), new AuditDiff("new", null, "x")],
            AuditDiff.Between(before, after));
    }

    [Fact]
    public void A_document_that_is_gone_tells_all_that_was_in_it() =>
        Assert.Equal([new AuditDiff("policy", "discard", null)], AuditDiff.Between(JsonNode.Parse("""{ "policy": "discard", "target": null }"""), null));

    [Theory]
    [InlineData("1970-01-01T00:01", 60_000L)]
    [InlineData("1970-01-02", 86_400_000L)]
    [InlineData("1969-01-01", null)]
    [InlineData("yesterday", null)]
    [InlineData(null, null)]
    public void A_time_of_the_filter_is_read_as_utc(string? text, long? expected) => Assert.Equal(expected, AuditQuery.ReadMs(text));

    [Fact]
    public void The_command_finds_what_the_page_shows()
    {
        var query = new AuditQuery("queue_deleted", null, "orders", "ann", "2026-01-31T12:00", null);

        Assert.Equal("fibrilctl audit --kind queue_deleted --subject orders --actor ann --from-time 2026-01-31T12:00:00Z", query.Command);
        Assert.Equal("admin/api/audit?kind=queue_deleted&subject=orders&actor=ann&from_ms=1769860800000&limit=10", query.PathOf(10));
    }
}
