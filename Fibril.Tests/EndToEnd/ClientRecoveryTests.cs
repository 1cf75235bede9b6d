using System.Globalization;
using System.Text;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>The real client and a real broker whose connections break, and which is killed and started again.</summary>
public sealed class ClientRecoveryTests
{
    [Fact] // F-10, R-12, R-14, R-20, REC-3 code 1
    public async Task A_short_break_is_resumed_and_nothing_comes_twice()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient client = await ConnectAsync(relay);
        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 4 });
        Publisher publisher = client.CreatePublisher("orders");
        for (int number = 0; number < 4; number++) await publisher.PublishAsync(PayloadOf(number));
        List<ReceivedMessage> held = await ReadAsync(subscription, 4);
        await using IAsyncEnumerator<FibrilClientEvent> events = client.WatchEventsAsync().GetAsyncEnumerator();

        relay.Cut();
        BrokerReconnected back = await NextAsync<BrokerReconnected>(events);
        Assert.Equal(ResumeOutcome.Resumed, back.Outcome);
        foreach (ReceivedMessage message in held) await message.CompleteAsync();
        await publisher.PublishAsync(PayloadOf(4));
        ReceivedMessage next = Assert.Single(await ReadAsync(subscription, 1));
        Assert.Equal(4, NumberOf(next)); // and none of the others again
        await next.CompleteAsync();
        Assert.Equal(ResumeOutcome.Resumed, await Patience.Wait(client.ReconnectAsync()));
        await publisher.PublishAsync(PayloadOf(5));
        Assert.Equal(5, NumberOf(Assert.Single(await ReadAsync(subscription, 1))));
    }

    [Fact] // F-11, P-20
    public async Task A_broker_that_was_killed_and_started_again_is_gone_on_with()
    {
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        BrokerProcess broker = await BrokerProcess.StartAsync(data);
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient client = await ConnectAsync(relay);
        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 4 });
        Publisher publisher = client.CreatePublisher("orders");
        await publisher.PublishAsync(PayloadOf(0));
        ReceivedMessage held = Assert.Single(await ReadAsync(subscription, 1));

        await broker.KillAsync();
        await broker.DisposeAsync();
        await using BrokerProcess second = await BrokerProcess.StartAsync(data);
        relay.PointTo(second.Clients);
        ReceivedMessage again = Assert.Single(await ReadAsync(subscription, 1));
        Assert.Equal(0, NumberOf(again));
        await Assert.ThrowsAsync<FibrilStaleDeliveryException>(() => held.CompleteAsync().AsTask());
        await again.CompleteAsync();
        await publisher.PublishAsync(PayloadOf(1)); // the publisher goes on too
        Assert.Equal(1, NumberOf(Assert.Single(await ReadAsync(subscription, 1))));
        Assert.False(subscription.Completion.IsCompleted);
    }

    [Fact] // R-78, DUP-2: exactly once within the window, however often connections break and the broker is killed
    public async Task What_a_reliable_publisher_has_published_is_there_once()
    {
        const int Count = 3000;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        BrokerProcess broker = await BrokerProcess.StartAsync(data);
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient client = await ConnectAsync(relay);
        ReliablePublisher publisher = client.CreateReliablePublisher("orders");
        int confirmed = 0;
        Task publishing = Task.WhenAll(Enumerable.Range(0, Count).Select(async number =>
        {
            await publisher.PublishAsync(PayloadOf(number));
            Interlocked.Increment(ref confirmed);
        }));
        for (int fault = 1; fault <= 6; fault++)
        {
            int until = fault * Count / 8;
            await Patience.Until(() => Volatile.Read(ref confirmed) >= until);
            if (fault % 3 == 0)
            {
                await broker.KillAsync();
                await broker.DisposeAsync();
                broker = await BrokerProcess.StartAsync(data);
                relay.PointTo(broker.Clients);
            }
            else
            {
                for (int spins = random.Next(1000); spins > 0; spins--) await Task.Yield();
                relay.Cut();
            }
        }

        await Patience.Wait(publishing);
        await using (broker)
        {
            await using FibrilClient reading = await broker.ConnectAsync();
            await using Subscription subscription = await reading.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 2 * Count });
            await client.CreatePublisher("orders").PublishAsync(PayloadOf(-1)); // stands behind all of them
            List<int> numbers = [.. (await ReadAsync(subscription, Count + 1)).Select(NumberOf)];
            Assert.True(numbers[^1] == -1, $"seed {seed}: something came behind the last");
            Assert.True(
                numbers.Take(Count).Order().SequenceEqual(Enumerable.Range(0, Count)),
                $"seed {seed}: {Count - numbers.Distinct().Count() + 1} are missing or twice");
        }
    }

    [Fact] // G-3, G-10, G-21, COH-3, COH-5, COH-6
    public async Task Members_of_a_consumer_group_share_the_partitions_and_keep_them_over_a_break()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient publishing = await broker.ConnectAsync();
        await publishing.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 4 });
        await using FibrilClient first = await ConnectAsync(relay);
        await using FibrilClient second = await broker.ConnectAsync();
        await using IAsyncEnumerator<FibrilClientEvent> events = first.WatchEventsAsync().GetAsyncEnumerator();
        await using Subscription mine = await first.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true });
        await using Subscription theirs = await second.SubscribeAsync("orders", new SubscribeOptions { Exclusive = true });
        PartitionsAssigned assigned;
        do assigned = await NextAsync<PartitionsAssigned>(events);
        while (assigned.Assigned.Count != 2 || assigned.Revoked.Count == 0); // all four before the second came
        Assert.Equal(("orders", "default"), (assigned.Topic, assigned.ConsumerGroup));

        relay.Cut();
        Assert.Equal(ResumeOutcome.Resumed, (await NextAsync<BrokerReconnected>(events)).Outcome);
        Publisher publisher = publishing.CreatePublisher("orders");
        for (int number = 0; number < 40; number++) await publisher.PublishAsync(PayloadOf(number)); // ten to each partition
        List<ReceivedMessage> received = await ReadAsync(mine, 20);
        List<ReceivedMessage> others = await ReadAsync(theirs, 20);
        Assert.Equal(assigned.Assigned.Order(), received.Select(static message => message.Partition).Distinct().Order());
        Assert.Equal(2, others.Select(static message => message.Partition).Distinct().Count());
        Assert.Empty(received.Select(static message => message.Partition).Intersect(others.Select(static message => message.Partition)));
    }

    [Fact] // P-1, P-10, P-13, P-16, P-20, P-25, STR-2
    public async Task A_durable_subscription_to_a_stream_goes_on_at_its_cursor_after_breaks_and_restarts()
    {
        using var directory = new TemporaryDirectory();
        string data = directory.PathOf("data");
        BrokerProcess broker = await BrokerProcess.StartAsync(data);
        await using var relay = new CuttableRelay(broker.Clients);
        await using FibrilClient client = await ConnectAsync(relay);
        Assert.Equal(2, await client.DeclareStreamAsync("audit", new StreamDeclaration { PartitionCount = 2 }));
        ReliablePublisher publisher = client.CreateReliablePublisher("audit");
        var filter = new StreamSubscribeOptions { DurableName = "billing", Filter = [new FilterClause("region", "eu-*")] };
        await using Subscription durable = await client.SubscribeStreamAsync("audit", filter);
        await using Subscription passing = await client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { Start = StreamPosition.Earliest });
        for (int number = 0; number < 30; number++)
        {
            var properties = new MessageProperties { Headers = new MessageHeaders { ["region"] = number % 3 == 0 ? "us-east" : "eu-west" } };
            await publisher.PublishAsync(PayloadOf(number), properties);
        }

        List<ReceivedMessage> records = await ReadAsync(durable, 20);
        Assert.All(records, static record => Assert.Equal("eu-west", record.Headers["region"]));
        foreach (ReceivedMessage record in records) await record.CompleteAsync();
        Assert.Equal(Enumerable.Range(0, 30), (await ReadAsync(passing, 30)).Select(NumberOf).Order()); // P-1: everybody sees everything
        await CompletedAsync(broker, "billing", partitions: 2);
        relay.Cut();
        await publisher.PublishAsync(PayloadOf(30), new MessageProperties { Headers = new MessageHeaders { ["region"] = "eu-north" } });
        ReceivedMessage next = Assert.Single(await ReadAsync(durable, 1));
        Assert.Equal(30, NumberOf(next)); // nothing again
        Assert.Equal(30, NumberOf(Assert.Single(await ReadAsync(passing, 1))));

        // Not completed, and the broker dies: it comes again, and what was completed does not.
        await broker.KillAsync();
        await broker.DisposeAsync();
        await using BrokerProcess second = await BrokerProcess.StartAsync(data);
        relay.PointTo(second.Clients);
        ReceivedMessage again = Assert.Single(await ReadAsync(durable, 1));
        Assert.Equal(30, NumberOf(again));
        await Assert.ThrowsAsync<FibrilStreamSettlementException>(() => again.FailAsync().AsTask());
        await again.CompleteAsync();
    }

    [Fact] // L-3: a broker that stands alone shows its queues
    public async Task The_catalogue_and_patterns_follow_what_is_declared()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await using FibrilClient other = await broker.ConnectAsync();
        await using IAsyncEnumerator<CatalogueChange> changes = client.WatchCatalogueAsync().GetAsyncEnumerator();
        await using PatternSubscription subscription = await client.SubscribePatternAsync("orders.*");
        await other.DeclareQueueAsync("orders.eu", new QueueDeclaration { PartitionCount = 2 });
        Assert.True(await Patience.Wait(changes.MoveNextAsync()));
        Assert.Equal(
            (CatalogueChangeKind.Added, "orders.eu", 2),
            (changes.Current.Kind, changes.Current.Channel.Topic, changes.Current.Channel.PartitionCount));
        await other.CreatePublisher("orders.eu").PublishAsync(PayloadOf(7));
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()));
        Assert.Equal(("orders.eu", 7), (reader.Current.Topic, NumberOf(reader.Current)));
        await reader.Current.CompleteAsync();
    }

    private static Task<FibrilClient> ConnectAsync(CuttableRelay relay) =>
        FibrilClient.ConnectAsync(new FibrilClientOptions { Host = "127.0.0.1", Port = relay.Port });

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<FibrilClientEvent> events) where T : FibrilClientEvent
    {
        while (await Patience.Wait(events.MoveNextAsync()))
        {
            if (events.Current is T wanted) return wanted;
        }

        throw new InvalidOperationException("The client is disposed.");
    }

    /// <summary>Waits until the broker knows that everything was completed. A reader of a stream has a connection of its own, so no other request says that.</summary>
    private static async Task CompletedAsync(BrokerProcess broker, string cursor, int partitions)
    {
        using var http = new HttpClient { BaseAddress = broker.Admin };
        await Patience.Until(async () =>
        {
            string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            return partitions == metrics.Split('\n').Count(line =>
                line.StartsWith("fibril_stream_cursor_lag{", StringComparison.Ordinal) && line.Contains($"cursor=\"{cursor}\"", StringComparison.Ordinal) && line.EndsWith("} 0", StringComparison.Ordinal));
        });
    }

    private static async Task<List<ReceivedMessage>> ReadAsync(Subscription subscription, int count)
    {
        var messages = new List<ReceivedMessage>();
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        while (messages.Count < count && await Patience.Wait(reader.MoveNextAsync())) messages.Add(reader.Current);
        return messages;
    }

    private static ReadOnlyMemory<byte> PayloadOf(int number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static int NumberOf(ReceivedMessage message) => int.Parse(message.GetText(), CultureInfo.InvariantCulture);
}
