using System.Text.Json;
using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>What deserves attention: many things at once, and a disk that fails for a while (admin-api 6.3).</summary>
public sealed class AttentionTests
{
    private const int ManyQueues = 25;
    private const int MostNoted = 20;

    [Fact]
    public async Task Many_of_one_kind_that_come_and_go_at_once_do_not_fill_the_activity_feed()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await PassTheFirstLookAsync(admin);
        for (int i = 0; i < ManyQueues; i++) await client.CreatePublisher($"orders-{i}").PublishAsync("one"u8);
        await Patience.Until(async () => (await admin.AttentionAsync()).Count(static id => id.StartsWith("no_consumer:", StringComparison.Ordinal)) == ManyQueues);
        await AssertNotedAsync(admin, "attention_raised", AuditSeverity.Warning);

        for (int i = 0; i < ManyQueues; i++) await admin.PostAsync("/admin/api/queues/purge", new { topic = $"orders-{i}" });
        await AssertNotedAsync(admin, "attention_resolved", AuditSeverity.Info);
    }

    [Fact]
    public async Task Partitions_of_one_topic_that_are_out_of_service_are_told_once()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 3 });
        for (int partition = 0; partition < 3; partition++)
            await (await admin.Core.Queues.GetAsync(new PartitionId(new QueueName("orders", null), partition))).PostAsync(new BrokenCommand(), CancellationToken.None);
        await Patience.Until(() => admin.Core.Queues.OutOfService.Count() == 3);
        Assert.Equal(["queue_state_error:orders"], await admin.AttentionAsync());
    }

    [Fact]
    public async Task A_disk_that_fails_is_told_for_every_partition_that_notices_until_it_works_again()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        await client.DeclareStreamAsync("audit");
        Fibril.Client.Publisher[] publishers = [client.CreatePublisher("orders"), client.CreatePublisher("audit")];
        foreach (Fibril.Client.Publisher publisher in publishers) await publisher.PublishAsync("one"u8);

        admin.Broker.Disk.IsFailing = true;
        foreach (Fibril.Client.Publisher publisher in publishers) await Assert.ThrowsAnyAsync<FibrilException>(() => Patience.Wait(publisher.PublishAsync("two"u8)));
        JsonElement[] failing = [.. (await admin.GetAsync("/admin/api/attention"))["items"].EnumerateArray().Where(static item => item.GetProperty("kind").GetString() == "storage_failing")];
        Assert.Equal(["storage_failing:orders/0", "storage_failing:audit/0"], failing.Select(static item => item.GetProperty("id").GetString()));
        foreach (JsonElement item in failing)
        {
            Assert.Equal("critical", item.GetProperty("severity").GetString());
            Assert.Contains("storage failed", item.GetProperty("headline").GetString(), StringComparison.Ordinal);
        }

        admin.Broker.Disk.IsFailing = false;
        await Patience.Until(async () =>
        {
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
            return !(await admin.AttentionAsync()).Any(static id => id.StartsWith("storage_failing", StringComparison.Ordinal));
        });
        foreach (Fibril.Client.Publisher publisher in publishers) await Patience.Wait(publisher.PublishAsync("three"u8));
    }

    /// <summary>What is there at the first look has not come. It is over when something is known since a time that has passed.</summary>
    private static async Task PassTheFirstLookAsync(AdminHarness admin)
    {
        await admin.PostAsync("/admin/api/drain", new { });
        await Patience.Until(async () =>
        {
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
            JsonElement draining = Assert.Single((await admin.GetAsync("/admin/api/attention"))["items"].EnumerateArray());
            return draining.GetProperty("since_ms").GetInt64() < admin.Broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        });
    }

    private static async Task AssertNotedAsync(AdminHarness admin, string kind, AuditSeverity severity)
    {
        await Patience.Until(() =>
        {
            admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
            return admin.Core.Audit.Newest.Any(entry => entry.Kind == kind && entry.Subject == "no_consumer");
        });
        AuditEntry[] noted = [.. admin.Core.Audit.Newest.Where(entry => entry.Kind == kind)];
        Assert.Equal(MostNoted + 1, noted.Length);
        Assert.All(noted, entry => Assert.Equal(severity, entry.Severity));
        Assert.StartsWith($"And {ManyQueues - MostNoted} more", noted[0].Detail, StringComparison.Ordinal);
    }
}
