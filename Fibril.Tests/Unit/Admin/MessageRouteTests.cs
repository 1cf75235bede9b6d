using System.Text;
using System.Text.Json;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Messages and dead letters over HTTP (admin-api 11, 12, 20, O-1 to O-7).</summary>
public sealed class MessageRouteTests
{
    [Fact] // O-1, O-4
    public async Task A_page_shows_states_headers_and_the_start_of_payloads()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await PublishAsync(admin, "one", "two");
        ApiResponse page = await admin.GetAsync("/admin/api/messages?topic=orders&limit=1&include_payload=true&payload_limit_bytes=2");
        Assert.Equal((1, true, 2), (page["next_offset_hint"].GetInt32(), page["has_more"].GetBoolean(), page["end_offset"].GetInt32()));
        JsonElement message = Assert.Single(page["items"].EnumerateArray());
        Assert.Equal("on", Encoding.UTF8.GetString(message.GetProperty("payload_base64").GetBytesFromBase64()));
        Assert.Equal((3, true, "ready"), (
            message.GetProperty("payload_len").GetInt32(), message.GetProperty("payload_truncated").GetBoolean(), message.GetProperty("state").GetProperty("status").GetString()));
        Assert.Equal("text/plain; charset=utf-8", message.GetProperty("headers").GetProperty("content_type").GetString());
        JsonElement without = (await admin.GetAsync("/admin/api/messages?topic=orders&from=1"))["items"][0];
        Assert.Equal(JsonValueKind.Null, without.GetProperty("payload_base64").ValueKind);
    }

    [Theory] // O-5
    [InlineData("topic=orders&status=gone", 400, "invalid_message_status_filter")]
    [InlineData("topic=Orders", 400, "invalid_message_inspection_request")]
    [InlineData("topic=nothing", 404, "unknown_queue")]
    [InlineData("topic=orders&partition=5", 404, "unknown_partition")]
    [InlineData("group=eu", 400, "invalid_argument")]
    public async Task A_question_that_has_no_answer_is_refused(string query, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await PublishAsync(admin, "one");
        Assert.Equal((status, code), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages?" + query)));
    }

    [Fact]
    public async Task The_story_of_a_message_tells_its_life()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await PublishAsync(admin, "one");
        await using Subscription orders = await client.SubscribeAsync("orders");
        await (await orders.ReadOneAsync()).RetryAsync();
        await (await orders.ReadOneAsync()).CompleteAsync();
        string[] kinds = [];
        await Patience.Until(async () =>
        {
            ApiResponse story = await admin.GetAsync("/admin/api/messages/0/story?topic=orders");
            kinds = [.. story["events"].EnumerateArray().Select(static happened => happened.GetProperty("kind").GetString()!)];
            return kinds.Contains("settled");
        });
        Assert.Equal("published", kinds[0]);
        Assert.Contains("retried", kinds);
        Assert.Equal((404, "unknown_message"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages/1/story?topic=orders")));
        Assert.Equal((400, "invalid_argument"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages/x/story?topic=orders")));
    }

    [Fact]
    public async Task Messages_are_removed_one_by_one_and_each_says_what_became_of_it()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await PublishAsync(admin, "one", "two");
        ApiResponse answer = await admin.PostAsync("/admin/api/messages/delete", new { topic = "orders", offsets = List(1, 7) });
        Assert.Equal((2, 1), (answer["requested"].GetInt32(), answer["removed"].GetInt32()));
        Assert.Equal("unknown", answer["items"][1].GetProperty("outcome").GetString());
        Assert.Equal(1, (await admin.GetAsync("/admin/api/messages?topic=orders"))["items"].GetArrayLength());
        Assert.Equal((400, "invalid_offsets"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/messages/delete", new { topic = "orders", offsets = Array.Empty<int>() })));
    }

    [Fact]
    public async Task A_message_moves_to_another_queue_with_its_payload_and_the_headers_of_its_user()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one"u8, new MessageProperties { Headers = new MessageHeaders { ["color"] = "red" } });
        await admin.PostAsync("/admin/api/queues", new { topic = "other" });
        ApiResponse answer = await admin.PostAsync("/admin/api/messages/move", new { topic = "orders", offsets = List(0), target = new { topic = "other" } });
        Assert.Equal(("replayed", "other", 0), (
            answer["items"][0].GetProperty("outcome").GetString(), answer["items"][0].GetProperty("target_topic").GetString(), answer["items"][0].GetProperty("target_offset").GetInt32()));
        Assert.Equal(0, (await admin.GetAsync("/admin/api/messages?topic=orders"))["items"].GetArrayLength());
        await using Subscription other = await client.SubscribeAsync("other");
        ReceivedMessage moved = await other.ReadOneAsync();
        Assert.Equal(("one", "red"), (moved.GetText(), moved.Headers["color"]));
        Assert.Equal((404, "unknown_queue"), await QueueRouteTests.CodeOf(
            admin.PostAsync("/admin/api/messages/move", new { topic = "orders", offsets = List(0), target = new { topic = "nowhere" } })));
    }

    [Fact] // D-36
    public async Task The_global_target_changes_by_version()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse never = await admin.GetAsync("/admin/api/global-dlq");
        Assert.Equal((0, JsonValueKind.Null), (never["version"].GetInt32(), never["target"].ValueKind));
        ApiResponse set = await admin.PutAsync("/admin/api/global-dlq", new { expected_version = 0, target = new { topic = "dead" } });
        Assert.Equal((200, 1, "dead", 0), (set.Status, set["version"].GetInt32(), set["target"].GetProperty("topic").GetString(), set["target"].GetProperty("part").GetInt32()));
        ApiResponse late = await admin.PutAsync("/admin/api/global-dlq", new { expected_version = 0, target = (object?)null });
        Assert.Equal((409, 1), (late.Status, late["version"].GetInt32()));
        await admin.PostAsync("/admin/api/streams", new { topic = "ticks" });
        Assert.Equal((400, "invalid_global_dlq"), await QueueRouteTests.CodeOf(admin.PutAsync("/admin/api/global-dlq", new { expected_version = 1, target = new { topic = "ticks" } })));
    }

    [Fact] // D-60 to D-64
    public async Task Dead_letters_come_back_one_by_one_or_by_a_filter()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "dead" });
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", policy = "custom", target = new { topic = "dead" } });
        await PublishAsync(admin, "one", "two", "three");
        await using (Subscription orders = await client.SubscribeAsync("orders"))
        {
            for (int i = 0; i < 3; i++) await (await orders.ReadOneAsync()).FailAsync();
            await Patience.Until(async () => (await admin.GetAsync("/admin/api/messages?topic=dead"))["items"].GetArrayLength() == 3);
        }

        ApiResponse picked = await admin.PostAsync("/admin/api/dlq/replay", new { dlq_topic = "dead", offsets = List(0, 9), after = "ack" });
        Assert.Equal((2, 1), (picked["requested"].GetInt32(), picked["replayed"].GetInt32()));
        ApiResponse dry = await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", dry_run = true, filter = new { reason = List("terminal_nack") } });
        Assert.Equal(202, dry.Status);
        JsonElement counted = await EndOfAsync(admin, dry);
        Assert.Equal((2, 0), (counted.GetProperty("matched").GetInt32(), counted.GetProperty("replayed").GetInt32()));
        ApiResponse all = await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", after = "ack" });
        Assert.Equal(2, (await EndOfAsync(admin, all)).GetProperty("replayed").GetInt32());
        Assert.Equal(3, (await admin.GetAsync("/admin/api/messages?topic=orders"))["items"].GetArrayLength());
        Assert.Equal((400, "invalid_dlq_replay_request"), await QueueRouteTests.CodeOf(
            admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", filter = new { reason = List("boredom") } })));
        Assert.Equal((404, "unknown_replay"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/dlq/replay/jobs/1")));
        Assert.Equal((400, "missing_dlq_replay_offsets"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/dlq/replay", new { dlq_topic = "dead", offsets = Array.Empty<int>() })));
    }

    [Theory]
    [InlineData("{}", 2)]
    [InlineData("{\"reason\":[\"terminal_nack\",\"expired\"]}", 2)]
    [InlineData("{\"reason\":[\"expired\"]}", 0)]
    [InlineData("{\"source_topic\":\"orders\"}", 2)]
    [InlineData("{\"source_topic\":\"orders\",\"source_group\":\"eu\"}", 0)]
    [InlineData("{\"header\":{\"customer\":\"7\"}}", 1)]
    [InlineData("{\"from_ms\":1}", 2)]
    [InlineData("{\"from_ms\":99999999999999}", 0)]
    [InlineData("{\"to_ms\":99999999999999}", 2)]
    [InlineData("{\"to_ms\":1}", 0)]
    [InlineData("{\"max\":1}", 1)]
    public async Task A_replay_takes_what_meets_every_condition_of_its_filter(string filter, int matched)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "dead" });
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", policy = "custom", target = new { topic = "dead" } });
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        foreach (string customer in (string[])["7", "8"])
            await publisher.PublishAsync("x"u8, new MessageProperties { Headers = new MessageHeaders { ["customer"] = customer } });
        await using Subscription orders = await client.SubscribeAsync("orders");
        for (int i = 0; i < 2; i++) await (await orders.ReadOneAsync()).FailAsync();
        await Patience.Until(async () => (await admin.GetAsync("/admin/api/messages?topic=dead"))["items"].GetArrayLength() == 2);
        ApiResponse dry = await admin.PostTextAsync("/admin/api/dlq/replay/bulk", $$"""{ "dlq_topic": "dead", "dry_run": true, "filter": {{filter}} }""");
        Assert.Equal(202, dry.Status);
        Assert.Equal(matched, (await EndOfAsync(admin, dry)).GetProperty("matched").GetInt32());
    }

    [Theory] // O-11
    [InlineData("default")]
    [InlineData(null)]
    public async Task A_test_message_is_marked_and_confirmed(string? group)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders" });
        ApiResponse answer = await admin.PostAsync("/admin/api/publish", new { topic = "orders", group, text = "{}", content_type = "json" });
        Assert.Equal((200, 0, "queue"), (answer.Status, answer["partition"].GetInt32(), answer["kind"].GetString()));
        JsonElement headers = (await admin.GetAsync("/admin/api/messages?topic=orders"))["items"][0].GetProperty("headers");
        Assert.Equal(("application/json", "admin"), (headers.GetProperty("content_type").GetString(), headers.GetProperty("extra").GetProperty("fibril.test").GetString()));
        Assert.Equal((422, "publish_failed"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/publish", new { topic = "nowhere", text = "x" })));
        Assert.Equal((400, "topic_required"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/publish", new { topic = " ", text = "x" })));
    }

    private static async Task PublishAsync(AdminHarness admin, params string[] texts)
    {
        await using FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        foreach (string text in texts) await publisher.PublishAsync(Encoding.UTF8.GetBytes(text), new MessageProperties { ContentType = "text/plain; charset=utf-8" });
    }

    private static async Task<JsonElement> EndOfAsync(AdminHarness admin, ApiResponse started)
    {
        JsonElement job = default;
        await Patience.Until(async () =>
        {
            job = (await admin.GetAsync($"/admin/api/dlq/replay/jobs/{started["id"].GetInt64()}")).Json;
            return job.GetProperty("state").GetString() != "running";
        });
        Assert.Equal("completed", job.GetProperty("state").GetString());
        return job;
    }

    private static T[] List<T>(params T[] items) => items;
}
