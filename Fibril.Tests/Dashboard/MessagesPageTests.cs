using Bunit;
using Fibril.Dashboard.Components.Pages.Message;
using Fibril.Dashboard.Components.Pages.Messages;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Tests.Support;
using Fibril.Tests.Unit.Admin;
using MessagePlace = Fibril.Dashboard.Api.Models.MessagePlace;

namespace Fibril.Tests.Dashboard;

public sealed class MessagesPageTests
{
    [Fact] // U-12
    public async Task Messages_are_listed_with_the_ends_of_what_is_stored()
    {
        await using PageHarness pages = await WithMessagesAsync(3);

        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs&include_payload=true&limit=2");

        page.WaitForAssertion(() => Assert.Equal(["0", "1"], page.FindAll("tr[data-key] td a").Select(static link => link.TextContent)), Patience.Limit);
        Assert.Equal("admin/message?topic=jobs&partition=0&offset=0", page.Find("tr[data-key] td a").GetAttribute("href"));
        Assert.Equal("Stored: offsets 0 to 2. Looked at: 0 to 1.", page.Find("[data-testid=ends]").TextContent);
        Assert.Contains("message 0", page.Find("tr[data-key] .payload-start").TextContent);
        await page.ClickAsync("Later offsets");
        page.WaitForAssertion(() => Assert.Contains("This is the end.", page.Markup), Patience.Limit);
        Assert.Equal("2", Assert.Single(page.FindAll("tr[data-key] td a")).TextContent);
        Assert.True(page.Button("Later offsets").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_row_opens_to_all_headers_and_the_payload()
    {
        await using PageHarness pages = await WithMessagesAsync(1);

        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs&open=0");

        page.WaitForAssertion(() => Assert.Contains("message 0", page.Find("pre.payload").TextContent), Patience.Limit);
        Assert.Contains("fibril.test", page.Find("dl.headers").TextContent);
        await page.ClickAsync("Hex");
        page.WaitForAssertion(() => Assert.StartsWith("00000000  6d 65 73 73", page.Find("pre.payload").TextContent), Patience.Limit);
        Assert.Contains("as=hex", pages.Navigation.Uri);
    }

    [Fact] // U-14
    public async Task Only_dead_letters_can_be_replayed()
    {
        await using PageHarness pages = await WithMessagesAsync(1);
        await DeadLetterListTests.KillAsync(pages.Broker, 1, static _ => new());
        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs");

        await page.FillAsync("tr[data-key] input", true);
        Assert.True(page.Button("Replay").HasAttribute("disabled"));

        pages.Navigation.NavigateTo("admin/messages?topic=dead");
        page.WaitForAssertion(() => Assert.Contains("Messages of dead", page.Markup), Patience.Limit);
        await page.FillAsync("tr[data-key] input", true);
        page.WaitForAssertion(() => Assert.False(page.Button("Replay").HasAttribute("disabled")), Patience.Limit);
    }

    [Fact]
    public async Task Picked_messages_are_moved_once_that_is_confirmed_with_their_number()
    {
        await using PageHarness pages = await WithMessagesAsync(2);
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "later" });
        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs&act=move");
        await page.FillAsync("thead input", true);
        await page.FillAsync(".selection input", "later");

        Task moving = page.ClickAsync("Move");
        page.WaitForAssertion(() => Assert.Contains("Move 2 messages to later?", page.Markup), Patience.Limit);
        Assert.Contains("fibrilctl messages move jobs --partition 0 --offset 0-1 --yes --to later", page.Markup);
        await page.ConfirmAsync();
        await moving;

        page.WaitForAssertion(() => Assert.Contains("2 of 2 done", page.Markup), Patience.Limit);
        Assert.Equal(2, (await pages.Broker.GetAsync("/admin/api/messages?topic=later"))["items"].GetArrayLength());
        page.WaitForAssertion(() => Assert.Contains("No message of this kind is here.", page.Markup), Patience.Limit);
    }

    [Fact]
    public async Task Messages_are_found_by_what_is_in_them()
    {
        await using PageHarness pages = await WithMessagesAsync(5);

        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs&find=true&text=message%203");

        page.WaitForAssertion(() => Assert.Equal("3", Assert.Single(page.FindAll("tr[data-key] td a")).TextContent), Patience.Limit);
        page.WaitForAssertion(() => Assert.Equal("5 messages looked at, 1 found; that is all.", page.Find("[data-testid=found]").TextContent), Patience.Limit);
    }

