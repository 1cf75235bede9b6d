using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Fibril.Client;
using Fibril.Tests.Support;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>What operators do, in a real browser, with a real broker in a process of its own that asks for a password.</summary>
[Collection(Chromium.Collection)]
public sealed class OperatorScenarioTests(Chromium chromium)
{
    private const string User = "ops";
    private const string Password = "correct horse battery";

    private static readonly Dictionary<string, string> WithLogins = new()
    {
        ["FIBRIL_ADMIN_AUTH_ENABLED"] = "true",
        ["FIBRIL_ADMIN_USERNAME"] = User,
        ["FIBRIL_ADMIN_PASSWORD"] = Password,
    };

    [Fact]
    public async Task A_message_is_published_seen_to_arrive_looked_at_dead_lettered_and_replayed()
    {
        using var directory = new TemporaryDirectory();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(directory.PathOf("data"), WithLogins);
        await using BrowserWindow window = await chromium.OpenAsync(broker.Admin);
        IPage page = window.Page;

        // U-26: a login leads to the page that was wanted.
        await page.GotoAsync("admin/queues");
        await window.LogInAsync(User, Password);
        await window.AliveAsync();
        Assert.EndsWith("/admin/queues", page.Url, StringComparison.Ordinal);
        await window.SeeAsync("There is no queue yet.");

        await window.ClickAsync(window.Button("Declare queue"));
        await window.WriteAsync("Topic", "jobs");
        await page.GetByLabel("Dead letters", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("custom");
        await window.WriteAsync("Dead-letter topic", "jobs.dead");
        await window.WriteAsync("Most retries", "0");
        await window.ClickAsync(window.Button("Create"));
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "jobs", Exact = true }).WaitForAsync();

        // A second pair of eyes watches the list meanwhile, and never loads it anew.
        IPage watcher = await page.Context.NewPageAsync();
        await watcher.GotoAsync("admin/queues?q=jobs");
        await watcher.Locator("[data-live=live]").WaitForAsync();
        ILocator ready = watcher.Locator("tr[data-key='jobs@'] td[data-label=Ready]");
        Assert.Equal("0", (await ready.InnerTextAsync()).Trim());

