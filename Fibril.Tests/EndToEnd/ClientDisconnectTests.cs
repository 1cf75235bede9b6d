using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

public sealed class ClientDisconnectTests
{
    [Fact] // R-27, F-48
    public async Task A_broker_that_is_killed_fails_what_waits_and_ends_subscriptions()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using FibrilClient client = await broker.ConnectForItsLifeAsync();
        await using Subscription subscription = await client.SubscribeAsync("orders");
        var disconnected = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = client.Disconnected.Register(disconnected.SetResult);
        Task<bool> reading = subscription.GetAsyncEnumerator().MoveNextAsync().AsTask();

        await broker.KillAsync();
        await Patience.Wait(disconnected.Task);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(reading));
        await Assert.ThrowsAsync<FibrilConnectionException>(() => Patience.Wait(client.CreatePublisher("orders").PublishAsync("x"u8)));
        Assert.True(client.DisconnectReason!.IsTransient);
    }

    [Fact] // S-60, F-30: 5.7, code 22
    public async Task A_broker_that_stops_in_order_answers_first_and_says_why_subscriptions_end()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using FibrilClient client = await broker.ConnectForItsLifeAsync();
        Publisher publisher = client.CreatePublisher("orders");
        await using Subscription subscription = await client.SubscribeAsync("other");
        Task<bool> reading = subscription.GetAsyncEnumerator().MoveNextAsync().AsTask();
        var publishes = new List<PublishConfirmation>();
        for (int i = 0; i < 1000; i++) publishes.Add(await publisher.BeginPublishAsync("x"u8));
        await publishes[0];

        await broker.StopAsync();
        var closed = await Assert.ThrowsAsync<FibrilSubscriptionClosedException>(() => Patience.Wait(reading));
        Assert.Equal(CloseReason.BrokerShutdown, closed.Reason);
        Assert.True(closed.IsTransient);
        foreach (PublishConfirmation publish in publishes.Skip(1))
        {
            try
            {
                await Patience.Wait(publish.AsTask());
            }
            catch (FibrilConnectionException unknown)
            {
                Assert.Contains("outcome is unknown", unknown.Message, StringComparison.Ordinal); // not read before the stop
            }
        }
    }
}
