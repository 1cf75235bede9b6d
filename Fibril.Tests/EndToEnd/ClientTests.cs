using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>The real client against a real broker process. Every test has queues of its own.</summary>
public sealed class ClientTests(ClientTests.Broker broker) : IClassFixture<ClientTests.Broker>
{
    [Fact] // M-21
    public async Task A_published_message_arrives_as_it_was_and_is_gone_when_completed()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        Publisher publisher = client.CreatePublisher("arrives");
        long offset = await publisher.PublishAsync("größe"u8, new MessageProperties
        {
            ContentType = "text/plain; charset=utf-8",
            Headers = new MessageHeaders { ["tenant"] = "7" },
        });
        Assert.Equal(0, offset);
        Assert.Equal(1, await publisher.PublishAsync("second"u8));

        await using Subscription subscription = await client.SubscribeAsync("arrives");
        List<ReceivedMessage> messages = await ReadAsync(subscription, 2);
        Assert.Equal("größe", messages[0].GetText());
        Assert.Equal("text/plain; charset=utf-8", messages[0].ContentType);
        Assert.Equal("7", messages[0].Headers["tenant"]);
        Assert.Equal(0, messages[0].Retries);
        Assert.NotNull(messages[0].PublishedAt);
        Assert.Equal((0, 0L), (messages[0].Partition, messages[0].Offset));
        foreach (ReceivedMessage message in messages) await message.CompleteAsync();
        await client.PingAsync(); // what was settled before is handled
        await client.DisposeAsync();