        await window.ClickAsync(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "jobs", Exact = true }));
        await window.WriteAsync("Text", """{"order":7}""");
        await window.ClickAsync(window.Button("Publish"));
        await window.SeeAsync("It is in partition 0, offset 0.");
        await Assertions.Expect(ready).ToHaveTextAsync("1");

        await window.ClickAsync(page.Locator("[data-testid=publish-test] a"));
        await window.SeeAsync("Received by the broker");
        await window.SeeAsync("Now: ready, for any consumer");
        await Assertions.Expect(page.Locator("pre.payload")).ToContainTextAsync("\"order\": 7");

        await using (FibrilClient client = await broker.ConnectAsync())
        await using (Subscription failing = await client.SubscribeAsync("jobs"))
        {
            await foreach (ReceivedMessage message in failing)
            {
                await message.FailAsync();
                break;
            }

            await Assertions.Expect(page.Locator(".story")).ToContainTextAsync("Failed for good");
        }

        await window.FollowMenuAsync("Dead letters");
        await window.ClickAsync(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "jobs.dead", Exact = true }).First);
        await window.ClickAsync(page.Locator("tr[data-key] button").First);
        await window.SeeAsync("Dry run: 1 dead letter of 1 would be replayed.");
        await window.ClickAsync(window.Button("Replay 1 dead letter…"));
        await window.ClickAsync(window.Answer("Replay"));
        await Assertions.Expect(page.Locator("[data-testid=outcome]")).ToContainTextAsync("1 replayed, 0 skipped, 0 failed.");
        await Assertions.Expect(ready).ToHaveTextAsync("1");

        // Who did it, and from where, is on record.
        await window.FollowMenuAsync("Activity");
        ILocator entry = page.Locator("tr[data-key]", new PageLocatorOptions { HasText = "dlq replay started" });
        await Assertions.Expect(entry).ToContainTextAsync(User);
        await Assertions.Expect(entry).ToContainTextAsync("127.0.0.1");
        Assert.Empty(window.Faults);
    }

    [Fact] // U-24, U-25
    public async Task A_setting_that_somebody_else_changes_meanwhile_is_saved_without_loss_for_either()
    {
        using var directory = new TemporaryDirectory();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(directory.PathOf("data"), WithLogins);
        await using BrowserWindow window = await chromium.OpenAsync(broker.Admin);
        await window.Page.GotoAsync("admin/settings?q=delivery");
        await window.LogInAsync(User, Password);
        await window.AliveAsync();

        ILocator lease = window.Page.Locator("[data-setting='delivery.inflight_ttl_ms'] input");
        await lease.FillAsync("45");
        await window.Button("Review").ClickAsync();
        using HttpClient other = Operator(broker);
        using HttpResponseMessage changed = await other.PatchAsJsonAsync(
            "admin/api/runtime-settings", new { expected_version = 1, settings = new { delivery = new { inflight_ttl_ms = 60_000, expiry_batch_max = 10 } } }, TestContext.Current.CancellationToken);
        Assert.True(changed.IsSuccessStatusCode);
        ILocator merge = window.Page.Locator("[data-testid=merge]");
        ILocator save = window.Button("Save 1 change");
        await save.Or(merge).First.WaitForAsync();
        if (!await merge.IsVisibleAsync()) await save.ClickAsync();

        ILocator mine = merge.Locator("tr[data-key='delivery.inflight_ttl_ms'] input[type=radio]").First;
        await mine.CheckAsync();
        await window.Button("Go on with these").ClickAsync();
        if (await window.Button("Review").IsVisibleAsync()) await window.Button("Review").ClickAsync();
        await save.ClickAsync();
        await Assertions.Expect(window.Page.Locator(".change-bar")).ToHaveCountAsync(0);

        string settings = await other.GetStringAsync("admin/api/runtime-settings", TestContext.Current.CancellationToken);
        Assert.Contains("\"inflight_ttl_ms\":45000", settings, StringComparison.Ordinal);
        Assert.Contains("\"expiry_batch_max\":10", settings, StringComparison.Ordinal);
        Assert.Empty(window.Faults);
    }

    [Fact] // U-01
    public async Task A_damaged_partition_is_announced_everywhere_and_repaired_after_it_was_said_what_that_costs()
    {
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        await using (BrokerProcess first = await BrokerProcess.StartAsync(data))
        {
            await using (FibrilClient client = await first.ConnectAsync())
            {
                foreach (string text in (string[])["first", "second", "third"]) await client.CreatePublisher("orders").PublishAsync(Encoding.UTF8.GetBytes(text));
            }

            await first.StopAsync();
        }

        DamagedFile.FlipBitOf("second"u8, data);
        await using BrokerProcess broker = await BrokerProcess.StartAsync(data, WithLogins);
        await using BrowserWindow window = await chromium.OpenAsync(broker.Admin);
        await window.Page.GotoAsync("admin/queue?topic=orders");
        await window.LogInAsync(User, Password);
        await window.AliveAsync();
        await window.WriteAsync("Text", "finds the damage");
        await window.ClickAsync(window.Button("Publish"));

        await window.SeeAsync("1 partition quarantined:");
        await window.ClickAsync(window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Look at the damage, and repair it" }));
        await Assertions.Expect(window.Page.Locator(".quarantined strong")).ToContainTextAsync("1 record");
        await window.ClickAsync(window.Page.Locator(".quarantined button", new PageLocatorOptions { HasText = "Repair" }));
        await Assertions.Expect(window.Answer("Repair")).ToBeDisabledAsync();
        await window.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).FillAsync("orders");
        await window.ClickAsync(window.Answer("Repair"));

        await window.SeeAsync("is repaired and serves again");
        await Assertions.Expect(window.Page.Locator(".quarantined")).ToHaveCountAsync(0);
        await using FibrilClient again = await broker.ConnectAsync();
        Assert.Equal(3, await again.CreatePublisher("orders").PublishAsync("fourth"u8, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Empty(window.Faults);
    }

    [Fact] // 17.6
    public async Task Who_may_only_look_sees_what_a_control_would_take_and_cannot_use_it()
    {
        using var directory = new TemporaryDirectory();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(directory.PathOf("data"), WithLogins);
        using HttpClient admin = Operator(broker);
        using HttpResponseMessage added = await admin.PostAsJsonAsync("admin/api/users", new { username = "guest", password = "only looking here", role = "viewer" }, TestContext.Current.CancellationToken);
        Assert.True(added.IsSuccessStatusCode);
        await using BrowserWindow window = await chromium.OpenAsync(broker.Admin);
        await window.Page.GotoAsync("admin/queues");
        await window.LogInAsync("guest", "only looking here");
        await window.AliveAsync();

        await Assertions.Expect(window.Button("Declare queue")).ToBeDisabledAsync();
        Assert.Equal("It takes the role operator; you have viewer.", await window.Button("Declare queue").GetAttributeAsync("title"));

        // Taking the role away ends the session of the page, too.
        using HttpResponseMessage removed = await admin.DeleteAsync("admin/api/users/guest", TestContext.Current.CancellationToken);
        Assert.True(removed.IsSuccessStatusCode);
        await window.Page.GetByLabel("Password").WaitForAsync();
    }

    [Fact] // 2, 17.1
    public async Task A_broker_that_restarts_leaves_what_was_shown_and_the_page_comes_back_by_itself()
    {
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        BrokerProcess broker = await BrokerProcess.StartAsync(data);
        await using (broker)
        {
            await using (FibrilClient client = await broker.ConnectAsync()) await client.CreatePublisher("orders").PublishAsync("x"u8);
            await using BrowserWindow window = await chromium.OpenAsync(broker.Admin);
            await window.GoAsync("admin/queues");
            await broker.KillAsync();

            await window.SeeAsync("The connection to this dashboard is lost.");
            Assert.True(await window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "orders", Exact = true }).IsVisibleAsync());
            await using BrokerProcess again = await BrokerProcess.StartAsync(data, "--admin-bind", broker.Admin.Authority);
            await Assertions.Expect(window.Page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
            await window.AliveAsync();
            Assert.True(await window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "orders", Exact = true }).IsVisibleAsync());
        }
    }

    private static HttpClient Operator(BrokerProcess broker)
    {
        var http = new HttpClient { BaseAddress = broker.Admin };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        return http;
    }
}
