using System.Text.Json;
using Fibril.Broker.Admin.Health;
using Fibril.Broker.Channels;
using Fibril.Broker.Queues.Recovery;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Probes: whether the broker lives, and whether it should be sent clients (admin-api 4, A-52, S-50).</summary>
public sealed class ReadinessTests
{
    private static readonly HealthFacts Well = new(
        IsListening: true, IsDraining: false, IsDiskFull: false, FailingCount: 0, OutOfService: [], MaySendClients: true, MismatchPolicy.Quarantine);

    private static readonly OutOfServicePartition Parked = new("secret-orders", null, 1, "damaged");

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task A_broker_that_is_well_says_ok(string path)
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.GetAsync(path);
        Assert.Equal((200, "ok", "text/plain; charset=utf-8"), (answer.Status, answer.Text, answer.Header("Content-Type")));
    }

    [Fact]
    public async Task Whoever_asks_is_told_every_single_check()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        ApiResponse answer = await admin.GetAsync("/readyz?verbose");
        Assert.Equal((200, true, false, "quarantine"), (answer.Status, answer["ready"].GetBoolean(), answer["degraded"].GetBoolean(), answer["policy"].GetString()));
        Assert.Equal(["listener", "storage", "quarantine", "disk", "draining"], answer["checks"].EnumerateArray().Select(static check => check.GetProperty("name").GetString()));
        Assert.All(answer["checks"].EnumerateArray(), static check => Assert.Equal("ok", check.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_broker_that_drains_is_alive_and_not_ready_until_that_is_taken_back()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/drain", new { message = "upgrade" });
        ApiResponse draining = await admin.GetAsync("/readyz");
        Assert.Equal((503, false), (draining.Status, draining["ready"].GetBoolean()));
        Assert.False(draining.Json.TryGetProperty("checks", out _));
        Assert.Equal(200, (await admin.GetAsync("/livez")).Status);
        await admin.DeleteAsync("/admin/api/drain");
        Assert.Equal(200, (await admin.GetAsync("/readyz")).Status);
    }

    [Fact]
    public void What_works_in_part_leaves_the_broker_ready()
    {
        foreach (HealthFacts facts in (HealthFacts[])[Well with { IsDiskFull = true }, Well with { FailingCount = 2 }, Well with { OutOfService = [Parked] }])
        {
            Readiness readiness = Readiness.Judge(facts, showsNames: true, isVerbose: true);
            Assert.True(readiness is { Ready: true, Degraded: true }, $"{facts}");
            Assert.Single(readiness.Checks!, static check => check is { Status: "degraded", Detail: not null });
        }
    }

    [Fact]
    public void Without_its_port_or_with_damage_that_the_policy_refuses_it_is_not_ready()
    {
        Assert.False(Readiness.Judge(Well with { IsListening = false }, showsNames: true, isVerbose: false).Ready);
        Readiness refused = Readiness.Judge(Well with { OutOfService = [Parked], MaySendClients = false, Policy = MismatchPolicy.Refuse }, showsNames: true, isVerbose: false);
        Assert.Equal((false, true, "refuse", 1), (refused.Ready, refused.Degraded, refused.Policy, refused.QuarantinedCount));
        Assert.Equal(Parked, Assert.Single(refused.Quarantined));
    }

    [Fact]
    public void Who_may_not_see_names_is_told_a_number()
    {
        Readiness readiness = Readiness.Judge(Well with { OutOfService = [Parked] }, showsNames: false, isVerbose: true);
        Assert.Empty(readiness.Quarantined);
        Assert.Equal(1, readiness.QuarantinedCount);
        Assert.DoesNotContain("secret", JsonSerializer.Serialize(readiness), StringComparison.Ordinal);
    }
}
