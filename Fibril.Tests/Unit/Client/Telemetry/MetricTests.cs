using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client.Telemetry;

public sealed class MetricTests : IAsyncLifetime
{
    private readonly RecordedMeasurements _measurements = new();
    private FibrilTestBroker _broker = null!;
    private FibrilClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await FibrilTestBroker.StartAsync();
        _client = await _broker.ConnectAsync(options => options.MeterFactory = _measurements);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
        _measurements.Dispose();
    }

    [Fact]
    public async Task Sent_messages_are_counted_and_their_operations_timed()
    {
        Publisher publisher = _client.CreatePublisher("orders");
        await publisher.PublishAsync("one"u8);
        await await publisher.BeginPublishAsync("two"u8);
        await publisher.SendAsync("three"u8);
        Assert.Equal(["Fibril.Client"], _measurements.MeterNames);
        Measurement[] sent = [.. _measurements.Of("messaging.client.sent.messages", "send")];
        Assert.Equal([1, 1, 1], sent.Select(static taken => taken.Value));
        Assert.Equal("{message}", sent[0].Unit);
        Assert.Equal("orders", sent[0].Tags["messaging.destination.name"]);
        Measurement[] durations = [.. _measurements.Of("messaging.client.operation.duration", "send")];
        Assert.Equal(3, durations.Length);
        Assert.All(durations, static taken => Assert.Equal("s", taken.Unit));
    }

    [Fact]
    public async Task A_failed_send_is_counted_with_its_error()
    {
        await _client.DeclareStreamAsync("audit");
        await Assert.ThrowsAsync<FibrilServerException>(
            async () => await _client.CreatePublisher("audit").PublishAsync("one"u8, new MessageProperties { Delay = TimeSpan.FromHours(1) }));
        Measurement failed = Assert.Single(_measurements.Of("messaging.client.sent.messages", "send"));
        Assert.NotNull(failed.Tags["error.type"]);
    }

    [Fact]
    public async Task Consumed_messages_are_counted_and_receiving_processing_and_settling_timed()
    {
        await _client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription orders = await _client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = orders.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        using (messages.Current.BeginProcessing()) await messages.Current.CompleteAsync();

        Assert.Equal(1, Assert.Single(_measurements.Of("messaging.client.consumed.messages", "receive")).Value);
        Assert.Single(_measurements.Of("messaging.client.operation.duration", "receive"));
        Assert.Single(_measurements.Of("messaging.client.operation.duration", "complete"));
        Measurement processed = Assert.Single(_measurements.Of("messaging.process.duration", "process"));
        Assert.Equal("0", processed.Tags["messaging.destination.partition.id"]);
        Assert.DoesNotContain("messaging.message.id", processed.Tags.Keys); // as many values as messages
    }
}
