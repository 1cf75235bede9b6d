using System.Text.Json;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Queues over HTTP: declare, list, empty, delete (admin-api 9, 12.2, 20).</summary>
public sealed class QueueRouteTests
{
    private static readonly string[] TwoQueues = ["b", "c:eu"];

    [Fact] // every partition; the answer says what is in effect, and what was changed
    public async Task Declaring_says_what_changed_and_leaves_the_rest_as_it_is()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse first = await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 2, max_retries = 3, policy = "custom", target = new { topic = "dead" } });
        Assert.Equal((201, 2, true), (first.Status, first["partition_count"].GetInt32(), first["is_new"].GetBoolean()));
        ApiResponse second = await admin.PostAsync("/admin/api/queues", new { topic = " orders ", group = "default", max_messages = 10 });
        JsonElement change = Assert.Single(second["changes"].EnumerateArray());
        Assert.Equal(("max_messages", "none", "10"), (change.GetProperty("setting").GetString(), change.GetProperty("before").GetString(), change.GetProperty("after").GetString()));
        JsonElement settings = (await admin.GetAsync("/admin/api/queues/get?topic=orders"))["queue"].GetProperty("settings");
        Assert.Equal((3, "custom", "dead"), (
            settings.GetProperty("max_retries").GetInt32(), settings.GetProperty("dlq").GetProperty("policy").GetString(),
            settings.GetProperty("dlq").GetProperty("target").GetProperty("topic").GetString()));
        Assert.Equal(2, (await admin.GetAsync("/admin/api/queues/get?topic=orders"))["partitions"].GetArrayLength());
    }

    [Theory]
    [InlineData("{\"topic\":\" \"}", 400, "invalid_topic")]
    [InlineData("{\"topic\":\"Orders\"}", 400, "invalid_topic")]
    [InlineData("{\"topic\":\"orders\",\"group\":\"a..b\"}", 400, "invalid_topic")]
    [InlineData("{\"topic\":\"orders\",\"policy\":\"custom\"}", 400, "missing_queue_dlq_target")]
    [InlineData("{\"topic\":\"orders\",\"policy\":\"custom\",\"target\":{\"topic\":\"Dead\"}}", 400, "invalid_queue_dlq_target")]
    [InlineData("{\"topic\":\"orders\",\"policy\":\"custom\",\"target\":{\"topic\":\"orders\"}}", 400, "invalid_queue_dlq_target")]
    [InlineData("{\"topic\":\"orders\",\"partition_count\":5000}", 400, "invalid_queue")]
    [InlineData("{\"topic\":\"orders\",\"partition_count\":-1}", 400, "invalid_queue")]
    [InlineData("{\"topic\":\"ticks\"}", 409, "channel_kind_conflict")]
    public async Task A_declaration_that_cannot_be_is_refused(string body, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/streams", new { topic = "ticks" });
        ApiResponse answer = await admin.PostTextAsync("/admin/api/queues", body);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(0, (await admin.GetAsync("/admin/api/queues/list"))["total"].GetInt32());
    }

    [Fact] // the count need not be known, and nothing goes while a message is leased
    public async Task Deleting_takes_all_partitions_or_none()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 3 });
        await admin.PostAsync("/admin/api/publish", new { topic = "orders", text = "one" });
        await using (FibrilClient client = await admin.ConnectAsync())
        {
            await (await client.SubscribeAsync("orders")).ReadOneAsync();
            ApiResponse refused = await admin.PostAsync("/admin/api/queues/delete", new { topic = "orders" });
            Assert.Equal((409, "queue_has_inflight"), (refused.Status, refused.Code));
            Assert.Equal(3, (await admin.GetAsync("/admin/api/queues/get?topic=orders"))["partitions"].GetArrayLength());
        }

        // The session waits for its client for a while, with the lease.
        await Patience.Until(() =>
        {
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
            return admin.Core.Sessions.Sessions.All.Count == 0;
        });
        Assert.Equal(200, (await admin.PostAsync("/admin/api/queues/delete", new { topic = "orders", partition_count = 1, confirm_topic = "orders" })).Status);
        Assert.Equal((404, "unknown_queue"), await CodeOf(admin.GetAsync("/admin/api/queues/get?topic=orders")));
        ApiResponse again = await admin.PostAsync("/admin/api/queues/delete", new { topic = "orders" });
        Assert.Equal((200, 0), (again.Status, again["partition_count"].GetInt32()));
        Assert.Equal((409, "confirmation_mismatch"), await CodeOf(admin.PostAsync("/admin/api/queues/delete", new { topic = "orders", confirm_topic = "order" })));
    }

    [Theory]
    [InlineData("ready", 2, 1, 1)]
    [InlineData("delayed", 1, 2, 0)]
    [InlineData("all", 3, 0, 0)]
    public async Task A_purge_removes_what_its_scope_says_and_nobody_holds(string scope, int purged, int ready, int delayed)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("one"u8);
        await publisher.PublishAsync("two"u8);
        await publisher.PublishAsync("later"u8, new MessageProperties { Delay = TimeSpan.FromHours(1) });
        ApiResponse answer = await admin.PostAsync("/admin/api/queues/purge", new { topic = "orders", scope });
        Assert.Equal((200, purged), (answer.Status, answer["purged"].GetInt32()));
        JsonElement state = (await admin.GetAsync("/admin/api/queues/get?topic=orders"))["partitions"][0].GetProperty("state");
        Assert.Equal(scope == "ready" ? 0 : ready, state.GetProperty("ready_count").GetInt32());
        Assert.Equal(scope == "ready" ? 1 : delayed, state.GetProperty("delayed_count").GetInt32());
        Assert.Equal($"Removed {purged} message(s), scope {scope}.", Assert.Single(admin.Core.Audit.Newest).Detail);
        Assert.Equal((404, "unknown_queue"), await CodeOf(admin.PostAsync("/admin/api/queues/purge", new { topic = "nothing" })));
        Assert.Equal((404, "unknown_partition"), await CodeOf(admin.PostAsync("/admin/api/queues/purge", new { topic = "orders", partition = 7 })));
    }

    [Fact]
    public async Task A_purge_that_a_fault_ends_early_says_what_it_has_removed_until_then()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 3 });
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        for (int i = 0; i < 6; i++) await publisher.PublishAsync("one"u8); // it goes round
        QueuePartition[] partitions = new QueuePartition[3];
        for (int i = 0; i < 3; i++) partitions[i] = await admin.Core.Queues.GetAsync(new PartitionId(new QueueName("orders", null), i));
        using var fault = new HeldBrokenCommand();
        await fault.HoldAsync(partitions[1]);
        Task<ApiResponse> purging = admin.PostAsync("/admin/api/queues/purge", new { topic = "orders" });
        await Patience.Until(() => partitions[0].ActiveCount == 0);
        fault.Release();

        ApiResponse answer = await purging;
        Assert.Equal((503, "partition_unavailable"), (answer.Status, answer.Code));
        Assert.Contains("2 message(s) of 1 partition(s) were removed; purge again for the rest", answer["message"].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, partitions[2].ActiveCount);
        JsonElement noted = Assert.Single((await admin.GetAsync("/admin/api/audit?kind=queue_purged"))["entries"].EnumerateArray());
        Assert.StartsWith("Removed 2 message(s), scope all. Then it ended early: ", noted.GetProperty("detail").GetString(), StringComparison.Ordinal);

        ApiResponse nothing = await admin.PostAsync("/admin/api/queues/purge", new { topic = "orders", partition = 1 });
        Assert.Equal((503, "partition_unavailable"), (nothing.Status, nothing.Code));
        Assert.Single((await admin.GetAsync("/admin/api/audit?kind=queue_purged"))["entries"].EnumerateArray()); // nothing was removed
    }

    [Fact]
    public async Task Lists_are_searched_sorted_and_cut_into_pages_by_the_broker()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        foreach (string topic in (string[])["a", "b", "other"]) await admin.PostAsync("/admin/api/queues", new { topic });
        await admin.PostAsync("/admin/api/queues", new { topic = "c", group = "eu" });
        for (int i = 0; i < 2; i++) await admin.PostAsync("/admin/api/publish", new { topic = "b", text = "x" });
        await admin.PostAsync("/admin/api/publish", new { topic = "c", group = "eu", text = "x" });
        ApiResponse page = await admin.GetAsync("/admin/api/queues?sort=-ready_count&limit=2");
        Assert.Equal(TwoQueues, page["queues"].EnumerateObject().Select(static queue => queue.Name));
        Assert.Equal("4", page.Header("X-Total-Count"));
        Assert.Equal("</admin/api/queues?sort=-ready_count&limit=2&offset=2>; rel=\"next\"", page.Header("Link"));
        ApiResponse last = await admin.GetAsync("/admin/api/queues?sort=-ready_count&limit=2&offset=2");
        Assert.Null(last.Header("Link"));
        ApiResponse found = await admin.GetAsync("/admin/api/queues/list?q=OTH");
        Assert.Equal((1, "other"), (found["total"].GetInt32(), found["queues"][0].GetProperty("topic").GetString()));
        ApiResponse debug = await admin.GetAsync("/admin/api/queues_debug?limit=1");
        Assert.Equal((4, 1), (debug["queue_count"].GetInt32(), debug["queues"].GetArrayLength()));
        Assert.Equal((400, "invalid_argument"), await CodeOf(admin.GetAsync("/admin/api/queues?sort=colour")));
    }

    [Theory]
    [InlineData("sort=oldest_ready", "a b empty unused")]
    [InlineData("sort=-oldest_ready", "b a empty unused")]
    [InlineData("sort=-oldest_ready&limit=2&offset=1", "a empty")]
    [InlineData("active=true", "a b")]
    [InlineData("active=false", "empty unused")]
    [InlineData("active=false&q=use", "unused")]
    [InlineData("state=backlog", "a b")]
    [InlineData("state=no_consumer", "a")]
    [InlineData("state=empty", "empty")]
    [InlineData("state=unloaded", "unused")]
    [InlineData("state=error", "")]
    public async Task The_list_is_of_those_that_are_asked_for_and_what_has_no_age_comes_last(string query, string topics)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        foreach (string topic in (string[])["a", "b", "empty", "unused"]) await client.DeclareQueueAsync(topic);
        await admin.PostAsync("/admin/api/publish", new { topic = "a", text = "x" });
        await admin.PostAsync("/admin/api/publish", new { topic = "empty", text = "x" });
        await admin.PostAsync("/admin/api/queues/purge", new { topic = "empty" });
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 2; i++) await admin.PostAsync("/admin/api/publish", new { topic = "b", text = "x" });
        await using Subscription subscription = await client.SubscribeAsync("b", new SubscribeOptions { Prefetch = 1 });
        await subscription.ReadOneAsync();

        ApiResponse list = await admin.GetAsync($"/admin/api/queues/list?{query}");
        Assert.Equal(topics, string.Join(' ', list["queues"].EnumerateArray().Select(static queue => queue.GetProperty("topic").GetString())));
        if (!query.Contains("offset", StringComparison.Ordinal)) Assert.Equal(list["queues"].GetArrayLength(), list["total"].GetInt32());
    }

    [Fact]
    public async Task A_queue_whose_partition_serves_nobody_is_listed_as_an_error()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        foreach (string topic in (string[])["broken", "well"]) await admin.PostAsync("/admin/api/publish", new { topic, text = "x" });
        await (await admin.Core.Queues.GetAsync(new PartitionId(new QueueName("broken", null), 0))).PostAsync(new BrokenCommand(), CancellationToken.None);
        await Patience.Until(() => admin.Core.Queues.OutOfService.Any());
        JsonElement row = Assert.Single((await admin.GetAsync("/admin/api/queues/list?state=error"))["queues"].EnumerateArray());
        Assert.Equal("broken", row.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task A_row_tells_who_publishes_and_how_much_became_dead_letters_since_the_queue_was_loaded()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "dead" });
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", policy = "custom", target = new { topic = "dead" } });
        await using (FibrilClient client = await admin.ConnectAsync())
        {
            await client.CreatePublisher("orders").PublishAsync("one"u8);
            await client.CreatePublisher("orders").PublishAsync("two"u8); // the same connection
            await using FibrilClient other = await admin.ConnectAsync();
            await other.CreatePublisher("orders").PublishAsync("three"u8);
            await using Subscription orders = await client.SubscribeAsync("orders");
            for (int i = 1; i <= 2; i++)
            {
                await (await orders.ReadOneAsync()).FailAsync();
                await Patience.Until(async () => (await RowAsync(admin)).GetProperty("dead_lettered_total").GetInt32() == i);
            }

            Assert.Equal(2, (await RowAsync(admin)).GetProperty("publishers").GetInt32());
            Assert.Equal("orders", (await admin.GetAsync("/admin/api/queues/list?sort=-dead_lettered_total"))["queues"][0].GetProperty("topic").GetString());
            Assert.Equal("orders", (await admin.GetAsync("/admin/api/queues/list?sort=-publishers"))["queues"][0].GetProperty("topic").GetString());
        }

        await Patience.Until(async () => (await RowAsync(admin)).GetProperty("publishers").GetInt32() == 0);

        static async Task<JsonElement> RowAsync(AdminHarness admin) => (await admin.GetAsync("/admin/api/queues/get?topic=orders"))["queue"];
    }

    [Fact]
    public async Task The_policy_of_a_queue_is_set_for_all_of_it()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        Assert.Equal(200, (await admin.PutAsync("/admin/api/queue-dlq", new { topic = "orders", policy = "global", max_retries = 1 })).Status);
        JsonElement settings = (await admin.GetAsync("/admin/api/queues/list"))["queues"][0].GetProperty("settings");
        Assert.Equal(("global", 1), (settings.GetProperty("dlq").GetProperty("policy").GetString(), settings.GetProperty("max_retries").GetInt32()));
        Assert.Equal((422, "invalid_body"), await CodeOf(admin.PutAsync("/admin/api/queue-dlq", new { topic = "orders" })));
    }

    internal static async Task<(int Status, string? Code)> CodeOf(Task<ApiResponse> answer) => ((await answer).Status, (await answer).Code);
}
