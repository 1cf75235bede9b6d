using Bunit;
using Fibril.Client;
using Fibril.Dashboard.Components.Pages.DeadLetters;
using Fibril.Tests.Support;
using Fibril.Tests.Unit.Admin;
using ChannelName = Fibril.Dashboard.Api.Models.ChannelName;

namespace Fibril.Tests.Dashboard;

public sealed class DeadLettersPageTests
{
    [Fact] // U-15, U-16
    public async Task All_queues_with_a_policy_are_shown_with_what_is_in_their_target()
    {
        await using PageHarness pages = await WithDeadLettersAsync();

        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq");

        page.WaitForAssertion(() => Assert.Equal(["dead", "orders"], page.FindAll("tr[data-key] td:first-child a").Select(static link => link.TextContent)), Patience.Limit);
        Assert.Equal("5", page.Find("tr[data-key] td:nth-child(2)").TextContent.Trim());
        Assert.Equal("admin/dlq?topic=dead", page.Find("tr[data-key] td:first-child a").GetAttribute("href"));
    }

    [Fact]
    public async Task Who_changes_the_global_target_after_somebody_else_did_sees_both_and_loses_nothing()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?edit=target");
        await page.FillAsync("[data-testid=global-target] input", "mine");
        await pages.Broker.PutAsync("/admin/api/global-dlq", new { expected_version = 0, target = new { topic = "theirs" } });

        await SaveAsync(page);
        page.WaitForAssertion(() => Assert.Contains("now it is theirs (version 1)", page.Markup), Patience.Limit);
        Assert.Equal("mine", page.Find("[data-testid=global-target] input").GetAttribute("value"));

        await SaveAsync(page);
        Assert.Equal("mine", (await pages.Broker.GetAsync("/admin/api/global-dlq"))["target"].GetProperty("topic").GetString());

