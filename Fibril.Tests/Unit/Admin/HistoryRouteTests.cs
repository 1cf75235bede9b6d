using System.Text.Json;
using Fibril.Broker.Statistics;
using Fibril.Client;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Fibril.Tests.Unit.Admin;

/// <summary>The history over HTTP and as live events (admin-api 6.2, 7).</summary>
public sealed class HistoryRouteTests
{
    private const string Path = "/admin/api/history";

    private static readonly string[] Names =
    [
        "at", "published_per_sec", "delivered_per_sec", "completed_per_sec", "dead_lettered_per_sec", "redelivered_per_sec", "expired_per_sec", "bytes_in_per_sec",
        "bytes_out_per_sec", "backlog", "backlog_max", "inflight", "delayed", "pending_dlq", "connections", "subscriptions", "rss_mb", "cpu", "disk_used", "disk_free",
        "confirm_p50_ms", "confirm_p99_ms", "delivery_p50_ms", "delivery_p99_ms", "sync_p50_ms", "sync_p99_ms",
    ];

    [Fact]
    public async Task A_sample_tells_what_happened_how_long_it_took_and_how_much_there_is()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        _ = admin.Services.GetRequiredService<BrokerStatistics>();
        await PublishAsync(admin);
        await admin.Broker.AdvanceAsync(TimeSpan.FromSeconds(5));
        JsonElement sample = (await admin.GetAsync(Path))["samples"].EnumerateArray().Last();
        Assert.Equal(Names, sample.EnumerateObject().Select(static member => member.Name));
        Assert.True(sample.GetProperty("published_per_sec").GetDouble() > 0);
        Assert.True(sample.GetProperty("bytes_in_per_sec").GetDouble() > 0);
        Assert.Equal((2, 2, 1, 1), (Number(sample, "backlog"), Number(sample, "backlog_max"), Number(sample, "delayed"), Number(sample, "connections")));
        Assert.Equal(JsonValueKind.Number, sample.GetProperty("confirm_p99_ms").ValueKind);
        Assert.Equal(JsonValueKind.Number, sample.GetProperty("sync_p50_ms").ValueKind);
        Assert.Equal(JsonValueKind.Null, sample.GetProperty("delivery_p50_ms").ValueKind); // nobody is subscribed
    }

    [Fact]
    public async Task Its_parameters_choose_the_range_the_rest_and_the_queue()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        _ = admin.Services.GetRequiredService<BrokerStatistics>();
        await PublishAsync(admin);
        for (int minute = 0; minute < 16; minute++) await admin.Broker.AdvanceAsync(TimeSpan.FromMinutes(1));

        ApiResponse all = await admin.GetAsync(Path);
        Assert.Equal((5000, 192, "orders"), (all["interval_ms"].GetInt32(), all["samples"].GetArrayLength(), all["queues"][0].GetProperty("topic").GetString()));
        Assert.Equal(all.Text, (await admin.GetAsync(Path + "?range=30m&queues=all")).Text);
        ApiResponse day = await admin.GetAsync(Path + "?range=24h&queues=none");
        Assert.Equal((60_000, 0), (day["interval_ms"].GetInt32(), day["queues"].GetArrayLength()));
        Assert.InRange(day["samples"].GetArrayLength(), 15, 16);
        ApiResponse month = await admin.GetAsync(Path + "?range=30d");
        Assert.Equal((900_000, 1, 0), (month["interval_ms"].GetInt32(), month["samples"].GetArrayLength(), month["queues"].GetArrayLength()));

        long seen = Number(all["samples"][189], "at");
        ApiResponse rest = await admin.GetAsync($"{Path}?since={seen}");
        Assert.Equal((2, 2), (rest["samples"].GetArrayLength(), rest["queues"][0].GetProperty("samples").GetArrayLength()));
        ApiResponse queue = await admin.GetAsync(Path + "?topic=orders&group=default");
        Assert.Equal((0, 1), (queue["samples"].GetArrayLength(), queue["queues"].GetArrayLength()));
        Assert.Equal((5000, 192), (queue["queues"][0].GetProperty("interval_ms").GetInt32(), queue["queues"][0].GetProperty("samples").GetArrayLength()));
        Assert.Equal(2, Number(queue["queues"][0].GetProperty("samples")[191], "depth"));
    }

    [Theory]
    [InlineData("?range=1h", 400, "invalid_argument")]
    [InlineData("?queues=some", 400, "invalid_argument")]
    [InlineData("?since=-1", 400, "invalid_argument")]
    [InlineData("?group=eu", 400, "invalid_argument")]
    [InlineData("?topic=orders&queues=none", 400, "invalid_argument")]
    [InlineData("?topic=Orders", 400, "invalid_topic")]
    [InlineData("?topic=nothing", 404, "unknown_queue")]
    public async Task What_cannot_be_meant_is_refused(string query, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        Assert.Equal((status, code), await QueueRouteTests.CodeOf(admin.GetAsync(Path + query)));
    }

    [Fact] // a snapshot is shared by those who want the same, and by nobody else
    public async Task Events_leave_queues_out_for_those_who_say_so_and_for_them_alone()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        _ = admin.Services.GetRequiredService<BrokerStatistics>();
        await PublishAsync(admin);
        await admin.Broker.AdvanceAsync(TimeSpan.FromSeconds(5));
        foreach ((string query, int expected) in ((string, int)[])[("", 1), ("&queues=none", 0), ("&queues=all", 1), ("&queues=none", 0)])
        {
            JsonElement history = await FirstFrameAsync(admin, $"/admin/api/events?families=history{query}");
            Assert.Equal((1, expected), (history.GetProperty("samples").GetArrayLength(), history.GetProperty("queues").GetArrayLength()));
        }

        Assert.Equal((400, "invalid_argument"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/events?families=history&queues=some")));
    }

    private static async Task<JsonElement> FirstFrameAsync(AdminHarness admin, string path)
    {
        using HttpResponseMessage stream = await Patience.Wait(admin.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("event: tick", await Patience.Wait(reader.ReadLineAsync()));
        return JsonSerializer.Deserialize<JsonElement>((await Patience.Wait(reader.ReadLineAsync()))!["data: ".Length..]).GetProperty("history");
    }

    /// <summary>Two messages that are ready, and one that is not due.</summary>
    private static async Task PublishAsync(AdminHarness admin)
    {
        FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        for (int i = 0; i < 2; i++) await Patience.Wait(publisher.PublishAsync("x"u8));
        await Patience.Wait(publisher.PublishAsync("later"u8, new MessageProperties { Delay = TimeSpan.FromHours(1) }));
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
