using System.Text;
using System.Text.Json;
using Fibril.Broker.Security.Users;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Dead letters at a glance, over HTTP: which queues have any (U-15, U-16), and of which causes.</summary>
public sealed class DeadLetterListTests
{
    [Fact]
    public async Task Dead_letters_are_sorted_by_cause_the_largest_first()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await KillAsync(admin, 3, number => new MessageProperties { Headers = new MessageHeaders { ["x-exception"] = $"Timeout of order {number} after {number * 10} ms" } });
        await KillAsync(admin, 2, static number => new MessageProperties { Headers = new MessageHeaders { ["x-error-code"] = "E7" } });
        ApiResponse groups = await admin.GetAsync("/admin/api/dlq/groups?topic=dead&intervals=3&interval_ms=60000");
        Assert.Equal((5, 5, false), (groups["examined"].GetInt32(), groups["matched"].GetInt32(), groups["is_cut"].GetBoolean()));
        JsonElement[] rows = [.. groups["groups"].EnumerateArray()];
        Assert.Equal([3, 2], rows.Select(static row => row.GetProperty("count").GetInt32()));
        JsonElement first = rows[0];
        Assert.Equal("x-exception: Timeout of order <n> after <n> ms", first.GetProperty("title").GetString());
        Assert.Equal(("headers", "terminal_nack", "orders", JsonValueKind.Null), (
            first.GetProperty("basis").GetString(), first.GetProperty("reason").GetString(), first.GetProperty("source_topic").GetString(), first.GetProperty("source_group").ValueKind));
        Assert.Equal([2, 1, 0], first.GetProperty("samples").EnumerateArray().Select(static sample => sample.GetProperty("offset").GetInt32()));
        Assert.Equal((0, 0), (first.GetProperty("retries_min").GetInt32(), first.GetProperty("retries_max").GetInt32()));
        Assert.Equal(3, first.GetProperty("counts").EnumerateArray().Sum(static count => count.GetInt32()));
        Assert.Equal(5, groups["histogram"].GetProperty("counts").EnumerateArray().Sum(static count => count.GetInt32()));
        Assert.Equal(JsonValueKind.Null, groups["other"].ValueKind);
    }

    [Fact]
    public async Task A_scan_is_bounded_and_looks_at_the_newest()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await KillAsync(admin, 3, static _ => new MessageProperties { Headers = new MessageHeaders { ["error"] = "old" } });
        await KillAsync(admin, 2, static _ => new MessageProperties { Headers = new MessageHeaders { ["error"] = "new" } });
        ApiResponse groups = await admin.GetAsync("/admin/api/dlq/groups?topic=dead&limit=2");
        Assert.Equal((2, 2, true), (groups["examined"].GetInt32(), groups["matched"].GetInt32(), groups["is_cut"].GetBoolean()));
        Assert.Equal("error: new", Assert.Single(groups["groups"].EnumerateArray()).GetProperty("title").GetString());
        Assert.False((await admin.GetAsync("/admin/api/dlq/groups?topic=dead&limit=5"))["is_cut"].GetBoolean());
    }

    [Fact] // payloads are shown to operators, and so are the names of their fields
    public async Task Who_may_not_see_payloads_does_not_see_the_names_of_their_fields_either()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync(static options =>
        {
            options.Admin.Auth.Enabled = true;
            options.Admin.Auth.UserName = "root";
            options.Admin.Auth.Password = "root";
        });
        admin.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("root:root"u8));
        await KillAsync(admin, 1, static _ => new MessageProperties(), "{\"ann@example.com\":1}");
        JsonElement full = (await admin.GetAsync("/admin/api/dlq/groups?topic=dead"))["groups"][0];
        Assert.Equal("JSON {ann@example.com: number}", full.GetProperty("title").GetString());
        await admin.Core.Users.SetPasswordAsync("ann", "pw", TestContext.Current.CancellationToken);
        await admin.Core.Users.SetRoleAsync("ann", UserRole.Viewer);
        admin.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ann:pw"u8));
        JsonElement seen = (await admin.GetAsync("/admin/api/dlq/groups?topic=dead"))["groups"][0];
        Assert.Equal((full.GetProperty("fingerprint").GetString(), "payload_shape"), (seen.GetProperty("fingerprint").GetString(), seen.GetProperty("basis").GetString()));
        Assert.DoesNotContain("ann@", seen.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((403, "forbidden"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/messages/search?topic=dead&text=ann")));
        Assert.Equal(200, (await admin.GetAsync("/admin/api/messages/search?topic=dead&key=ann")).Status);
    }

    [Theory]
    [InlineData("topic=nothing", 404, "unknown_queue")]
    [InlineData("topic=dead&partition=5", 404, "unknown_partition")]
    [InlineData("topic=dead&limit=0", 400, "invalid_argument")]
    [InlineData("topic=dead&intervals=169", 400, "invalid_argument")]
    [InlineData("topic=Dead", 400, "invalid_topic")]
    public async Task A_question_about_causes_that_has_no_answer_is_refused(string query, int status, string code)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "dead" });
        Assert.Equal((status, code), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/dlq/groups?" + query)));
    }

    [Fact] // U-15, U-16
    public async Task Every_queue_with_a_policy_is_listed_with_the_depth_of_its_target_loaded_or_not()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await KillAsync(admin, 2, static _ => new MessageProperties());
        await admin.PostAsync("/admin/api/queues", new { topic = "mail", policy = "global", max_retries = 4 });
        await admin.PostAsync("/admin/api/queues", new { topic = "news", policy = "discard" });
        ApiResponse list = await admin.GetAsync("/admin/api/dlq");
        Assert.Equal(["mail", "orders"], list["queues"].EnumerateArray().Select(static row => row.GetProperty("topic").GetString()));
        (JsonElement mail, JsonElement orders) = (list["queues"][0], list["queues"][1]);
        Assert.Equal(("global", JsonValueKind.Null, 4, JsonValueKind.Null), (
            mail.GetProperty("policy").GetString(), mail.GetProperty("target").ValueKind, mail.GetProperty("max_retries").GetInt32(), mail.GetProperty("target_depth").ValueKind));
        Assert.Equal(("custom", "dead", 2), (
            orders.GetProperty("policy").GetString(), orders.GetProperty("target").GetProperty("topic").GetString(), orders.GetProperty("target_depth").GetInt32()));
        JsonElement dead = Assert.Single(list["targets"].EnumerateArray());
        Assert.Equal((true, false, 1, 2, 2), (
            dead.GetProperty("exists").GetBoolean(), dead.GetProperty("is_global").GetBoolean(), dead.GetProperty("source_count").GetInt32(), dead.GetProperty("depth").GetInt32(),
            dead.GetProperty("received_last_hour").GetInt32()));
        Assert.True(dead.GetProperty("oldest_ms").GetInt64() > 0);

        ApiResponse page = await admin.GetAsync("/admin/api/dlq?q=ord&limit=1");
        Assert.Equal((1, "orders"), (page["total"].GetInt32(), page["queues"][0].GetProperty("topic").GetString()));
    }

    [Fact]
    public async Task The_global_target_is_listed_before_anything_is_in_it()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PutAsync("/admin/api/global-dlq", new { expected_version = 0, target = new { topic = "graves" } });
        JsonElement target = Assert.Single((await admin.GetAsync("/admin/api/dlq/targets"))["targets"].EnumerateArray());
        Assert.Equal(("graves", false, true, 0, JsonValueKind.Null), (
            target.GetProperty("topic").GetString(), target.GetProperty("exists").GetBoolean(), target.GetProperty("is_global").GetBoolean(), target.GetProperty("source_count").GetInt32(),
            target.GetProperty("depth").ValueKind));
    }

    [Fact]
    public async Task A_target_that_is_not_in_memory_has_no_depth_until_it_is_asked_for()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await KillAsync(admin, 2, static _ => new MessageProperties());
        await Patience.Until(async () => await admin.Core.Queues.UnloadAsync(new(new("dead", null), 0)) == Fibril.Broker.Channels.Slots.UnloadOutcome.Unloaded);
        Assert.Equal(JsonValueKind.Null, (await admin.GetAsync("/admin/api/dlq"))["queues"][0].GetProperty("target_depth").ValueKind);
        ApiResponse loaded = await admin.GetAsync("/admin/api/dlq?load=true");
        Assert.Equal((2, 2), (loaded["queues"][0].GetProperty("target_depth").GetInt32(), loaded["targets"][0].GetProperty("depth").GetInt32()));
    }

    /// <summary>Publishes messages to the queue orders, which all fail, and waits until they are dead letters.</summary>
    internal static async Task KillAsync(AdminHarness admin, int count, Func<int, MessageProperties> properties, string payload = "{\"id\":1}")
    {
        await using FibrilClient client = await admin.ConnectAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "dead", partition_count = 1 });
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 1, policy = "custom", target = new { topic = "dead" } });
        int before = (await admin.GetAsync("/admin/api/messages?topic=dead&limit=5000"))["items"].GetArrayLength();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        for (int number = 0; number < count; number++) await publisher.PublishAsync(Encoding.UTF8.GetBytes(payload), properties(number));
        await using Subscription orders = await client.SubscribeAsync("orders");
        for (int number = 0; number < count; number++) await (await orders.ReadOneAsync()).FailAsync();
        await Patience.Until(async () => (await admin.GetAsync("/admin/api/messages?topic=dead&limit=5000"))["items"].GetArrayLength() == before + count);
    }
}
