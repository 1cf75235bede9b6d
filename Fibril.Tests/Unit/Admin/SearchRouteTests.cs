using System.Text;
using System.Text.Json;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Finding messages and records over HTTP.</summary>
public sealed class SearchRouteTests
{
    [Theory]
    [InlineData("", 0, 1, 2, 3)]
    [InlineData("header=customer=7", 1)]
    [InlineData("header=customer=", 3)]
    [InlineData("header=vip=yes", 1, 2)]
    [InlineData("key=yes", 1, 2)]
    [InlineData("text=two", 2)]
    [InlineData("text=fünf", 3)]
    [InlineData("header=vip=yes&text=one", 1)]
    [InlineData("from_ms=1", 0, 1, 2, 3)]
    [InlineData("from_ms=99999999999999")]
    [InlineData("to_ms=1")]
    [InlineData("status=settled")]
    [InlineData("status=ready&partition=0", 0, 1, 2, 3)]
    public async Task A_message_is_found_by_what_is_in_it(string query, params int[] offsets)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await FillAsync(admin);
        ApiResponse found = await admin.GetAsync($"/admin/api/messages/search?topic=orders&{query}");
        Assert.Equal(200, found.Status);
        Assert.Equal(offsets, found["items"].EnumerateArray().Select(static item => item.GetProperty("offset").GetInt32()));
        Assert.Equal((true, JsonValueKind.Null, "queue"), (found["done"].GetBoolean(), found["cursor"].ValueKind, found["kind"].GetString()));
    }

    [Fact]
    public async Task A_search_goes_on_where_the_piece_before_has_ended()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await FillAsync(admin);
        var offsets = new List<int>();
        string? cursor = null;
        int scanned = 0;
        for (int piece = 0; piece < 10; piece++)
        {
            ApiResponse found = await admin.GetAsync($"/admin/api/messages/search?topic=orders&key=yes&scan=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            offsets.AddRange(found["items"].EnumerateArray().Select(static item => item.GetProperty("offset").GetInt32()));
            scanned += found["scanned"].GetInt32();
            Assert.InRange(found["scanned"].GetInt32(), 0, 1);
            if (found["done"].GetBoolean()) break;
            cursor = found["cursor"].GetString();
        }

        Assert.Equal([1, 2], offsets);
        Assert.Equal(4, scanned);
    }

    [Theory]
    [InlineData("topic=orders&header=nothing", 400, "invalid_message_search")]
    [InlineData("topic=orders&from_ms=5&to_ms=5", 400, "invalid_message_search")]
    [InlineData("topic=orders&cursor=x", 400, "invalid_message_search")]
    [InlineData("topic=orders&partition=0&cursor=1.0", 400, "invalid_message_search")]
    [InlineData("topic=ticks&status=ready", 400, "invalid_message_search")]
    [InlineData("topic=orders&status=gone", 400, "invalid_message_status_filter")]
    [InlineData("topic=orders&scan=0", 400, "invalid_argument")]
    [InlineData("topic=nothing", 404, "unknown_queue")]
    [InlineData("topic=orders&partition=5", 404, "unknown_partition")]
    [InlineData("topic=ticks&partition=5", 404, "unknown_partition")]
    public async Task A_search_that_makes_no_sense_is_refused(string query, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await FillAsync(admin);
        await admin.PostAsync("/admin/api/streams", new { topic = "ticks", partition_count = 1 });
        Assert.Equal((status, code), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages/search?" + query)));
    }

    [Fact]
    public async Task Records_of_a_stream_are_found_and_shown_like_messages()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/streams", new { topic = "ticks", partition_count = 1 });
        await using (FibrilClient client = await admin.ConnectAsync())
        {
            Fibril.Client.Publisher publisher = client.CreatePublisher("ticks");
            for (int number = 0; number < 3; number++)
                await publisher.PublishAsync(Encoding.UTF8.GetBytes($"tick {number}"), new MessageProperties { Headers = new MessageHeaders { ["number"] = $"{number}" } });
        }

        ApiResponse found = await admin.GetAsync("/admin/api/messages/search?topic=ticks&text=tick%201&include_payload=true");
        JsonElement item = Assert.Single(found["items"].EnumerateArray());
        Assert.Equal(("stream", 1, JsonValueKind.Null, "tick 1"), (
            found["kind"].GetString(), item.GetProperty("offset").GetInt32(), item.GetProperty("state").ValueKind, Encoding.UTF8.GetString(item.GetProperty("payload_base64").GetBytesFromBase64())));

        ApiResponse page = await admin.GetAsync("/admin/api/streams/records?topic=ticks&from=1&limit=1");
        Assert.Equal((2, 0, 3, true), (page["next_offset_hint"].GetInt32(), page["start_offset"].GetInt32(), page["end_offset"].GetInt32(), page["has_more"].GetBoolean()));
        Assert.Equal("1", Assert.Single(page["items"].EnumerateArray()).GetProperty("headers").GetProperty("extra").GetProperty("number").GetString());
        Assert.Equal(0, (await admin.GetAsync("/admin/api/streams/records?topic=ticks&from=99"))["items"].GetArrayLength());
        Assert.Equal((404, "unknown_stream"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/streams/records?topic=orders")));
        Assert.Equal(0, (await admin.GetAsync("/admin/api/messages/offset_at?topic=ticks&at_ms=0"))["offset"].GetInt32());
    }

    [Fact]
    public async Task The_offset_of_a_time_is_that_of_the_first_message_received_then_or_later()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await FillAsync(admin);
        long[] received = [.. (await admin.GetAsync("/admin/api/messages?topic=orders"))["items"].EnumerateArray().Select(static item => item.GetProperty("headers").GetProperty("publish_received").GetInt64())];
        for (int offset = 0; offset < received.Length; offset++)
        {
            ApiResponse found = await admin.GetAsync($"/admin/api/messages/offset_at?topic=orders&at_ms={received[offset]}");
            Assert.Equal((Array.IndexOf(received, received[offset]), received[offset]), (found["offset"].GetInt32(), found["received_ms"].GetInt64()));
        }

        ApiResponse later = await admin.GetAsync($"/admin/api/messages/offset_at?topic=orders&at_ms={received[^1] + 1}");
        Assert.Equal((4, JsonValueKind.Null, 0, 4), (later["offset"].GetInt32(), later["received_ms"].ValueKind, later["start_offset"].GetInt32(), later["end_offset"].GetInt32()));
        Assert.Equal((400, "invalid_argument"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages/offset_at?topic=orders")));
    }

    /// <summary>Four messages in the queue orders.</summary>
    private static async Task FillAsync(AdminHarness admin)
    {
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 1 });
        await using FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("zero"u8.ToArray());
        await publisher.PublishAsync("one"u8.ToArray(), new MessageProperties { Headers = new MessageHeaders { ["customer"] = "7", ["vip"] = "yes" } });
        await publisher.PublishAsync("two"u8.ToArray(), new MessageProperties { Headers = new MessageHeaders { ["vip"] = "yes" } });
        await publisher.PublishAsync("fünf"u8.ToArray(), new MessageProperties { Headers = new MessageHeaders { ["customer"] = "" } });
    }
}