        await using FibrilClient other = await broker.ConnectAsync();
        await other.CreatePublisher("arrives").PublishAsync("third"u8);
        await using Subscription rest = await other.SubscribeAsync("arrives");
        Assert.Equal("third"u8.ToArray(), (await ReadAsync(rest, 1))[0].Payload.ToArray());
    }

    [Fact] // M-23, M-24, 8.5
    public async Task A_retried_message_comes_back_and_says_how_often()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("retried").PublishAsync("x"u8);
        await using Subscription subscription = await client.SubscribeAsync("retried");
        ReceivedMessage first = (await ReadAsync(subscription, 1))[0];
        await first.RetryAsync();
        ReceivedMessage second = (await ReadAsync(subscription, 1))[0];
        Assert.Equal(1, second.Retries);
        Assert.Equal(first.Offset, second.Offset);
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await second.RetryAfterAsync(TimeSpan.FromMilliseconds(150));
        ReceivedMessage third = (await ReadAsync(subscription, 1))[0];
        Assert.Equal(2, third.Retries);
        Assert.True(DateTimeOffset.UtcNow >= before.AddMilliseconds(150)); // not before, and after
        await third.CompleteAsync();
    }

    [Fact] // M-22, STL-4: without a policy it is dropped
    public async Task A_failed_message_frees_its_place_and_does_not_come_back()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        Publisher publisher = client.CreatePublisher("failing");
        foreach (string text in (string[])["a", "b", "c"]) await publisher.PublishAsync(text, MessageSerializer.Text);
        await using Subscription subscription = await client.SubscribeAsync("failing", new SubscribeOptions { Prefetch = 1 });
        var seen = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            ReceivedMessage message = (await ReadAsync(subscription, 1))[0];
            seen.Add(message.GetText());
            await (i == 0 ? message.FailAsync() : message.CompleteAsync());
        }

        Assert.Equal(["a", "b", "c"], seen);
    }

    [Fact] // HSH-1, Q-45, Q-21, Q-22
    public async Task Keys_and_round_robin_spread_over_declared_partitions_and_one_subscription_reads_them_all()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        Assert.Equal(4, await client.DeclareQueueAsync("spread", new QueueDeclaration { PartitionCount = 4 }));
        Publisher publisher = client.CreatePublisher("spread");
        for (int i = 0; i < 8; i++) await publisher.PublishAsync("round"u8);
        for (int i = 0; i < 8; i++) await publisher.PublishAsync("keyed"u8, new MessageProperties { PartitionKey = "customer-7" });
        await using Subscription subscription = await client.SubscribeAsync("spread");
        Assert.Equal(4, subscription.PartitionCount);
        List<ReceivedMessage> messages = await ReadAsync(subscription, 16);
        foreach (ReceivedMessage message in messages) await message.CompleteAsync();
        Assert.All(messages.Where(message => message.GetText() == "keyed"), message => Assert.Equal(1, message.Partition));
        Assert.Equal(
            [(0, 2), (1, 2), (2, 2), (3, 2)],
            messages.Where(message => message.GetText() == "round").CountBy(message => message.Partition)
                .Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact] // TOP-5: another client's declaration is pushed
    public async Task Publishers_follow_a_topology_that_is_pushed()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await using FibrilClient other = await broker.ConnectAsync();
        await other.DeclareQueueAsync("pushed", new QueueDeclaration { PartitionCount = 8 });
        await Patience.Until(() => client.Routing.Find(Fibril.Client.Routing.QueueAddress.Create("pushed", null)).PartitionCount == 8);
        await client.CreatePublisher("pushed").PublishAsync("x"u8, new MessageProperties { PartitionKey = "κλειδί" });
        await using Subscription subscription = await other.SubscribeAsync("pushed");
        Assert.Equal(7, (await ReadAsync(subscription, 1))[0].Partition);
    }

    [Fact]
    public async Task Groups_are_queues_of_their_own()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("grouped", new PublisherOptions { Group = "eu" }).PublishAsync("eu"u8);
        await client.CreatePublisher("grouped", new PublisherOptions { Group = "default" }).PublishAsync("none"u8);
        await using Subscription eu = await client.SubscribeAsync("grouped", new SubscribeOptions { Group = "eu" });
        await using Subscription none = await client.SubscribeAsync("grouped");
        ReceivedMessage fromEu = (await ReadAsync(eu, 1))[0];
        Assert.Equal(("eu", "eu"), (fromEu.GetText(), fromEu.Group));
        await fromEu.CompleteAsync();
        Assert.Equal("none", (await ReadAsync(none, 1))[0].GetText());
    }

    [Fact] // OPEN-6, D-1, D-2, D-19
    public async Task A_delayed_message_comes_later_and_an_expired_one_never()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        Publisher publisher = client.CreatePublisher("timed");
        await using Subscription subscription = await client.SubscribeAsync("timed");
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await publisher.PublishAsync("expired"u8, new MessageProperties { TimeToLive = TimeSpan.Zero });
        await publisher.PublishAsync("later"u8, new MessageProperties { Delay = TimeSpan.FromMilliseconds(150) });
        await publisher.PublishAsync("now"u8);
        List<ReceivedMessage> messages = await ReadAsync(subscription, 2);
        Assert.Equal(["now", "later"], messages.Select(message => message.GetText()));
        Assert.True(DateTimeOffset.UtcNow >= before.AddMilliseconds(150));
    }

    [Theory] // M-46, Q-28, S-9
    [InlineData(false, 1)]
    [InlineData(false, 1000)]
    [InlineData(true, 16)]
    public async Task Many_messages_arrive_once_and_in_order(bool autoAck, int prefetch)
    {
        const int Count = 20_000;
        string topic = $"many-{autoAck}-{prefetch}".ToLowerInvariant();
        await using FibrilClient client = await broker.ConnectAsync();
        Publisher publisher = client.CreatePublisher(topic);
        int count = prefetch == 1 ? Count / 10 : Count;
        Task publishing = Task.Run(async () =>
        {
            var handles = new Queue<PublishConfirmation>();
            for (int i = 0; i < count; i++)
            {
                handles.Enqueue(await publisher.BeginPublishAsync(BitConverter.GetBytes(i)));
                if (handles.Count == 1000) Assert.Equal(i - 999, await handles.Dequeue());
            }

            while (handles.TryDequeue(out PublishConfirmation last)) await last;
        });
        await using Subscription subscription = await client.SubscribeAsync(topic, new SubscribeOptions { Prefetch = prefetch, AutoAck = autoAck });
        int next = 0;
        await foreach (ReceivedMessage message in subscription)
        {
            Assert.Equal(next, BitConverter.ToInt32(message.Payload.Span));
            if (!autoAck) await message.CompleteAsync();
            if (++next == count) break;
        }

        await Patience.Wait(publishing);
    }

    [Fact]
    public async Task Messages_of_many_megabytes_come_through()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        byte[] payload = new byte[20 << 20];
        new Random(1).NextBytes(payload);
        await client.CreatePublisher("large").PublishAsync(payload);
        await using Subscription subscription = await client.SubscribeAsync("large");
        ReceivedMessage message = (await ReadAsync(subscription, 1))[0];
        Assert.True(payload.AsSpan().SequenceEqual(message.Payload.Span));
    }

    [Fact] // M-50: what only closing a connection can do
    public async Task Disposing_a_subscription_with_its_own_connection_gives_its_messages_to_others()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await client.CreatePublisher("handed-over").PublishAsync("x"u8);
        Subscription first = await client.SubscribeAsync("handed-over", new SubscribeOptions { OwnConnection = true });
        await ReadAsync(first, 1);
        await using Subscription second = await client.SubscribeAsync("handed-over");
        await first.DisposeAsync();
        ReceivedMessage message = (await ReadAsync(second, 1))[0];
        Assert.Equal(0, message.Retries); // a release is no retry (M-51)
        await message.CompleteAsync();
    }

    [Fact] // SUB-1, Q-49
    public async Task A_second_subscription_of_a_client_to_a_queue_is_a_conflict()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        await using Subscription subscription = await client.SubscribeAsync("twice");
        var refusal = await Assert.ThrowsAsync<FibrilServerException>(() => client.SubscribeAsync("twice"));
        Assert.Equal(ErrorCode.Conflict, refusal.Code);
    }

    [Fact] // O-10
    public async Task Wrong_credentials_are_refused()
    {
        FibrilClientOptions options = broker.Process.Options();
        options.Password = "wrong";
        var refusal = await Assert.ThrowsAsync<FibrilServerException>(() => FibrilClient.ConnectAsync(options));
        Assert.Equal(ErrorCode.Unauthenticated, refusal.Code);
    }

    [Fact]
    public async Task The_admin_port_is_recognised_as_the_wrong_one()
    {
        FibrilException refusal = await Assert.ThrowsAnyAsync<FibrilException>(() => FibrilClient.ConnectAsync(broker.Process.Admin.Authority));
        Assert.IsNotType<FibrilTimeoutException>(refusal);
    }

    [Fact]
    public async Task Ping_takes_some_time()
    {
        await using FibrilClient client = await broker.ConnectAsync();
        Assert.True(await client.PingAsync() > TimeSpan.Zero);
    }

    private static async Task<List<ReceivedMessage>> ReadAsync(Subscription subscription, int count)
    {
        var messages = new List<ReceivedMessage>();
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        while (messages.Count < count && await Patience.Wait(reader.MoveNextAsync())) messages.Add(reader.Current);
        return messages;
    }

    /// <summary>One broker for all tests of the class.</summary>
    public sealed class Broker : IAsyncLifetime
    {
        private BrokerProcess? _process;

        internal BrokerProcess Process => _process!;

        internal Task<FibrilClient> ConnectAsync() => Process.ConnectAsync();

        public async ValueTask InitializeAsync() => _process = await BrokerProcess.StartAsync();

        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
