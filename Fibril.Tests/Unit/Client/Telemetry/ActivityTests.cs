using System.Diagnostics;
using Fibril.Client;
using Fibril.Client.Hosting;
using Fibril.Testing;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client.Telemetry;

[Collection(ListensToTheProcess.Name)]
public sealed class ActivityTests : IAsyncLifetime
{
    private readonly RecordedActivities _activities = new("Fibril.Client");
    private FibrilTestBroker _broker = null!;
    private FibrilClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await FibrilTestBroker.StartAsync();
        _client = await _broker.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
        _activities.Dispose();
    }

    [Fact]
    public async Task Sending_is_an_activity_by_the_messaging_conventions()
    {
        await _client.CreatePublisher("orders", new PublisherOptions { Group = "shop" }).PublishAsync("one"u8);
        Activity send = await _activities.OneAsync("send shop/orders");
        Assert.Equal(ActivityKind.Producer, send.Kind);
        Assert.Equal(ActivityStatusCode.Unset, send.Status);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["messaging.system"] = "fibril",
                ["messaging.operation.name"] = "send",
                ["messaging.operation.type"] = "send",
                ["messaging.destination.name"] = "shop/orders",
                ["messaging.destination.partition.id"] = "0",
                ["messaging.message.id"] = "0",
                ["server.address"] = "127.0.0.1",
                ["server.port"] = _broker.Port,
            },
            send.TagObjects.ToDictionary());
    }

    [Fact]
    public async Task A_pipelined_send_ends_with_its_confirmation_and_leaves_the_current_activity_alone()
    {
        PublishConfirmation confirmation = await _client.CreatePublisher("orders").BeginPublishAsync("one"u8);
        Assert.Null(Activity.Current);
        await confirmation;
        Assert.Equal("0", (await _activities.OneAsync("send orders")).GetTagItem("messaging.message.id"));
    }

    [Fact]
    public async Task A_send_without_a_confirmation_ends_when_it_is_on_its_way()
    {
        await _client.CreatePublisher("orders").SendAsync("one"u8);
        Assert.Null((await _activities.OneAsync("send orders")).GetTagItem("messaging.message.id"));
    }

    [Fact]
    public async Task A_refused_send_says_why()
    {
        await _client.DeclareStreamAsync("audit");
        Publisher delayed = _client.CreatePublisher("audit");
        var refusal = await Assert.ThrowsAsync<FibrilServerException>(
            async () => await delayed.PublishAsync("one"u8, new MessageProperties { Delay = TimeSpan.FromHours(1) }));
        Activity send = await _activities.OneAsync("send audit");
        Assert.Equal(ActivityStatusCode.Error, send.Status);
        Assert.Equal($"{(ushort)refusal.Code}", send.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_is_a_send_that_failed()
    {
        byte[] tooLarge = new byte[65 << 20];
        await Assert.ThrowsAsync<ArgumentException>(async () => await _client.CreatePublisher("orders").BeginPublishAsync(tooLarge));
        Assert.Equal("System.ArgumentException", (await _activities.OneAsync("send orders")).GetTagItem("error.type"));
    }

    [Fact]
    public async Task Processing_is_linked_to_the_send_and_no_child_of_it()
    {
        ReceivedMessage message = await SendAndReceiveAsync();
        Activity send = await _activities.OneAsync("send orders");
        using (message.BeginProcessing()) Assert.Equal("process orders", Activity.Current?.DisplayName);

        Assert.Null(Activity.Current);
        Activity process = await _activities.OneAsync("process orders");
        Assert.Equal(ActivityKind.Consumer, process.Kind);
        Assert.NotEqual(send.TraceId, process.TraceId);
        ActivityLink link = Assert.Single(process.Links);
        Assert.Equal((send.TraceId, send.SpanId), (link.Context.TraceId, link.Context.SpanId));
        Assert.Equal("process", process.GetTagItem("messaging.operation.type"));
        Assert.Equal("0", process.GetTagItem("messaging.message.id"));
    }

    [Fact]
    public async Task Processing_continues_the_trace_of_the_send_when_that_is_wanted()
    {
        await using FibrilClient client = await _broker.ConnectAsync(static options => options.ContinueTraces = true);
        ReceivedMessage message = await SendAndReceiveAsync(client: client);
        message.BeginProcessing()?.Dispose();
        Activity send = await _activities.OneAsync("send orders");
        Assert.Equal(send.SpanId, (await _activities.OneAsync("process orders")).ParentSpanId);
    }

    [Fact]
    public async Task Receiving_and_settling_are_activities_linked_to_the_send()
    {
        ReceivedMessage message = await SendAndReceiveAsync();
        using (message.BeginProcessing()) await message.CompleteAsync();
        ActivityContext sent = (await _activities.OneAsync("send orders")).Context;
        Activity receive = await _activities.OneAsync("receive orders");
        Activity complete = await _activities.OneAsync("complete orders");
        Assert.Equal("settle", complete.GetTagItem("messaging.operation.type"));
        Assert.Equal((await _activities.OneAsync("process orders")).SpanId, complete.ParentSpanId);
        Assert.All(
            [receive, complete],
            activity => Assert.Equal(sent.SpanId, Assert.Single(activity.Links).Context.SpanId));
    }

    [Fact]
    public async Task Processing_that_fails_says_why_and_the_message_can_still_be_settled()
    {
        ReceivedMessage message = await SendAndReceiveAsync();
        using (MessageProcessing? processing = message.BeginProcessing())
        {
            processing!.Fail(new TimeoutException("too slow"));
            await message.RetryAfterAsync(TimeSpan.FromSeconds(1));
        }

        Activity process = await _activities.OneAsync("process orders");
        Assert.Equal((ActivityStatusCode.Error, "too slow"), (process.Status, process.StatusDescription));
        Assert.Equal("System.TimeoutException", process.GetTagItem("error.type"));
        Assert.Equal("settle", (await _activities.OneAsync("retry orders")).GetTagItem("messaging.operation.type"));
    }

    [Fact]
    public async Task Baggage_travels_with_the_message()
    {
        using Activity request = new Activity("request").AddBaggage("tenant", "7").Start();
        ReceivedMessage message = await SendAndReceiveAsync();
        request.Stop();
        message.BeginProcessing()?.Dispose();
        Assert.Equal("7", (await _activities.OneAsync("process orders")).GetBaggageItem("tenant"));
    }

    [Fact]
    public async Task A_context_that_the_application_set_is_kept_and_the_send_is_linked_to_it()
    {
        const string Own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var properties = new MessageProperties { Headers = new MessageHeaders { ["traceparent"] = Own, ["tracestate"] = "vendor=1" } };
        ReceivedMessage message = await SendAndReceiveAsync(properties);
        Assert.Equal((Own, "vendor=1"), (message.Headers["traceparent"], message.Headers["tracestate"]));
        Assert.Equal("b7ad6b7169203331", Assert.Single((await _activities.OneAsync("send orders")).Links).Context.SpanId.ToString());
    }

    [Fact]
    public async Task Headers_of_the_application_travel_beside_the_context()
    {
        ReceivedMessage message = await SendAndReceiveAsync(new MessageProperties { Headers = new MessageHeaders { ["tenant"] = "7" } });
        Assert.Equal("7", message.Headers["tenant"]);
        Assert.Equal((await _activities.OneAsync("send orders")).Id, message.Headers["traceparent"]);
    }

    [Fact]
    public async Task A_reliable_publisher_keeps_its_stamp_and_sends_one_activity()
    {
        await using Subscription orders = await _client.SubscribeAsync("orders");
        await _client.CreateReliablePublisher("orders").PublishAsync("one"u8);
        ReceivedMessage message = await orders.ReadOneAsync();
        Assert.Contains("fibril.client.producer_id", message.Headers.Keys);
        Assert.Equal((await _activities.OneAsync("send orders")).Id, message.Headers["traceparent"]);
    }

    [Fact]
    public async Task A_malformed_context_is_no_context()
    {
        ReceivedMessage message = await SendAndReceiveAsync(new MessageProperties { Headers = new MessageHeaders { ["traceparent"] = "nonsense" } });
        message.BeginProcessing()?.Dispose();
        Assert.Empty((await _activities.OneAsync("process orders")).Links);
    }

    [Fact]
    public async Task The_group_of_an_exclusive_consumer_is_told()
    {
        await _client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription mine = await _client.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true, ConsumerGroup = "billing" });
        (await mine.ReadOneAsync()).BeginProcessing()?.Dispose();
        Assert.Equal("billing", (await _activities.OneAsync("process orders")).GetTagItem("messaging.consumer.group.name"));
    }

    [Fact]
    public async Task A_hosted_consumer_processes_in_an_activity_that_says_when_it_failed()
    {
        await _client.CreatePublisher("orders").PublishAsync("one"u8);
        await using ConsumerHost host = await ConsumerHost.StartAsync(
            _broker.Port,
            static services => services.AddFibrilConsumer<ScriptedConsumer>("orders", static options => options.OnFailure = static (_, _, _) => FailureAction.Fail),
            static (_, _) => throw new TimeoutException("too slow"));
        Activity process = await _activities.OneAsync("process orders");
        Assert.Equal("System.TimeoutException", process.GetTagItem("error.type"));
        Assert.Equal(process.SpanId, (await _activities.OneAsync("fail orders")).ParentSpanId);
    }

    private async Task<ReceivedMessage> SendAndReceiveAsync(MessageProperties? properties = null, FibrilClient? client = null)
    {
        client ??= _client;
        await client.CreatePublisher("orders").PublishAsync("one"u8, properties);
        Subscription orders = await client.SubscribeAsync("orders"); // ends with its client
        return await orders.ReadOneAsync();
    }
}
