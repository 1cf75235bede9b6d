using System.Text.Json;
using Fibril.Broker.Admin.Explaining;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Why messages do not flow, in plain words with evidence and remedy, and what deserves attention (admin-api 6.3).</summary>
public sealed class ExplainTests
{
    [Fact]
    public async Task An_empty_queue_is_no_trouble()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", partition_count = 3 });
        ApiResponse answer = await admin.GetAsync("/admin/api/explain/queue/orders");
        Assert.Equal((true, "empty"), (answer["flowing"].GetBoolean(), Assert.Single(answer["findings"].EnumerateArray()).GetProperty("code").GetString()));
        Assert.Equal((404, "unknown_queue"), await QueueRouteTests.CodeOf(admin.GetAsync("/admin/api/explain/queue/nothing")));
    }

    [Fact]
    public async Task Ready_messages_without_a_consumer_are_named_and_deserve_attention()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        await AssertFindingAsync(admin, "orders", "no_consumer");
        await Patience.Until(async () => (await admin.AttentionAsync()).Contains("no_consumer:orders"));
        await admin.PutAsync("/admin/api/global-dlq", new { expected_version = 0, target = new { topic = "orders" } });
        Assert.DoesNotContain("no_consumer:orders", await admin.AttentionAsync()); // where dead letters go, nobody has to listen
    }

    [Fact]
    public async Task A_consumer_that_settles_nothing_is_named_and_noticed_as_a_stall()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("one"u8);
        await publisher.PublishAsync("two"u8);
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 1, AutoRenew = true });
        ReceivedMessage held = await orders.ReadOneAsync();
        JsonElement finding = await AssertFindingAsync(admin, "orders", "no_credit");
        Assert.Contains("prefetch", finding.GetProperty("remedy").GetString());
        Assert.Contains("1 of 1", finding.GetProperty("evidence").GetProperty("consumers")[0].GetString());

        string session = (await admin.GetAsync("/admin/api/subscriptions")).Json[0].GetProperty("conn_id").GetString()!;
        ApiResponse consumer = await admin.GetAsync($"/admin/api/explain/consumer/{session}");
        Assert.Equal("no_credit", consumer["findings"][0].GetProperty("code").GetString());

        Assert.DoesNotContain("stalled:orders/0", await admin.AttentionAsync()); // the first look
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("stalled:orders/0", await admin.AttentionAsync());
        await held.RenewAsync(TestContext.Current.CancellationToken);
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("stalled:orders/0", await admin.AttentionAsync());
        await held.CompleteAsync();
        await orders.ReadOneAsync();
        Assert.DoesNotContain("stalled:orders/0", await admin.AttentionAsync());
    }

    [Fact]
    public async Task Delayed_and_leased_messages_are_said_to_be_so()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("now"u8);
        await publisher.PublishAsync("later"u8, new MessageProperties { Delay = TimeSpan.FromMinutes(5) });
        await using Subscription orders = await client.SubscribeAsync("orders");
        await orders.ReadOneAsync();
        ApiResponse answer = await admin.GetAsync("/admin/api/explain/queue/orders");
        Assert.True(answer["flowing"].GetBoolean());
        Assert.Equal(["all_leased", "delayed"], answer["findings"].EnumerateArray().Select(static finding => finding.GetProperty("code").GetString()!).Order());
    }

    [Fact]
    public async Task What_a_dormant_session_holds_is_named()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.Broker.ConnectAsync(ScriptedSession.StaysDisconnected, TestContext.Current.CancellationToken);
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription orders = await client.SubscribeAsync("orders");
        await orders.ReadOneAsync();
        admin.Broker.CutConnections();
        await Patience.Until(async () => Codes(await admin.GetAsync("/admin/api/explain/queue/orders")).Contains("dormant"));
    }

    [Theory]
    [InlineData("gate_uncovered", false, true, new[] { true })] // G-10
    [InlineData("gate_handover", true, false, new[] { true, false })] // G-17
    [InlineData("gate_absent_member", true, true, new[] { true, true })]
    public void A_partition_of_an_exclusive_group_is_explained_by_its_gate(string code, bool hasMember, bool isOpen, bool[] areBehind)
    {
        QueuePartitionStatus status = Waiting() with
        {
            Gate = new GateStatus("workers", hasMember ? Guid.NewGuid() : null, isOpen),
            Consumers = [.. areBehind.Select(static isBehind => Consumer(inFlight: 0) with { IsBehindGate = isBehind })],
        };
        Finding finding = Assert.Single(new PartitionFindings(status, nowMs: 0).Find());
        Assert.Equal((code, true), (finding.Code, finding.Remedy is not null));
    }

    [Fact]
    public void A_consumer_that_reads_nothing_is_told_from_one_that_settles_nothing()
    {
        QueuePartitionStatus status = Waiting() with { Consumers = [Consumer(inFlight: 0) with { OutputIsFull = true }, Consumer(inFlight: 10)] };
        Assert.Equal(["no_credit", "output_full"], new PartitionFindings(status, nowMs: 0).Find().Select(static finding => finding.Code));
        Assert.Empty(new PartitionFindings(status with { Consumers = [Consumer(inFlight: 10), Consumer(inFlight: 9)] }, nowMs: 0).Find());
    }

    [Fact]
    public void A_full_queue_and_one_that_is_being_deleted_say_so()
    {
        string[] codes = [.. new PartitionFindings(Waiting() with { IsFull = true, IsSealed = true, Consumers = [Consumer(0)] }, nowMs: 0).Find().Select(static finding => finding.Code)];
        Assert.Equal(["being_deleted", "queue_full"], codes);
    }

    [Fact]
    public async Task Failed_messages_without_a_target_are_named()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await using FibrilClient client = await admin.ConnectAsync();
        await admin.PostAsync("/admin/api/queues", new { topic = "orders", policy = "global" });
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription orders = await client.SubscribeAsync("orders");
        await (await orders.ReadOneAsync()).FailAsync();
        await Patience.Until(async () => Codes(await admin.GetAsync("/admin/api/explain/queue/orders")).Contains("no_dead_letter_target"));
    }

    [Fact]
    public async Task What_comes_and_goes_is_in_the_activity_feed()
    {
        await using AdminHarness admin = await AdminHarness.StartAsync();
        await admin.Broker.AdvanceAsync(TimeSpan.FromSeconds(16)); // the first look is silent
        await admin.PostAsync("/admin/api/drain", new { });
        await NoteAsync(admin, "attention_raised");
        await admin.DeleteAsync("/admin/api/drain");
        await NoteAsync(admin, "attention_resolved");
    }

    private static QueuePartitionStatus Waiting() => new(
        new PartitionId(new QueueName("orders", null), 0), SettledUntil: 0, NextOffset: 5, Ready: new OffsetSpan(5, 0, 4), ReadyFragments: 1, Leased: default, Delayed: 0,
        DeadLettering: 0, Retried: 0, Expiring: 0, NextExpiryMs: null, OldestReadyMs: 0, NextEvent: 0, SnapshotEvent: 0, SnapshotAtMs: 0, IsDirty: true,
        IsSnapshotting: false);

    private static ConsumerStatus Consumer(int inFlight) => new("worker", Prefetch: 10, inFlight, AutoAck: false, OutputIsFull: false, IsBehindGate: false, Member: null);

    private static async Task NoteAsync(AdminHarness admin, string kind) => await Patience.Until(async () =>
    {
        admin.Broker.Time.Advance(TimeSpan.FromSeconds(1));
        return (await admin.GetAsync($"/admin/api/audit?kind={kind}"))["entries"].GetArrayLength() == 1;
    });

    private static async Task<JsonElement> AssertFindingAsync(AdminHarness admin, string topic, string code)
    {
        JsonElement finding = default;
        await Patience.Until(async () =>
        {
            ApiResponse answer = await admin.GetAsync($"/admin/api/explain/queue/{topic}");
            finding = answer["findings"].EnumerateArray().FirstOrDefault(one => one.GetProperty("code").GetString() == code);
            return finding.ValueKind == JsonValueKind.Object && !answer["flowing"].GetBoolean();
        });
        Assert.NotEmpty(finding.GetProperty("text").GetString()!);
        Assert.NotEmpty(finding.GetProperty("remedy").GetString()!);
        return finding;
    }

    private static string[] Codes(ApiResponse answer) => [.. answer["findings"].EnumerateArray().Select(static finding => finding.GetProperty("code").GetString()!)];
}