    [Fact]
    public async Task What_was_found_and_how_far_that_came_are_forgotten_when_something_else_is_looked_for()
    {
        await using PageHarness pages = await WithMessagesAsync(150);
        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=jobs&find=true&text=message");
        page.WaitForAssertion(() => Assert.Contains("there is more", page.Find("[data-testid=found]").TextContent), Patience.Limit);
        Assert.NotNull(page.Button("Go on"));

        await page.WriteAsync("[data-testid=find]", "Text in the payload", "message 3");
        page.WaitForAssertion(() => Assert.Equal("", page.Find("[data-testid=found]").TextContent), Patience.Limit);
        Assert.DoesNotContain(page.FindAll("button"), static button => button.TextContent.Trim() == "Go on");

        await page.ClickAsync("Find");
        page.WaitForAssertion(() => Assert.Equal("150 messages looked at, 11 found; that is all.", page.Find("[data-testid=found]").TextContent), Patience.Limit);
    }

    [Fact]
    public async Task A_late_answer_for_one_message_says_nothing_of_the_next_one()
    {
        await using PageHarness pages = await WithMessagesAsync(2);
        pages.Answers.Hold("from=7&");
        IRenderedComponent<MessagePayload> payload = pages.Context.Render<MessagePayload>(parameters => parameters.Add(static shown => shown.Place, new MessagePlace("jobs", null, 0, 7)));
        await Patience.Until(() => pages.Answers.Asked("from=7&") > 0);
        payload.Render(parameters => parameters.Add(static shown => shown.Place, new MessagePlace("jobs", null, 0, 1)));
        payload.WaitForAssertion(() => Assert.Contains("message 1", payload.Markup), Patience.Limit);

        pages.Answers.Release("from=7&");
        await pages.Context.Renderer.Dispatcher.InvokeAsync(static () => Task.Delay(200));

        Assert.DoesNotContain("The payload is gone", payload.Markup);
        Assert.Contains("message 1", payload.Markup);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_said_not_to_be()
    {
        await using PageHarness pages = await PageHarness.StartAsync();

        IRenderedComponent<PageFrame> page = pages.Open<MessagesPage>("admin/messages?topic=nothing");

        page.WaitForAssertion(() => Assert.Contains("There is no queue nothing.", page.Markup), Patience.Limit);
    }

    [Fact]
    public async Task The_life_of_a_dead_letter_leads_to_where_it_came_from_and_back()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        await DeadLetterListTests.KillAsync(pages.Broker, 1, static _ => new());

        IRenderedComponent<PageFrame> page = pages.Open<MessagePage>("admin/message?topic=orders&offset=0");
        page.WaitForAssertion(() => Assert.Equal("admin/message?topic=dead&partition=0&offset=0", page.Find(".story li a").GetAttribute("href")), Patience.Limit);
        Assert.Contains("Failed for good: terminal nack", page.Find(".story").TextContent);

        pages.Navigation.NavigateTo("admin/message?topic=dead&offset=0");
        page.WaitForAssertion(() => Assert.Contains("This is a dead letter of", page.Markup), Patience.Limit);
        Assert.Contains(page.FindAll(".note a"), static link => link.GetAttribute("href") == "admin/message?topic=orders&partition=0&offset=0");
        Assert.Contains("Now: ready, for any consumer", page.Find(".story").TextContent);
    }

    [Fact]
    public async Task A_message_that_was_never_there_has_no_life()
    {
        await using PageHarness pages = await WithMessagesAsync(1);

        IRenderedComponent<PageFrame> page = pages.Open<MessagePage>("admin/message?topic=jobs&offset=99");

        page.WaitForAssertion(() => Assert.Contains("There is no such message.", page.Markup), Patience.Limit);
    }

    [Fact]
    public async Task An_edited_payload_is_sent_as_a_new_message()
    {
        await using PageHarness pages = await WithMessagesAsync(1);
        IRenderedComponent<PageFrame> page = pages.Open<MessagePage>("admin/message?topic=jobs&offset=0&edit=true");
        await page.FillAsync("[data-testid=send-again] textarea", "another");

        await page.ClickAsync("Send");

        page.WaitForAssertion(() => Assert.Equal("admin/message?topic=jobs&partition=0&offset=1", page.Find("[data-testid=send-again] [role=status] a").GetAttribute("href")), Patience.Limit);
        string payload = (await pages.Broker.GetAsync("/admin/api/messages?topic=jobs&from=1&include_payload=true"))["items"][0].GetProperty("payload_base64").GetString()!;
        Assert.Equal("another"u8, Convert.FromBase64String(payload));
    }

    private static async Task<PageHarness> WithMessagesAsync(int count)
    {
        PageHarness pages = await PageHarness.StartAsync();
        await pages.Broker.PostAsync("/admin/api/queues", new { topic = "jobs", partition_count = 1 });
        for (int number = 0; number < count; number++) await pages.Broker.PostAsync("/admin/api/publish", new { topic = "jobs", text = $"message {number}" });
        return pages;
    }
}
