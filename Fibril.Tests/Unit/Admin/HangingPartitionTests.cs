using System.Text.Json;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>A partition that does not answer is named, and hides no other.</summary>
public sealed class HangingPartitionTests
{
    private static readonly PartitionId Hanging = new(new QueueName("orders", null), 1);

    [Fact]
    public async Task What_is_known_of_the_others_is_told_at_once()
    {
        await using AdminHarness admin = await StartAsync();
        using var hold = new HeldBrokenCommand();
        await hold.HoldAsync(admin.Core.Queues.FindLoaded(Hanging)!);
        try
        {
            Assert.Equal(["orders", "other"], (await admin.GetAsync("/admin/api/queues/list"))["queues"].EnumerateArray().Select(static row => row.GetProperty("topic").GetString()));
            Assert.Equal(2, (await admin.GetAsync("/admin/api/queues"))["queues"].EnumerateObject().Count());
            Assert.Equal(1, StateOf((await admin.GetAsync("/admin/api/queues/get?topic=other"))["partitions"][0]).GetProperty("ready_count").GetInt32());
            Assert.Equal("no_consumer", (await admin.GetAsync("/admin/api/explain/queue/other"))["findings"][0].GetProperty("code").GetString());
            string metrics = (await admin.GetAsync("/metrics")).Text;
            Assert.Contains("""fibril_queue_ready{topic="orders",group="",partition="1"} 1""", metrics, StringComparison.Ordinal);
            Assert.Contains("""fibril_queue_ready{topic="other",group="",partition="0"} 1""", metrics, StringComparison.Ordinal);
        }
        finally
        {
            hold.Release();
        }
    }

    [Fact]
    public async Task Its_own_queue_is_shown_and_explained_after_a_moment_with_what_the_other_partitions_say()
    {
        await using AdminHarness admin = await StartAsync();
        using var hold = new HeldBrokenCommand();
        await hold.HoldAsync(admin.Core.Queues.FindLoaded(Hanging)!);
        try
        {
            foreach ((string path, string rows) in ((string, string)[])[("/admin/api/queues/get?topic=orders", "partitions"), ("/admin/api/queues_debug?q=orders", "queues")])
            {
                JsonElement partitions = (await AfterAMomentAsync(
                    admin, path, answer => answer[rows].EnumerateArray().Count(static row => row.GetProperty("error").ValueKind != JsonValueKind.Null) == 1))[rows];
                Assert.Contains("does not answer", partitions[Hanging.Partition].GetProperty("error").GetString(), StringComparison.Ordinal);
                foreach (int well in (int[])[0, 2])
                {
                    Assert.Equal(JsonValueKind.Null, partitions[well].GetProperty("error").ValueKind);
                    Assert.Equal(1, StateOf(partitions[well]).GetProperty("ready_count").GetInt32());
                }
            }

            JsonElement[] findings = [.. (await AfterAMomentAsync(
                admin, "/admin/api/explain/queue/orders", static answer => answer["findings"][0].GetProperty("partitions").GetArrayLength() == 1))["findings"].EnumerateArray()];
            Assert.Equal(["no_answer", "no_consumer"], findings.Select(static finding => finding.GetProperty("code").GetString()));
            Assert.Equal(Hanging.Partition, Assert.Single(findings[0].GetProperty("partitions").EnumerateArray()).GetInt32());
            Assert.Equal([0, 2], findings[1].GetProperty("partitions").EnumerateArray().Select(static partition => partition.GetInt32()));
        }
        finally
        {
            hold.Release();
        }
    }

    [Fact]
    public async Task It_deserves_attention_when_somebody_waits_for_it()
    {
        await using AdminHarness admin = await StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 1 });
        await PublishToAllAsync(client); // beyond the prefetch
        await Patience.Until(() => admin.Core.Queues.FindLoaded(Hanging)!.Gauges is { Ready: 1, Subscriptions: 1 });
        using var hold = new HeldBrokenCommand();
        await hold.HoldAsync(admin.Core.Queues.FindLoaded(Hanging)!);
        try
        {
            ApiResponse attention = await AfterAMomentAsync(admin, "/admin/api/attention", static _ => true);
            JsonElement stall = Assert.Single(attention["items"].EnumerateArray(), static item => item.GetProperty("id").GetString() == "stalled:orders/1");
            Assert.Contains("does not answer", stall.GetProperty("headline").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            hold.Release();
        }
    }

    /// <summary>One message in each of three partitions of a queue, and one in another queue.</summary>
    private static async Task<AdminHarness> StartAsync()
    {
        AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 3 });
        await PublishToAllAsync(client);
        await client.CreatePublisher("other").PublishAsync("one"u8);
        await admin.Broker.AdvanceAsync(TimeSpan.FromSeconds(1)); // the turns are over in which they were stored
        return admin;
    }

    private static async Task PublishToAllAsync(FibrilClient client)
    {
        Fibril.Client.Publisher orders = client.CreatePublisher("orders"); // which goes round
        for (int partition = 0; partition < 3; partition++) await orders.PublishAsync("one"u8);
    }

    /// <summary>Lets time pass until there is an answer. It passes for the others, too: while they are late on a busy machine, it is asked again.</summary>
    private static async Task<ApiResponse> AfterAMomentAsync(AdminHarness admin, string path, Predicate<ApiResponse> isOnlyOneSilent)
    {
        for (int asked = 1; ; asked++)
        {
            Task<ApiResponse> asking = admin.GetAsync(path);
            await Patience.Until(() =>
            {
                admin.Broker.Time.Advance(TimeSpan.FromMilliseconds(100));
                return asking.IsCompleted;
            });
            ApiResponse answer = await asking;
            if (isOnlyOneSilent(answer) || asked == 100) return answer;
        }
    }

    private static JsonElement StateOf(JsonElement partition) => partition.GetProperty("state");
}
