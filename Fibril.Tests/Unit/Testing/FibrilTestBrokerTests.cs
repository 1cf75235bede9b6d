using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Testing;

/// <summary>The broker that users run inside their tests.</summary>
public sealed class FibrilTestBrokerTests
{
    [Fact]
    public async Task It_is_a_broker_that_a_client_can_use()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one", MessageSerializer.Text);
        Assert.Equal(1, await broker.CountMessagesAsync("orders"));
        await using Subscription orders = await client.SubscribeAsync("orders");
        ReceivedMessage message = await orders.ReadOneAsync();
        Assert.Equal("one", message.GetText());
        await message.CompleteAsync();
        await Patience.Until(async () => await broker.CountMessagesAsync("orders") == 0);
    }

    [Fact] // M-11, with virtual time
    public async Task A_lease_runs_out_when_the_test_says_so()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync(static options => options.LeaseDuration = TimeSpan.FromHours(2));
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one", MessageSerializer.Text);
        await using Subscription orders = await client.SubscribeAsync("orders");
        long offset = (await orders.ReadOneAsync()).Offset;
        await broker.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(offset, (await orders.ReadOneAsync()).Offset);
        Assert.True(client.IsConnected); // an hour of the broker's is no silence of the client's
    }

    [Fact] // D-1
    public async Task A_delayed_message_comes_when_its_time_has_come()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync("later", MessageSerializer.Text, new MessageProperties { NotBefore = broker.Time.GetUtcNow().AddDays(1) });
        await publisher.PublishAsync("now", MessageSerializer.Text);
        await using Subscription orders = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 10 });
        Assert.Equal("now", (await orders.ReadOneAsync()).GetText());
        await broker.AdvanceAsync(TimeSpan.FromDays(1));
        await broker.AdvanceAsync(TimeSpan.FromSeconds(6)); // the wall clock is looked at again by then
        List<string> texts = [];
        await foreach (ReceivedMessage message in orders)
        {
            texts.Add(message.GetText());
            if (texts.Contains("later")) break;
        }
    }

    [Theory]
    [InlineData(CrashKind.PowerLoss)]
    [InlineData(CrashKind.ProcessKill)]
    public async Task What_was_confirmed_is_there_after_a_crash(CrashKind kind) // S-1, Z-4
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        string endpoint = broker.Endpoint;
        await using (FibrilClient client = await broker.ConnectAsync())
        {
            await client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 3 });
            Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
            for (int i = 0; i < 20; i++) await publisher.PublishAsync($"{i}", MessageSerializer.Text);
            await broker.CrashAsync(kind);
        }

        Assert.Equal(endpoint, broker.Endpoint);
        Assert.Equal(20, await broker.CountMessagesAsync("orders"));
        await using FibrilClient again = await broker.ConnectAsync();
        await using Subscription orders = await again.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 20 });
        HashSet<string> texts = [];
        await foreach (ReceivedMessage message in orders)
        {
            texts.Add(message.GetText());
            if (texts.Count == 20) break;
        }
    }

    [Fact]
    public async Task A_supervised_subscription_goes_on_after_a_restart_and_a_cut()
    {
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await using Subscription orders = await client.SubscribeAsync("orders");
        ReliablePublisher publisher = client.CreateReliablePublisher("orders");
        ReliablePublisher fence = client.CreateReliablePublisher("fence");
        foreach (Func<Task> incident in new Func<Task>[] { broker.RestartAsync, CutAsync, () => broker.CrashAsync() })
        {
            await incident();
            await publisher.PublishAsync("after"u8.ToArray());
            await CompleteAsync();
            while (await broker.CountMessagesAsync("orders") > 0)
            {
                // The client had not noticed yet, and completed it into the connection that broke: it comes again.
                await broker.AdvanceAsync(TimeSpan.FromSeconds(30));
                await CompleteAsync();
            }
        }

        async Task CompleteAsync()
        {
            ReceivedMessage message = await orders.ReadOneAsync();
            Assert.Equal("after", message.GetText());
            try
            {
                await message.CompleteAsync();
            }
            catch (FibrilStaleDeliveryException)
            {
                // It is of the broker before.
            }

            await fence.PublishAsync("behind it"u8.ToArray());
            await broker.AdvanceAsync(TimeSpan.FromSeconds(1)); // what the broker has read of settlements is applied and synced
        }

        Task CutAsync()
        {
            broker.CutConnections();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Two_brokers_know_nothing_of_each_other()
    {
        await using FibrilTestBroker one = await FibrilTestBroker.StartAsync();
        await using FibrilTestBroker other = await FibrilTestBroker.StartAsync();
        await using FibrilClient client = await one.ConnectAsync();
        await client.CreatePublisher("orders").PublishAsync("one", MessageSerializer.Text);
        Assert.Equal((1, 0), (await one.CountMessagesAsync("orders"), await other.CountMessagesAsync("orders")));
        Assert.NotEqual(one.Port, other.Port);
    }

    [Fact]
    public async Task Options_that_make_no_sense_are_named()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("LeaseDuration", static () => FibrilTestBroker.StartAsync(static options => options.LeaseDuration = TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("DefaultPartitionCount", static () => FibrilTestBroker.StartAsync(static options => options.DefaultPartitionCount = 0));
    }
}