        static async Task SaveAsync(IRenderedComponent<PageFrame> page)
        {
            Task saving = page.ClickAsync("Save");
            await page.ConfirmAsync();
            await saving;
        }
    }

    [Fact]
    public async Task Dead_letters_are_listed_by_cause_and_a_filter_narrows_them()
    {
        await using PageHarness pages = await WithDeadLettersAsync();

        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?topic=dead");
        page.WaitForAssertion(() => Assert.Equal(["x-exception: Timeout <n>", "JSON {id: number}"], Causes(page)), Patience.Limit);

        string fingerprint = page.FindAll("tr[data-key]")[1].GetAttribute("data-key")!;
        pages.Navigation.NavigateTo($"admin/dlq?topic=dead&fingerprint={fingerprint}");
        page.WaitForAssertion(() => Assert.Equal(["JSON {id: number}"], Causes(page)), Patience.Limit);
    }

    [Fact]
    public async Task Three_clicks_replay_all_of_one_cause_after_a_dry_run_and_the_copies_can_be_withdrawn()
    {
        await using PageHarness pages = await WithDeadLettersAsync();
        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?topic=dead");
        page.WaitForAssertion(() => Assert.False(page.Find("tr[data-key] button").HasAttribute("disabled")), Patience.Limit);

        await page.InvokeAsync(() => page.Find("tr[data-key] button").ClickAsync());
        page.WaitForAssertion(() => Assert.Contains("Dry run: 3 dead letters of 5 would be replayed.", page.Find("[data-testid=dry-run]").TextContent), Patience.Limit);
        Assert.Empty(await MessagesAsync(pages, "orders"));

        Task starting = page.ClickAsync("Replay 3 dead letters…");
        page.WaitForAssertion(() => Assert.Contains("Replay 3 dead letters to the queues they came from?", page.Markup), Patience.Limit);
        await page.ConfirmAsync();
        await starting;

        page.WaitForAssertion(() => Assert.Contains("3 replayed, 0 skipped, 0 failed.", page.Find("[data-testid=outcome]").TextContent), Patience.Limit);
        Assert.Equal(3, (await MessagesAsync(pages, "orders")).Length);

        Task undoing = page.ClickAsync("Undo: withdraw 3 copies");
        await page.ConfirmAsync();
        await undoing;
        page.WaitForAssertion(() => Assert.Contains("3 copies withdrawn", page.Markup), Patience.Limit);
        Assert.Empty(await MessagesAsync(pages, "orders"));
    }

    [Theory]
    [InlineData("Undo", 5)]
    [InlineData("Send now", 0)]
    public async Task A_deletion_waits_for_second_thoughts_and_nothing_is_sent_before(string decision, int left)
    {
        await using PageHarness pages = await WithDeadLettersAsync();
        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?topic=dead&act=delete");
        Task starting = page.ClickAsync("Delete 5 dead letters…");
        await page.ConfirmAsync("dead", "Delete");
        page.WaitForElement("[data-testid=grace]", Patience.Limit);
        Assert.Equal(5, (await MessagesAsync(pages, "dead")).Length);
        await page.ClickAsync(decision);
        await starting;

        await Patience.Until(async () => (await MessagesAsync(pages, "dead")).Length == left);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=grace]")), Patience.Limit);
        if (left > 0) Assert.DoesNotContain("dlq_deletion_started", (await pages.Broker.GetAsync("/admin/api/audit")).Text, StringComparison.Ordinal);
    }

    [Fact] // while the cause goes on failing
    public async Task What_came_in_after_the_dry_run_is_left_alone()
    {
        await using PageHarness pages = await WithDeadLettersAsync();
        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?topic=dead&act=delete");
        page.WaitForAssertion(() => Assert.Contains("what came in since is left alone", page.Find("[data-testid=dry-run]").TextContent), Patience.Limit);
        await pages.Broker.Broker.AdvanceAsync(TimeSpan.FromSeconds(1));
        await DeadLetterListTests.KillAsync(pages.Broker, 4, static _ => new MessageProperties());

        Task starting = page.ClickAsync("Delete 5 dead letters…");
        await page.ConfirmAsync("dead", "Delete");
        page.WaitForElement("[data-testid=grace]", Patience.Limit);
        await page.ClickAsync("Send now");
        await starting;

        page.WaitForAssertion(() => Assert.Contains("5 deleted", page.Find("[data-testid=outcome]").TextContent), Patience.Limit);
        Assert.Equal(4, (await MessagesAsync(pages, "dead")).Length);
    }

    [Fact]
    public async Task A_broker_that_is_lost_when_the_panel_opens_is_said_to_be()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        pages.Answers.Lost = "admin/api/session";

        IRenderedComponent<DealPanel> panel = pages.Context.Render<DealPanel>(parameters => parameters
            .Add(static deal => deal.Filter, new DeadLetterFilter(new ChannelName("dead", null))).Add(static deal => deal.IsDeletion, true));

        panel.WaitForAssertion(() => Assert.Contains("cannot be reached", panel.Markup), Patience.Limit);
    }

    [Fact]
    public async Task A_sample_is_looked_at_with_its_headers_and_payload()
    {
        await using PageHarness pages = await WithDeadLettersAsync();

        IRenderedComponent<PageFrame> page = pages.Open<DeadLettersPage>("admin/dlq?topic=dead&look=all&sample=0-1");

        page.WaitForAssertion(() => Assert.Contains("\"id\": 1", page.Find("pre.payload").TextContent), Patience.Limit);
        page.WaitForAssertion(() => Assert.Contains("Timeout 1", page.Find("dl.headers").TextContent), Patience.Limit);
    }

    /// <summary>Three dead letters of one cause, and two of another.</summary>
    private static async Task<PageHarness> WithDeadLettersAsync()
    {
        PageHarness pages = await PageHarness.StartAsync();
        await DeadLetterListTests.KillAsync(pages.Broker, 3, static number => new MessageProperties { Headers = new MessageHeaders { ["x-exception"] = $"Timeout {number}" } });
        await DeadLetterListTests.KillAsync(pages.Broker, 2, static _ => new MessageProperties());
        return pages;
    }

    private static string[] Causes(IRenderedComponent<PageFrame> page) => [.. page.FindAll("tr[data-key] strong.wrap").Select(static cause => cause.TextContent)];

    private static async Task<System.Text.Json.JsonElement[]> MessagesAsync(PageHarness pages, string topic) =>
        [.. (await pages.Broker.GetAsync($"/admin/api/messages?topic={topic}"))["items"].EnumerateArray()];
}
