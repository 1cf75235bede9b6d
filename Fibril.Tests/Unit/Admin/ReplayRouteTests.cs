using System.Text.Json;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Replaying, deleting and undoing dead letters of one cause, over HTTP.</summary>
public sealed class ReplayRouteTests
{
    [Fact]
    public async Task Dead_letters_of_one_cause_are_replayed_by_its_fingerprint()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        string[] fingerprints = await TwoCausesAsync(admin);
        ApiResponse dry = await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", dry_run = true, filter = new { fingerprint = fingerprints } });
        Assert.Equal(5, (await EndOfAsync(admin, dry)).GetProperty("matched").GetInt32());
        ApiResponse started = await admin.PostAsync(
            "/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", filter = new { fingerprint = fingerprints[..1] }, rate_limit_per_sec = 1000 });
        JsonElement job = await EndOfAsync(admin, started);
        Assert.Equal(("replay", 5, 3, 3), (job.GetProperty("action").GetString(), job.GetProperty("examined").GetInt32(), job.GetProperty("matched").GetInt32(), job.GetProperty("replayed").GetInt32()));
        Assert.Equal((fingerprints[0], 1000, "anonymous", JsonValueKind.Null), (
            job.GetProperty("filter").GetProperty("fingerprint")[0].GetString(), job.GetProperty("rate_limit_per_sec").GetInt32(), job.GetProperty("started_by").GetString(),
            job.GetProperty("target").ValueKind));
        Assert.Equal((3, JsonValueKind.Null), (job.GetProperty("undoable").GetInt32(), job.GetProperty("not_undoable_reason").ValueKind));
        Assert.Equal((400, "invalid_dlq_replay_request"), await QueueRouteTests.CodeOf(
            admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", filter = new { fingerprint = (string[])["E7"] } })));
    }

    [Fact]
    public async Task Dead_letters_are_replayed_to_another_queue_when_that_is_asked_for()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await TwoCausesAsync(admin);
        Assert.Equal((404, "unknown_queue"), await QueueRouteTests.CodeOf(
            admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", target = new { topic = "repair" } })));
        await admin.PostAsync("/admin/api/queues", new { topic = "repair" });
        JsonElement job = await EndOfAsync(admin, await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", target = new { topic = "repair" }, after = "ack" }));
        Assert.Equal((5, "repair"), (job.GetProperty("replayed").GetInt32(), job.GetProperty("target").GetProperty("topic").GetString()));
        Assert.Equal((5, 0, 0), (await DepthAsync(admin, "repair"), await DepthAsync(admin, "orders"), await DepthAsync(admin, "dead")));
        Assert.Equal((400, "invalid_dlq_replay_request"), await QueueRouteTests.CodeOf(
            admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead", target = new { topic = "dead" } })));
    }

    [Fact]
    public async Task Dead_letters_of_one_cause_are_deleted_after_a_dry_run_has_counted_them()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        string[] fingerprints = await TwoCausesAsync(admin);
        JsonElement counted = await EndOfAsync(
            admin, await admin.PostAsync("/admin/api/dlq/settle/bulk", new { dlq_topic = "dead", dry_run = true, filter = new { fingerprint = fingerprints[1..] } }));
        Assert.Equal(("delete", 2, 0), (counted.GetProperty("action").GetString(), counted.GetProperty("matched").GetInt32(), counted.GetProperty("deleted").GetInt32()));
        JsonElement job = await EndOfAsync(admin, await admin.PostAsync("/admin/api/dlq/settle/bulk", new { dlq_topic = "dead", filter = new { fingerprint = fingerprints[1..] } }));
        Assert.Equal((2, 2, 0), (job.GetProperty("matched").GetInt32(), job.GetProperty("deleted").GetInt32(), job.GetProperty("replayed").GetInt32()));
        Assert.Equal((3, 0), (await DepthAsync(admin, "dead"), await DepthAsync(admin, "orders")));
        Assert.Contains("dlq_deletion_started", (await admin.GetAsync("/admin/api/audit")).Json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((409, "replay_not_undoable"), await QueueRouteTests.CodeOf(admin.PostAsync($"/admin/api/dlq/replay/jobs/{job.GetProperty("id").GetInt64()}/undo")));
    }

    [Fact]
    public async Task Copies_are_withdrawn_as_long_as_nobody_was_given_them()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await TwoCausesAsync(admin);
        JsonElement job = await EndOfAsync(admin, await admin.PostAsync("/admin/api/dlq/replay/bulk", new { dlq_topic = "dead" }));
        await using FibrilClient client = await admin.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 2 });
        await orders.ReadOneAsync();
        await orders.ReadOneAsync();
        string undo = $"/admin/api/dlq/replay/jobs/{job.GetProperty("id").GetInt64()}/undo";
        ApiResponse undone = await admin.PostAsync(undo);
        Assert.Equal((3, 2, 0), (undone["withdrawn"].GetInt32(), undone["too_late"].GetInt32(), undone["left"].GetInt32()));
        Assert.Equal((2, 5), (await DepthAsync(admin, "orders"), await DepthAsync(admin, "dead")));
        Assert.Equal((0, 3), (undone["job"].GetProperty("undoable").GetInt32(), undone["job"].GetProperty("undo").GetProperty("withdrawn").GetInt32()));
        Assert.Equal((409, "replay_not_undoable"), await QueueRouteTests.CodeOf(admin.PostAsync(undo)));
        Assert.Equal((404, "unknown_replay"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/dlq/replay/jobs/1/undo")));
        Assert.Contains("dlq_replay_undone", (await admin.GetAsync("/admin/api/audit")).Json.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Three dead letters of one cause and two of another; the fingerprints of both, the first first.</summary>
    private static async Task<string[]> TwoCausesAsync(AdminHarness admin)
    {
        await DeadLetterListTests.KillAsync(admin, 3, static number => new MessageProperties { Headers = new MessageHeaders { ["exception"] = $"Timeout {number}" } });
        await DeadLetterListTests.KillAsync(admin, 2, static _ => new MessageProperties());
        return [.. (await admin.GetAsync("/admin/api/dlq/groups?topic=dead"))["groups"].EnumerateArray().Select(static group => group.GetProperty("fingerprint").GetString()!)];
    }

    private static async Task<int> DepthAsync(AdminHarness admin, string topic) => (await admin.GetAsync($"/admin/api/messages?topic={topic}"))["items"].GetArrayLength();

    private static async Task<JsonElement> EndOfAsync(AdminHarness admin, ApiResponse started)
    {
        Assert.Equal(202, started.Status);
        JsonElement job = default;
        await Patience.Until(async () =>
        {
            job = (await admin.GetAsync($"/admin/api/dlq/replay/jobs/{started["id"].GetInt64()}")).Json;
            return job.GetProperty("state").GetString() != "running";
        });
        Assert.Equal("completed", job.GetProperty("state").GetString());
        return job;
    }
}
