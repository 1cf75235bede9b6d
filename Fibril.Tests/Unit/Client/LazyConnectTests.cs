using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

/// <summary>Clients that connect when they are first needed.</summary>
public sealed class LazyConnectTests : IAsyncLifetime
{
    private FibrilTestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await FibrilTestBroker.StartAsync(static options => options.DefaultPartitionCount = 8);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_client_that_was_not_needed_yet_is_not_connected_and_says_so()
    {
        await using FibrilClient client = Create();
        Assert.False(client.IsConnected);
        Assert.True(client.Disconnected.IsCancellationRequested);
        Assert.Null(client.DisconnectReason);
        Assert.Empty(client.GetRouting().Channels);
        await Assert.ThrowsAsync<FibrilConnectionException>(() => client.PingAsync());
    }

    [Fact]
    public async Task Opening_connects_once_and_again_after_a_loss()
    {
        await using FibrilClient client = Create();
        await Task.WhenAll(client.OpenAsync(), client.OpenAsync());
        Assert.True(client.IsConnected);
        CancellationToken lost = client.Disconnected;
        _broker.CutConnections();
        await Patience.Until(() => lost.IsCancellationRequested);
        await client.OpenAsync();
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task An_attempt_that_failed_is_made_again()
    {
        await using FibrilClient client = FibrilClient.Create(new FibrilClientOptions { Host = "127.0.0.1", Port = 1 });
        await Assert.ThrowsAsync<FibrilConnectionException>(() => client.OpenAsync());
        await Assert.ThrowsAsync<FibrilConnectionException>(() => client.DeclareQueueAsync("orders"));
    }

    [Fact] // a key must not be lost on a partition that was chosen before anyone knew how many there are
    public async Task The_first_publish_of_each_kind_chooses_its_partition_as_a_connected_client_does()
    {
        var keyed = new MessageProperties { PartitionKey = "customer-7" };
        await using FibrilClient declaring = await _broker.ConnectAsync();
        await declaring.DeclareQueueAsync("orders");
        await declaring.CreatePublisher("orders").PublishAsync("connected"u8, keyed);
        await using (FibrilClient client = Create()) await client.CreatePublisher("orders").PublishAsync("confirmed"u8, keyed);
        await using (FibrilClient client = Create()) await await client.CreatePublisher("orders").BeginPublishAsync("pipelined"u8, keyed);
        await using (FibrilClient client = Create()) await client.CreateReliablePublisher("orders").PublishAsync("reliable"u8, keyed);
        await using (FibrilClient client = Create())
        {
            Publisher publisher = client.CreatePublisher("orders");
            await publisher.SendAsync("unconfirmed"u8, keyed);
            await publisher.PublishAsync("after it"u8, keyed);
        }

        await using Subscription orders = await declaring.SubscribeAsync("orders");
        var partitions = new HashSet<int>();
        int count = 0;
        await foreach (ReceivedMessage message in orders)
        {
            partitions.Add(message.Partition);
            if (++count == 6) break;
        }

        Assert.NotEqual(0, Assert.Single(partitions));
    }

    [Fact]
    public async Task The_first_subscription_receives_from_every_partition()
    {
        await using FibrilClient declaring = await _broker.ConnectAsync();
        await declaring.DeclareQueueAsync("orders");
        await using FibrilClient client = Create();
        await using Subscription orders = await client.SubscribeAsync("orders");
        Assert.Equal(8, orders.PartitionCount);
    }

    [Fact]
    public async Task A_client_that_is_disposed_does_not_connect()
    {
        FibrilClient client = Create();
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.OpenAsync());
    }

    private FibrilClient Create() => FibrilClient.Create(new FibrilClientOptions { Host = "127.0.0.1", Port = _broker.Port });
}
