using Bunit;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Streams;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard;

public sealed class StreamPageTests
{
    [Fact]
    public async Task A_stream_is_declared_and_listed_with_what_it_keeps()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = pages.Open<StreamsPage>("admin/streams?declare=true");
        page.WaitForElement("[data-testid=declare-stream] button", Patience.Limit);

        await page.WriteAsync("[data-testid=declare-stream]", "Topic", "ticks");
        await page.WriteAsync("[data-testid=declare-stream]", "Oldest record", "60");
        await page.PressAsync("[data-testid=declare-stream]", "Create");

        page.WaitForAssertion(() => Assert.Equal("1 min", page.Find("td[data-label=Keeps]").TextContent), Patience.Limit);
        Assert.Equal("admin/stream?topic=ticks", page.Find("tr[data-key] a").GetAttribute("href"));
    }

    [Fact]
    public async Task The_partitions_of_a_stream_are_shown_with_their_ends()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks" });
        await pages.Broker.PostAsync("/admin/api/publish", new { topic = "ticks", text = "one" });

        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks");

        page.WaitForAssertion(() => Assert.Equal("1", page.Find("td[data-label=Tail]").TextContent), Patience.Limit);
        Assert.Equal("0", page.Find("td[data-label=Head]").TextContent);
        Assert.Contains("No reader has a durable cursor.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_beside_the_records_reads_the_same_records()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks", partition_count = 3 });

        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks&partition=2&from=5");

        page.WaitForElement("[title='Copy: fibrilctl stream inspect ticks --partition 2 --from 5']", Patience.Limit);
    }

    [Fact] // U-11
    public async Task Keeping_less_of_a_stream_asks_for_its_name_and_says_how_many_records_go()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks" });
        for (int i = 0; i < 3; i++) await pages.Broker.PostAsync("/admin/api/publish", new { topic = "ticks", text = "one" });
        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks&edit=true");
        page.WaitForElement("[data-testid=edit-retention]", Patience.Limit);

        await page.WriteAsync("[data-testid=edit-retention]", "Most records", "1");
        page.WaitForAssertion(() => Assert.Contains("2 records are removed at once", page.Find("[data-testid=changes]").TextContent, StringComparison.Ordinal), Patience.Limit);
        await page.PressAsync("[data-testid=edit-retention]", "Change");
        await page.ConfirmAsync("ticks", "Keep less");

        page.WaitForElement("[data-testid=retention]", Patience.Limit);
        ApiResponse stream = await pages.Broker.GetAsync("/admin/api/streams/get?topic=ticks");
        Assert.Equal(1, stream["stream"].GetProperty("retention").GetProperty("max_records").GetInt64());
    }

    [Fact] // U-11
    public async Task A_stream_is_deleted_after_its_name_was_typed()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks" });
        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks");
        page.WaitForElement("td[data-label=Tail]", Patience.Limit);

        await page.PressAsync(".page-head", "Delete…");
        await page.ConfirmAsync("ticks", "Delete");

        page.WaitForAssertion(() => Assert.EndsWith("admin/streams", pages.Navigation.Uri, StringComparison.Ordinal), Patience.Limit);
        Assert.Equal(404, (await pages.Broker.GetAsync("/admin/api/streams/get?topic=ticks")).Status);
    }

    [Fact]
    public async Task Records_are_read_with_their_payloads_and_no_cursor_moves()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks" });
        for (int i = 0; i < 3; i++) await pages.Broker.PostAsync("/admin/api/publish", new { topic = "ticks", text = $"tick {i}" });

        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks&from=1&open=2");

        page.WaitForAssertion(() => Assert.Contains("tick 2", page.Find("pre.payload").TextContent, StringComparison.Ordinal), Patience.Limit);
        Assert.Equal(["1", "2"], page.FindAll("td[data-label=Offset]").Select(static cell => cell.TextContent.Trim()));
        Assert.Empty((await pages.Broker.GetAsync("/admin/api/streams/get?topic=ticks"))["partitions"][0].GetProperty("cursors").EnumerateArray());
    }

    [Fact]
    public async Task The_newest_records_are_shown_when_no_offset_is_named()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/streams", new { topic = "ticks" });
        for (int i = 0; i < 52; i++) await pages.Broker.PostAsync("/admin/api/publish", new { topic = "ticks", text = "tick" });

        IRenderedComponent<PageFrame> page = pages.Open<StreamPage>("admin/stream?topic=ticks");

        page.WaitForAssertion(() => Assert.Equal(50, page.FindAll("td[data-label=Offset]").Count), Patience.Limit);
        Assert.Equal("51", page.FindAll("td[data-label=Offset]")[^1].TextContent.Trim());
    }

    [Fact]
    public void Lifting_a_bound_takes_no_records_and_setting_one_does()
    {
        var bounded = new Retention(null, 100, null);

        Assert.False(new RetentionDraft(bounded) { Bytes = "" }.TakesRecords);
        Assert.False(new RetentionDraft(bounded) { Bytes = "200" }.TakesRecords);
        Assert.True(new RetentionDraft(bounded) { Bytes = "50" }.TakesRecords);
        Assert.True(new RetentionDraft(bounded) { AgeSeconds = "60" }.TakesRecords);
    }

    [Fact]
    public void A_bound_that_is_no_number_is_not_sent()
    {
        var draft = new RetentionDraft(new Retention(null, null, null)) { Records = "many" };

        Assert.Equal("max_records", Assert.Single(draft.Problems).Field);
        Assert.Null(draft.After);
    }
}
