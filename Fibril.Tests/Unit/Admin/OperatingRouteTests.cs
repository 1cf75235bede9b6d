using System.Net.Http.Json;
using System.Text.Json;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Streams, connections, users, drain and the record of what was done, over HTTP (admin-api 6.4, 8, 10, 14 to 16).</summary>
public sealed class OperatingRouteTests
{
    [Fact] // O-9
    public async Task Streams_are_declared_shown_bounded_and_deleted()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        Assert.Equal(201, (await admin.PostAsync("/admin/api/streams", new { topic = "ticks", partition_count = 2, durability = "durable", max_records = 10 })).Status);
        Assert.Equal((409, "declare_conflict"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/streams", new { topic = "ticks", durability = "ephemeral" })));
        Assert.Equal((400, "invalid_durability"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/streams", new { topic = "ticks", durability = "eternal" })));
        ApiResponse bounded = await admin.PutAsync("/admin/api/streams/retention", new { topic = "ticks", max_age_ms = 1000 });
        Assert.Equal((1000, JsonValueKind.Null), (bounded["max_age_ms"].GetInt32(), bounded["max_records"].ValueKind));
        ApiResponse shown = await admin.GetAsync("/admin/api/streams/get?topic=ticks");
        Assert.Equal((2, 1000), (shown["partitions"].GetArrayLength(), shown["partitions"][0].GetProperty("max_age_ms").GetInt32()));
        Assert.Equal(2, (await admin.GetAsync("/admin/api/streams"))["streams"].GetArrayLength());
        Assert.Equal(2, (await admin.GetAsync("/admin/api/streams_debug"))["queue_count"].GetInt32());
        Assert.Equal(200, (await admin.PostAsync("/admin/api/streams/delete", new { topic = "ticks" })).Status);
        Assert.Equal((404, "unknown_stream"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/streams/get?topic=ticks")));
    }

    [Fact]
    public async Task Connections_and_subscriptions_are_shown_and_a_connection_can_be_ended()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 5 });
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        JsonElement connection = (await admin.GetAsync("/admin/api/connections")).Json.EnumerateArray().First(static one => one.GetProperty("subs").GetInt32() == 1);
        Assert.Equal(("fibril", true), (connection.GetProperty("user").GetString(), connection.GetProperty("authenticated").GetBoolean()));
        JsonElement subscription = Assert.Single((await admin.GetAsync("/admin/api/subscriptions")).Json.EnumerateArray());
        Assert.Equal(("orders", 5, "active", "queue"), (
            subscription.GetProperty("topic").GetString(), subscription.GetProperty("prefetch").GetInt32(), subscription.GetProperty("state").GetString(), subscription.GetProperty("kind").GetString()));
        string id = connection.GetProperty("id").GetString()!;
        Assert.Equal(id, subscription.GetProperty("conn_id").GetString());
        Assert.Equal(200, (await admin.PostAsync($"/admin/api/connections/{id}/close", new { reason = "test" })).Status);
        await Patience.Until(async () => (await admin.GetAsync($"/admin/api/connections/{id}")).Status == 404);
        Assert.Equal((404, "unknown_connection"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/connections/nobody/close", new { })));
    }

    [Fact]
    public async Task A_broker_that_stands_alone_is_the_only_node_and_knows_the_consumer_groups()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerGroup = "workers" });
        JsonElement group = Assert.Single((await admin.GetAsync("/admin/api/cohorts"))["cohorts"].EnumerateArray());
        Assert.Equal(("orders", "workers", 1), (
            group.GetProperty("topic").GetString(), group.GetProperty("consumer_group").GetString(), group.GetProperty("members").GetArrayLength()));
        JsonElement node = Assert.Single((await admin.GetAsync("/admin/api/topology"))["coordination"].GetProperty("nodes").EnumerateArray());
        Assert.Equal((true, "off"), (node.GetProperty("live").GetBoolean(), node.GetProperty("runtime").GetProperty("tls").GetString()));
    }

    [Fact]
    public async Task What_is_not_quarantined_cannot_be_repaired()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders" });
        Assert.Empty((await admin.GetAsync("/admin/api/quarantine"))["quarantined"].EnumerateArray());
        Assert.Equal((400, "repair_failed"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/quarantine/repair?topic=orders")));
        Assert.Equal((400, "invalid_argument"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/quarantine/repair")));
    }

    [Fact]
    public async Task A_drain_tells_clients_and_can_be_taken_back()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        ApiResponse drain = await admin.PostAsync("/admin/api/drain", new { grace_ms = 1000, message = "upgrade" });
        Assert.Equal((1, "not_applicable"), (drain["connections_notified"].GetInt32(), drain["handoff"].GetString()));
        Assert.True((await admin.GetAsync("/admin/api/drain"))["draining"].GetBoolean());
        Assert.False((await admin.DeleteAsync("/admin/api/drain"))["draining"].GetBoolean());
        Assert.Equal((422, "invalid_body"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/drain", new { grace_ms = -1 })));
    }

    [Theory] // what the page says for a broker that stands alone
    [InlineData("/admin/api/coordination/membership/add-voting-member", "{\"id\":2,\"addr\":\"broker-2:7301\"}", 404, "coordination_membership_unavailable")]
    [InlineData("/admin/api/coordination/membership/add-voting-member", "{\"id\":2,\"addr\":\"broker-2\"}", 400, "invalid_coordination_member_addr")]
    [InlineData("/admin/api/coordination/membership/remove-voting-member", "{\"id\":2}", 404, "coordination_membership_unavailable")]
    [InlineData("/admin/api/repartition", "{\"topic\":\"orders\",\"partition_count\":2}", 404, "repartition_unavailable")]
    [InlineData("/admin/api/repartition", "{\"topic\":\"orders\",\"partition_count\":0}", 400, "invalid_partition_count")]
    public async Task Cluster_routes_answer_that_the_broker_stands_alone(string path, string body, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        Assert.Equal((status, code), await QueueRouteTests.CodeOf(admin.PostTextAsync(path, body)));
    }

    [Fact]
    public async Task Users_are_added_changed_and_removed_and_never_shown_with_a_hash()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/users", new { username = "ann", password = "secret-1", role = "viewer", permissions = new[] { new { topic = "orders.*", ops = List("publish") } } });
        ApiResponse users = await admin.GetAsync("/admin/api/users");
        Assert.DoesNotContain("argon", users.Text, StringComparison.OrdinalIgnoreCase);
        JsonElement ann = Assert.Single(users.Json.EnumerateArray());
        Assert.Equal(("ann", "viewer", "orders.*"), (ann.GetProperty("username").GetString(), ann.GetProperty("role").GetString(), ann.GetProperty("permissions")[0].GetProperty("topic").GetString()));
        Assert.Equal((400, "invalid_user"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/users", new { username = "@node", password = "x" })));
        Assert.Equal((400, "invalid_user"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/users", new { username = "bob", password = " " })));
        Assert.Equal((404, "unknown_user"), await QueueRouteTests.CodeOf(admin.DeleteAsync("/admin/api/users/bob")));
        Assert.Equal(200, (await admin.DeleteAsync("/admin/api/users/ann")).Status);
        string trail = (await admin.GetAsync("/admin/api/audit")).Text;
        Assert.Contains("user_removed", trail);
        Assert.DoesNotContain("secret-1", trail);
    }

    [Fact]
    public async Task A_user_is_changed_in_one_step_and_the_audit_says_what_has_changed()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        var permissions = new[] { new { topic = "orders.*", ops = List("publish") } };
        await admin.PostAsync("/admin/api/users", new { username = "ann", password = "secret-1", role = "viewer", permissions });
        Assert.Equal(1, admin.Core.Users.Version);
        await PatchAsync(admin, new { });
        await PatchAsync(admin, new { role = "viewer", permissions });
        Assert.Single(admin.Core.Audit.Newest);
        await PatchAsync(admin, new { password = "secret-2", role = "viewer", permissions = Array.Empty<object>() });
        Assert.Equal(2, admin.Core.Users.Version);
        Assert.Equal("Changed: password, permissions.", admin.Core.Audit.Newest[0].Detail);
        Assert.Equal((400, "invalid_user"), await QueueRouteTests.CodeOf(admin.PostAsync(
            "/admin/api/users", new { username = "bob", password = "x", permissions = new[] { new { topic = "", ops = List("publish") } } })));
        Assert.Null(admin.Core.Users.Find("bob"));
    }

    private static async Task PatchAsync(AdminHarness admin, object body) => Assert.Equal(
        200, (await admin.SendAsync(new HttpRequestMessage(HttpMethod.Patch, "/admin/api/users/ann") { Content = JsonContent.Create(body) })).Status);

    [Theory] // A-54 and beyond: what each role may
    [InlineData("viewer", 200, 403, 403, 403)]
    [InlineData("operator", 200, 200, 201, 403)]
    [InlineData("admin", 200, 200, 201, 200)]
    [InlineData("none", 401, 401, 401, 401)]
    public async Task A_stored_user_may_what_the_role_says(string role, int look, int payload, int declare, int users)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.Password = "root";
        });
        await admin.Core.Users.SetPasswordAsync("ann", "pw", TestContext.Current.CancellationToken);
        await admin.Core.Users.SetRoleAsync("ann", Enum.Parse<Fibril.Broker.Security.Users.UserRole>(role, ignoreCase: true));
        admin.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ann:pw"u8));
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        Assert.Equal(look, (await admin.GetAsync("/admin/api/queues")).Status);
        Assert.Equal(payload, (await admin.GetAsync("/admin/api/messages?topic=orders&include_payload=true")).Status);
        Assert.Equal(declare, (await admin.PostAsync("/admin/api/queues", new { topic = "orders" })).Status);
        Assert.Equal(users, (await admin.GetAsync("/admin/api/users")).Status);
    }

    [Fact]
    public async Task The_activity_feed_names_who_did_what_and_outlives_the_broker()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", max_retries = 2 });
        await admin.PostAsync("/admin/api/queues/delete", new { topic = "orders" });
        ApiResponse feed = await admin.GetAsync("/admin/api/audit?actor=anonymous&subject=orders");
        Assert.Equal(["queue_deleted", "queue_declared"], feed["entries"].EnumerateArray().Select(static entry => entry.GetProperty("kind").GetString()));
        Assert.Equal("2", feed["entries"][1].GetProperty("after").GetProperty("max_retries").GetString());
        Assert.Single((await admin.GetAsync("/admin/api/audit?severity=warning"))["entries"].EnumerateArray());
        string[] lines = (await admin.GetAsync("/admin/api/audit/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        await admin.Broker.CrashAsync();
        Assert.Equal(["queue_deleted", "queue_declared"], admin.Core.Audit.Newest.Select(static entry => entry.Kind));
    }

    [Fact]
    public async Task Overview_history_and_events_show_the_same_broker()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders" });
        ApiResponse overview = await admin.GetAsync("/admin/api/overview");
        Assert.Equal(200, overview.Status);
        Assert.True(overview["sys"].GetProperty("rss_mb").GetDouble() > 0);
        JsonElement storage = overview["storage"], now = overview["now"];
        Assert.Equal((0, JsonValueKind.Null), (storage.GetProperty("total_failed_syncs").GetInt32(), storage.GetProperty("flush_latency").GetProperty("max_1m_ms").ValueKind));
        Assert.Equal((false, 0), (now.GetProperty("disk_full").GetBoolean(), now.GetProperty("failing_partitions").GetInt32()));
        Assert.Equal(5000, (await admin.GetAsync("/admin/api/history"))["interval_ms"].GetInt32());
        Assert.Equal((400, "invalid_families"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/events?families=weather")));

        using HttpResponseMessage stream = await Patience.Wait(
            admin.Http.GetAsync("/admin/api/events?families=audit, attention", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int frame = 0; frame < 2; frame++)
        {
            Assert.Equal("event: tick", await Patience.Wait(reader.ReadLineAsync()));
            string data = (await Patience.Wait(reader.ReadLineAsync()))!;
            Assert.Equal(["attention", "audit"], JsonSerializer.Deserialize<JsonElement>(data["data: ".Length..]).EnumerateObject().Select(static member => member.Name));
            Assert.Equal("", await Patience.Wait(reader.ReadLineAsync()));
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Theory] // the second frame goes out when the headers are long gone
    [InlineData("overview")]
    [InlineData("history")]
    [InlineData("queues_debug")]
    [InlineData("streams_debug")]
    [InlineData("streams")]
    [InlineData("connections")]
    [InlineData("subscriptions")]
    [InlineData("cohorts")]
    [InlineData("global_dlq")]
    [InlineData("topology")]
    [InlineData("quarantine")]
    public async Task Every_family_of_events_comes_again_and_again(string family)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders" });
        await admin.PostAsync("/admin/api/streams", new { topic = "ticks" });
        using HttpResponseMessage stream = await Patience.Wait(
            admin.Http.GetAsync($"/admin/api/events?families={family}", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int frame = 0; frame < 2; frame++)
        {
            Assert.Equal("event: tick", await Patience.Wait(reader.ReadLineAsync()));
            string data = (await Patience.Wait(reader.ReadLineAsync()))!;
            Assert.NotEqual(JsonValueKind.Null, JsonSerializer.Deserialize<JsonElement>(data["data: ".Length..]).GetProperty(family).ValueKind);
            Assert.Equal("", await Patience.Wait(reader.ReadLineAsync()));
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task A_stream_of_rare_events_says_in_between_that_it_is_there()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        using HttpResponseMessage stream = await Patience.Wait(
            admin.Http.GetAsync("/admin/api/events?families=cohorts&interval_ms=50000", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int line = 0; line < 3; line++) await Patience.Wait(reader.ReadLineAsync());
        for (int silence = 0; silence < 3; silence++)
        {
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(": still here", await Patience.Wait(reader.ReadLineAsync()));
            Assert.Equal("", await Patience.Wait(reader.ReadLineAsync()));
        }

        admin.Broker.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("event: tick", await Patience.Wait(reader.ReadLineAsync()));
    }

    [Fact]
    public async Task Events_end_when_their_user_may_not_look_any_more()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.Password = "root";
        });
        await admin.Core.Users.SetPasswordAsync("ann", "pw", TestContext.Current.CancellationToken);
        await admin.Core.Users.SetRoleAsync("ann", Fibril.Broker.Security.Users.UserRole.Viewer);
        admin.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ann:pw"u8));
        using HttpResponseMessage stream = await Patience.Wait(
            admin.Http.GetAsync("/admin/api/events?families=cohorts", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int line = 0; line < 3; line++) await Patience.Wait(reader.ReadLineAsync());
        await admin.Core.Users.SetRoleAsync("ann", Fibril.Broker.Security.Users.UserRole.None);
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await Patience.Wait(reader.ReadLineAsync()));
    }

    [Fact]
    public async Task What_changes_nothing_leaves_no_trace_and_what_is_too_large_does_not_push_the_rest_out()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        for (int i = 0; i < 2; i++)
        {
            await admin.PostAsync("/admin/api/queues", new { topic = "orders", max_retries = 2 });
            await admin.PutAsync("/admin/api/queue-dlq", new { topic = "orders", policy = "discard" });
            await admin.PostAsync("/admin/api/streams", new { topic = "ticks", max_records = 5 });
            await admin.PutAsync("/admin/api/streams/retention", new { topic = "ticks", max_records = 5 });
            await admin.PostAsync("/admin/api/queues/purge", new { topic = "orders" });
            await admin.PostAsync("/admin/api/messages/delete", new { topic = "orders", offsets = List(7) });
        }

        Assert.Equal(["stream_declared", "queue_dlq_changed", "queue_declared"], admin.Core.Audit.Newest.Select(static entry => entry.Kind));
        await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "orders", filter = new { header = new Dictionary<string, string> { ["x"] = new('y', 100_000) } } });
        string kept = admin.Core.Audit.Newest[0].After!.ToJsonString();
        Assert.True(kept.Length < 100, $"{kept.Length} characters are kept");
    }

    private static T[] List<T>(params T[] items) => items;
}
