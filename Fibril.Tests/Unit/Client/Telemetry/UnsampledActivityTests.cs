using System.Diagnostics;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Client.Telemetry;

[Collection(ListensToTheProcess.Name)]
public sealed class UnsampledActivityTests
{
    [Fact]
    public async Task Without_an_activity_of_its_own_a_send_passes_the_current_context_on()
    {
        using var listener = new RecordedActivities("Fibril.Client", ActivitySamplingResult.None);
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription orders = await client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = orders.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        Assert.Equal(request.Id, messages.Current.Headers["traceparent"]);
        Assert.Empty(listener.Stopped);
    }

    [Fact]
    public async Task Nothing_is_added_to_a_message_when_nobody_listens()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        using Activity request = new Activity("request").Start();
        await client.CreatePublisher("orders").PublishAsync("one"u8);
        await using Subscription orders = await client.SubscribeAsync("orders");
        await using IAsyncEnumerator<ReceivedMessage> messages = orders.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(messages.MoveNextAsync()));
        Assert.Empty(messages.Current.Headers);
        Assert.Null(messages.Current.BeginProcessing());
    }
}
