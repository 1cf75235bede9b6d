using System.Diagnostics;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>The activities of a broker: they go on with the traces of producers, and begin none.</summary>
[Collection(ListensToTheProcess.Name)]
public sealed class TracingTests : IDisposable
{
    private const string Sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Unsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    private readonly RecordedActivities _activities = new("Fibril.Broker");

    public void Dispose() => _activities.Dispose();

    [Fact]
    public async Task A_message_alone_continues_the_trace_of_its_producer_until_it_is_settled()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await PublishAsync(client, Sampled);
        await SettleOneAsync(client);
        foreach (string name in (string[])["publish orders", "deliver orders", "settle orders"])
        {
            Activity activity = await _activities.OneAsync(name);
            Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (activity.TraceId.ToHexString(), activity.ParentSpanId.ToHexString()));
            Assert.Equal("fibril", activity.GetTagItem("messaging.system"));
            Assert.Equal(("orders", "0", 1), (activity.GetTagItem("messaging.destination.name"), activity.GetTagItem("messaging.destination.partition.id"), activity.GetTagItem("messaging.batch.message_count")));
            Assert.Empty(activity.Links);
        }
    }

    [Theory]
    [InlineData(Unsampled)]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_message_whose_producer_is_not_sampled_leaves_no_trace(string? parent)
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await PublishAsync(client, parent);
        await SettleOneAsync(client);
        Assert.Empty(_activities.Stopped);
    }

    [Fact]
    public async Task Messages_in_a_batch_are_linked_and_none_is_the_parent()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await PublishAsync(client, Sampled);
        await PublishAsync(client, null);
        await PublishAsync(client, Sampled.Replace("b7ad", "c8be", StringComparison.Ordinal));
        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 10 }); // all three in one turn
        Activity delivery = await _activities.OneAsync("deliver orders");
        Assert.Equal(3, delivery.GetTagItem("messaging.batch.message_count"));
        Assert.Equal(default, delivery.ParentSpanId);
        Assert.Equal(["b7ad6b7169203331", "c8be6b7169203331"], delivery.Links.Select(static link => link.Context.SpanId.ToHexString()));
    }

    [Fact]
    public async Task A_dead_letter_is_traced_on_its_way_to_the_target()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await client.DeclareQueueAsync("orders", new QueueDeclaration { DeadLetterPolicy = DeadLetterPolicy.Custom("graveyard", null), MaxRetries = 0 });
        await PublishAsync(client, Sampled);
        await using Subscription subscription = await client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> deliveries = subscription.GetAsyncEnumerator();
        await deliveries.MoveNextAsync();
        await deliveries.Current.FailAsync();
        Activity copy = await _activities.OneAsync("dead-letter orders");
        Assert.Equal("b7ad6b7169203331", copy.ParentSpanId.ToHexString());
        Assert.Equal("graveyard/0", copy.GetTagItem("fibril.copied_to"));
    }

    [Fact]
    public async Task Streams_are_traced_as_queues_are()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await client.DeclareStreamAsync("orders");
        await PublishAsync(client, Sampled);
        await using Subscription subscription = await client.SubscribeStreamAsync("orders", new StreamSubscribeOptions { Start = StreamPosition.Earliest });
        Assert.Equal("b7ad6b7169203331", (await _activities.OneAsync("publish orders")).ParentSpanId.ToHexString());
        Assert.Equal("b7ad6b7169203331", (await _activities.OneAsync("deliver orders")).ParentSpanId.ToHexString());
    }

    private static async Task PublishAsync(FibrilClient client, string? parent)
    {
        MessageProperties properties = parent is null ? new() : new() { Headers = new MessageHeaders { ["traceparent"] = parent } };
        await client.CreatePublisher("orders").PublishAsync("an order"u8.ToArray(), properties);
    }

    private static async Task SettleOneAsync(FibrilClient client)
    {
        await using Subscription subscription = await client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> deliveries = subscription.GetAsyncEnumerator();
        await deliveries.MoveNextAsync();
        await deliveries.Current.CompleteAsync();
        await client.CreatePublisher("done").PublishAsync("a mark behind it"u8.ToArray());
    }
}
