using System.Net.Http.Json;
using System.Text;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Browsing;

/// <summary>A broker with something of everything: a backlog, consumers, delays, dead letters of two causes, a stream with a cursor, and a damaged partition.</summary>
internal sealed class PopulatedBroker : IAsyncDisposable
{
    /// <summary>The queue whose messages fail, and where they go.</summary>
    public const string Failing = "payments";
    public const string DeadLetters = "payments.dead";

    /// <summary>The queue whose file is damaged.</summary>
    public const string Damaged = "damaged";

    private readonly TemporaryDirectory _directory;
    private readonly FibrilClient _consumer;

    private PopulatedBroker(TemporaryDirectory directory, HostedBroker host, FibrilClient consumer) => (_directory, Host, _consumer) = (directory, host, consumer);

    public HostedBroker Host { get; }

    public Uri Site => Host.Admin;

    public static async Task<PopulatedBroker> StartAsync()
    {
        var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        await using (HostedBroker first = await HostedBroker.StartAsync(data))
        await using (FibrilClient client = await first.ConnectAsync(tls: null))
        {
            foreach (string text in (string[])["first", "second", "third"]) await client.CreatePublisher(Damaged).PublishAsync(Encoding.UTF8.GetBytes(text));
        }

        DamagedFile.FlipBitOf("second"u8, data);
        HostedBroker host = await HostedBroker.StartAsync(data);
        FibrilClient consumer = await host.ConnectAsync(tls: null);
        await FillAsync(host, consumer);
        return new PopulatedBroker(directory, host, consumer);
    }

    private static async Task FillAsync(HostedBroker host, FibrilClient client)
    {
        using var http = new HttpClient { BaseAddress = host.Admin };
        await PostAsync(http, "queues", new { topic = DeadLetters });
        await PostAsync(http, "queues", new { topic = Failing, policy = "custom", target = new { topic = DeadLetters }, max_retries = 0 });
        await PostAsync(http, "queues", new { topic = "orders", group = "eu", partition_count = 3 });
        foreach (string text in (string[])["declined", "declined", "limit reached"])
            await client.CreatePublisher(Failing).PublishAsync(Encoding.UTF8.GetBytes($$"""{"error":"{{text}}","amount":12.5}"""), new MessageProperties { ContentType = "application/json" });
        await using (Subscription failing = await client.SubscribeAsync(Failing))
        {
            int failed = 0;
            await foreach (ReceivedMessage message in failing)
            {
                await message.FailAsync();
                if (++failed == 3) break;
            }
        }

        Fibril.Client.Publisher orders = client.CreatePublisher("orders", new PublisherOptions { Group = "eu" });
        for (int i = 0; i < 5; i++) await orders.PublishAsync(Encoding.UTF8.GetBytes($"order {i}"), new MessageProperties { Headers = new MessageHeaders { { "order-id", $"{i}" } } });
        for (int i = 0; i < 20; i++) await client.CreatePublisher("waiting").PublishAsync("nobody reads this"u8);
        await client.DeclareStreamAsync("readings");
        for (int i = 0; i < 5; i++) await client.CreatePublisher("readings").PublishAsync(Encoding.UTF8.GetBytes($"{20 + i}"));
        await client.SubscribeAsync("orders", new SubscribeOptions { Group = "eu", Prefetch = 2 });
        using HttpResponseMessage refused = await http.PostAsJsonAsync("admin/api/publish", new { topic = Damaged, text = "finds the damage" });
        Assert.False(refused.IsSuccessStatusCode);
    }

    private static async Task PostAsync(HttpClient http, string path, object body)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync($"admin/api/{path}", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _consumer.DisposeAsync();
        await Host.DisposeAsync();
        _directory.Dispose();
    }
}
