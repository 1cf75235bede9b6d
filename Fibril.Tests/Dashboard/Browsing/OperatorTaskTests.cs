using System.Text;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>Five things that operators do most, from the first screen and by the pages alone. The numbers of clicks are those of docs/dashboard.md; a click into a field counts.</summary>
[Collection(Chromium.Collection)]
public sealed class OperatorTaskTests(Chromium chromium)
{
    [Fact]
    public Task Why_a_queue_is_stuck_is_one_click_away() => RunAsync(1, static async (host, client) => await PublishAsync(client, "stuck", 3), static async window =>
    {
        await window.ClickAsync(window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Open stuck" }));
        await window.SeeAsync("nobody is subscribed");
    });

    [Fact]
    public Task Five_hundred_dead_letters_of_one_cause_are_replayed_with_five_clicks() => RunAsync(
        5,
        static async (host, client) =>
        {
            await client.DeclareQueueAsync("orders.dead");
            await client.DeclareQueueAsync("orders", new QueueDeclaration { DeadLetterPolicy = DeadLetterPolicy.Custom("orders.dead", null), MaxRetries = 0 });
            await PublishAsync(client, "orders", 500, static _ => new MessageProperties { Headers = new MessageHeaders { { "x-exception", "TimeoutException" } } });
            await PublishAsync(client, "orders", 20, static _ => new MessageProperties { Headers = new MessageHeaders { { "x-exception", "FormatException" } } });
            await using Subscription failing = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 600 });
            int failed = 0;
            await foreach (ReceivedMessage message in failing)
            {
                await message.FailAsync();
                if (++failed == 520) break;
            }

            using var http = new HttpClient { BaseAddress = host.Admin };
            await Patience.Until(async () => (await http.GetStringAsync("admin/api/queues/get?topic=orders.dead")).Contains("\"ready_count\":520", StringComparison.Ordinal));
        },
        static async window =>
        {
            await window.ClickAsync(window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Workbench" }));
            await window.Page.Locator("h1", new PageLocatorOptions { HasText = "Dead letters" }).WaitForAsync(); // the overview has a link of that name, too
            await window.ClickAsync(window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "orders.dead", Exact = true }).First);
            await window.ClickAsync(window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Replay 500 dead letters: x-exception: TimeoutException" }));
            await window.ClickAsync(window.Button("Replay 500 dead letters…"));
            await window.ClickAsync(window.Answer("Replay"));
            await Assertions.Expect(window.Page.Locator("[data-testid=outcome]")).ToContainTextAsync("500 replayed, 0 skipped, 0 failed.");
        });

    [Fact]
    public Task One_message_is_found_by_its_key_with_six_clicks() => RunAsync(
        6,
        static async (host, client) => await PublishAsync(client, "orders", 50, static number => new MessageProperties { Headers = new MessageHeaders { { "order-id", $"A-{number}" } } }),
        static async window =>
        {
            await window.FollowMenuAsync("Messages");
            await window.ClickAsync(window.Button("Find a message"));
            await window.WriteAsync("Queue", "orders");
            await window.WriteAsync("Key", "A-37");
            await window.ClickAsync(window.Button("Find"));
            await window.ClickAsync(window.Page.Locator("tr[data-key] a").First);
            await window.SeeAsync("Received by the broker");
            Assert.Contains("offset=37", window.Page.Url, StringComparison.Ordinal);
        });

    [Fact]
    public Task A_lease_time_is_raised_with_four_clicks_and_a_look_at_what_changes() => RunAsync(4, static (_, _) => Task.CompletedTask, static async window =>
    {
        await window.FollowMenuAsync("Settings");
        ILocator lease = window.Page.Locator("[data-setting='delivery.inflight_ttl_ms'] input");
        await window.ClickAsync(lease);
        await lease.FillAsync("90");
        await window.ClickAsync(window.Button("Review"));
        await Assertions.Expect(window.Page.Locator(".change-bar")).ToContainTextAsync("30 s");
        await window.ClickAsync(window.Button("Save 1 change"));
        await Assertions.Expect(window.Page.Locator(".change-bar")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task A_broker_is_drained_with_three_clicks() => RunAsync(3, static async (host, client) => await client.SubscribeAsync("orders"), static async window =>
    {
        await window.FollowMenuAsync("Topology");
        await window.ClickAsync(window.Button("Drain"));
        await window.ClickAsync(window.Answer("Drain"));
        await Assertions.Expect(window.Page.Locator("[data-testid=connections-left]")).ToHaveTextAsync("1");
    });

    private async Task RunAsync(int clicks, Func<HostedBroker, FibrilClient, Task> prepare, Func<BrowserWindow, Task> task)
    {
        using var directory = new TemporaryDirectory();
        await using HostedBroker host = await HostedBroker.StartAsync(directory.PathOf("data"));
        await using FibrilClient client = await host.ConnectAsync(tls: null);
        await prepare(host, client);
        await using BrowserWindow window = await chromium.OpenAsync(host.Admin);
        await window.GoAsync("");

        await task(window);

        Assert.Equal(clicks, window.ClickCount);
        Assert.Empty(window.Faults);
    }

    private static async Task PublishAsync(FibrilClient client, string topic, int count, Func<int, MessageProperties>? properties = null)
    {
        Fibril.Client.Publisher publisher = client.CreatePublisher(topic);
        for (int i = 0; i < count; i++) await publisher.PublishAsync(Encoding.UTF8.GetBytes($"message {i}"), properties?.Invoke(i));
    }
}
