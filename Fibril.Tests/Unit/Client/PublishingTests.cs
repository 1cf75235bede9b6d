using System.Text;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

public sealed class PublishingTests
{
    private const ulong Midnight = 1_767_225_600_000; // where the clock of a session starts

    [Fact]
    public async Task A_plain_message_carries_payload_and_time_and_nothing_else()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Task<long> publish = session.Client.CreatePublisher("orders").PublishAsync(new byte[] { 1, 2, 3 }.AsMemory()).AsTask();
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
        AssertPlain(frame.Read<PublishMessage>());
        session.Peer.Send(frame.Id, new PublishOkMessage(41));
        Assert.Equal(41, await Patience.Wait(publish));

        static void AssertPlain(PublishMessage message)
        {
            Assert.Equal("orders"u8, message.Topic);
            Assert.False(message.Group.IsPresent);
            Assert.Equal(0U, message.Partition);
            Assert.True(message.RequireConfirm);
            Assert.Equal(ContentTypeKind.None, message.ContentType.Kind);
            Assert.Equal(0, message.Headers.Count);
            Assert.Equal(Midnight, message.Published);
            Assert.False(message.HasPartitionKey);
            Assert.Equal(0UL, message.PartitioningVersion);
            Assert.Equal((byte[])[1, 2, 3], message.Payload.ToArray());
            Assert.Null(message.TtlMs);
        }
    }

    [Fact]
    public async Task Everything_that_is_given_goes_along()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(7, new QueueShape("orders", "eu", 4, 9)));
        Publisher publisher = session.Client.CreatePublisher("orders", new PublisherOptions { Group = "eu", DefaultTimeToLive = TimeSpan.FromHours(1) });
        Task<long> publish = publisher.PublishAsync("x"u8, new MessageProperties
        {
            ContentType = "image/png",
            Headers = new MessageHeaders { { "tenant", "7" }, { "Fibril.x", "mine" } },
            PartitionKey = "customer-7",
            TimeToLive = TimeSpan.FromMilliseconds(1500.2),
        }).AsTask();
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
        AssertComplete(frame.Read<PublishMessage>());
        session.Peer.Send(frame.Id, new PublishOkMessage(0));
        await Patience.Wait(publish);

        static void AssertComplete(PublishMessage message)
        {
            Assert.Equal("eu"u8, message.Group.Value);
            Assert.Equal(1U, message.Partition); // 0x660308ab83c6fdf1 mod 4
            Assert.Equal("image/png", message.ContentType.ToMime());
            Assert.Equal(new Dictionary<string, string> { ["tenant"] = "7", ["Fibril.x"] = "mine" }, ReadHeaders(message.Headers));
            Assert.True(message.HasPartitionKey);
            Assert.Equal("customer-7"u8, message.PartitionKey);
            Assert.Equal(9UL, message.PartitioningVersion);
            Assert.Equal(1501UL, message.TtlMs);
        }
    }

    [Theory] // HSH-1, Q-21, Q-23
    [InlineData("", 5U)]
    [InlineData("a", 4U)]
    [InlineData("order-42", 4U)]
    [InlineData("customer-7", 1U)]
    [InlineData("κλειδί", 7U)]
    public async Task Equal_keys_go_to_the_same_partition_in_every_client(string key, uint partition)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 8, 0)));
        await session.Client.CreatePublisher("orders").SendAsync("x"u8, new MessageProperties { PartitionKey = key });
        await session.Client.CreatePublisher("orders").SendAsync("x"u8, new MessageProperties { PartitionKeyBytes = Encoding.UTF8.GetBytes(key) });
        Assert.Equal(partition, (await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Partition);
        Assert.Equal(partition, (await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Partition);
    }

    [Fact] // HSH-2, Q-22
    public async Task Messages_without_a_key_go_round_the_partitions()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", null, 3, 0)));
        Publisher publisher = session.Client.CreatePublisher("orders");
        var partitions = new List<uint>();
        for (int i = 0; i < 9; i++)
        {
            await publisher.SendAsync("x"u8);
            partitions.Add((await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Partition);
        }

        Assert.Equal([3, 3, 3], partitions.CountBy(partition => partition).Select(count => count.Value));
        for (int i = 3; i < 9; i++) Assert.Equal(partitions[i - 3], partitions[i]);
    }

    [Fact] // HSH-3, Q-25, Q-32
    public async Task A_queue_that_the_topology_does_not_know_has_one_partition()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(1, new QueueShape("orders", "eu", 3, 5)));
        await session.Client.CreatePublisher("orders").SendAsync("x"u8, new MessageProperties { PartitionKey = "customer-7" });
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
        Assert.Equal(0U, frame.Read<PublishMessage>().Partition);
        Assert.Equal(0UL, frame.Read<PublishMessage>().PartitioningVersion);
    }

    [Fact] // TOP-6, Q-33
    public async Task Pushed_topologies_replace_newer_than_known_ones_and_are_always_acknowledged()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(10, new QueueShape("orders", null, 1, 0)));
        Publisher publisher = session.Client.CreatePublisher("orders");
        await PushAsync(11, acknowledged: 11, count: 8, version: 3);
        Assert.Equal((1U, 3UL), await RouteAsync());
        await PushAsync(9, acknowledged: 11, count: 2, version: 1);
        Assert.Equal((1U, 3UL), await RouteAsync());
        await PushAsync(11, acknowledged: 11, count: 12, version: 4); // the same generation again: not older
        Assert.Equal((9U, 4UL), await RouteAsync());

        async Task PushAsync(ulong generation, ulong acknowledged, uint count, ulong version)
        {
            session.Peer.Send(40 + generation, new TopologyUpdateMessage(ScriptedBroker.Topology(generation, new QueueShape("orders", null, count, version))));
            SentFrame frame = await session.Peer.ReadAsync(OpCode.TopologyUpdateAck);
            Assert.Equal(40 + generation, frame.Id);
            Assert.Equal(acknowledged, frame.Read<TopologyUpdateAckMessage>().Generation);
        }

        async Task<(uint Partition, ulong Version)> RouteAsync()
        {
            await publisher.SendAsync("x"u8, new MessageProperties { PartitionKey = "customer-7" });
            SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
            return (frame.Read<PublishMessage>().Partition, frame.Read<PublishMessage>().PartitioningVersion);
        }
    }

    [Fact]
    public async Task A_declaration_routes_before_the_topology_says_so()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(ScriptedBroker.Topology(3));
        Publisher publisher = session.Client.CreatePublisher("orders");
        Task<int> declaring = session.Client.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = 8 });
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.DeclareQueue)).Id, new DeclareQueueOkMessage("stored", 8));
        await Patience.Wait(declaring);
        await publisher.SendAsync("x"u8, new MessageProperties { PartitionKey = "κλειδί" });
        Assert.Equal(7U, (await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Partition);
    }

    [Fact]
    public async Task A_delayed_message_goes_another_way_with_its_due_time()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders", new PublisherOptions { DefaultTimeToLive = TimeSpan.FromHours(1) });
        await publisher.SendAsync("x"u8, new MessageProperties { Delay = TimeSpan.FromMilliseconds(2500) });
        Assert.Equal(Midnight + 2500, (await session.Peer.ReadAsync(OpCode.PublishDelayed)).Read<PublishDelayedMessage>().NotBefore);

        await publisher.SendAsync("x"u8, new MessageProperties { Delay = TimeSpan.FromTicks(1) }); // never too early
        Assert.Equal(Midnight + 1, (await session.Peer.ReadAsync(OpCode.PublishDelayed)).Read<PublishDelayedMessage>().NotBefore);

        await publisher.SendAsync("x"u8, new MessageProperties { NotBefore = DateTimeOffset.UnixEpoch.AddSeconds(7) });
        Assert.Equal(7000UL, (await session.Peer.ReadAsync(OpCode.PublishDelayed)).Read<PublishDelayedMessage>().NotBefore);

        await publisher.SendAsync("x"u8, new MessageProperties { NotBefore = DateTimeOffset.MinValue });
        Assert.Equal(0UL, (await session.Peer.ReadAsync(OpCode.PublishDelayed)).Read<PublishDelayedMessage>().NotBefore);

        Task<long> publish = publisher.PublishAsync("y"u8, new MessageProperties { Delay = TimeSpan.MaxValue, Headers = new MessageHeaders { { "a", "b" } } }).AsTask();
        SentFrame frame = await session.Peer.ReadAsync(OpCode.PublishDelayed);
        Assert.True(frame.Read<PublishDelayedMessage>().RequireConfirm);
        Assert.Equal("y"u8, frame.Read<PublishDelayedMessage>().Payload);
        Assert.Equal(1, frame.Read<PublishDelayedMessage>().Headers.Count);
        session.Peer.Send(frame.Id, new PublishOkMessage(3));
        Assert.Equal(3, await Patience.Wait(publish));
    }

    public static TheoryData<string, MessageProperties> Contradictions => new()
    {
        { "NotBefore", new MessageProperties { Delay = TimeSpan.Zero, NotBefore = DateTimeOffset.UnixEpoch } },
        { "TimeToLive", new MessageProperties { Delay = TimeSpan.Zero, TimeToLive = TimeSpan.FromSeconds(1) } },
        { "Delay", new MessageProperties { Delay = TimeSpan.FromTicks(-1) } },
        { "TimeToLive", new MessageProperties { TimeToLive = TimeSpan.FromTicks(-1) } },
    };

    [Theory]
    [MemberData(nameof(Contradictions), DisableDiscoveryEnumeration = true)]
    public async Task Properties_that_make_no_sense_are_refused_here(string word, MessageProperties properties)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await publisher.PublishAsync("x"u8.ToArray(), properties));
        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
    }

    [Theory] // PUB-2, Q-59
    [InlineData("application/json", ContentTypeKind.Json)]
    [InlineData("application/json; charset=utf-8", ContentTypeKind.Json)]
    [InlineData("application/msgpack", ContentTypeKind.MessagePack)]
    [InlineData("text/plain; charset=utf-8", ContentTypeKind.Text)]
    [InlineData("text/plain", ContentTypeKind.Custom)]
    public async Task A_content_type_header_becomes_the_content_type(string value, ContentTypeKind kind)
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        var headers = new MessageHeaders { ["Content-TYPE"] = value, ["other"] = "1" };
        Assert.Equal(1, headers.Count);
        await session.Client.CreatePublisher("orders").SendAsync("x"u8, new MessageProperties { Headers = headers });
        SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
        Assert.Equal(kind, frame.Read<PublishMessage>().ContentType.Kind);
        Assert.Equal(1, frame.Read<PublishMessage>().Headers.Count);
    }

    [Fact]
    public async Task An_explicit_content_type_wins_and_the_publisher_has_a_default()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders", new PublisherOptions { DefaultContentType = "application/xml" });
        await publisher.SendAsync("x"u8);
        await publisher.SendAsync("x"u8, new MessageProperties { Headers = new MessageHeaders { ["content-type"] = "text/csv" } });
        await publisher.SendAsync(
            "x"u8, new MessageProperties { ContentType = "application/json", Headers = new MessageHeaders { ["content-type"] = "text/csv" } });
        await publisher.SendAsync("x", MessageSerializer.Text);
        await publisher.SendAsync("x", MessageSerializer.Text, new MessageProperties { ContentType = "text/csv" });
        foreach (string mime in (string[])["application/xml", "text/csv", "application/json", "text/plain; charset=utf-8", "text/csv"])
            Assert.Equal(mime, (await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().ContentType.ToMime());
    }

    [Theory] // HDR-1, HDR-2, Q-57
    [InlineData("fibril.retries")]
    [InlineData("fibril.client.producer_id")]
    [InlineData("stroma.dlq.reason")]
    public void Reserved_headers_are_refused_where_they_are_set(string key)
    {
        var headers = new MessageHeaders();
        var refusal = Assert.Throws<ArgumentException>(() => headers.Add(key, "1"));
        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, headers.Count);
    }

    [Fact]
    public async Task Headers_can_be_changed_between_messages()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        var headers = new MessageHeaders { ["a"] = "1", ["fibrilx"] = "2" };
        var properties = new MessageProperties { Headers = headers };
        await publisher.SendAsync("x"u8, properties);
        headers["a"] = "3";
        Assert.True(headers.Remove("fibrilx"));
        await publisher.SendAsync("x"u8, properties);
        Assert.Equal(
            new Dictionary<string, string> { ["a"] = "1", ["fibrilx"] = "2" },
            ReadHeaders((await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Headers));
        Assert.Equal(
            new Dictionary<string, string> { ["a"] = "3" }, ReadHeaders((await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().Headers));
    }

    [Fact]
    public async Task Unconfirmed_messages_ask_for_no_confirmation()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        await session.Client.CreatePublisher("orders").SendAsync("x"u8);
        Assert.False((await session.Peer.ReadAsync(OpCode.Publish)).Read<PublishMessage>().RequireConfirm);
    }

    [Fact]
    public async Task A_handle_comes_before_the_confirmation_and_gives_the_offset()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        PublishConfirmation first = await publisher.BeginPublishAsync("x"u8);
        PublishConfirmation second = await publisher.BeginPublishAsync("y"u8.ToArray().AsMemory());
        Assert.False(first.IsCompleted);
        Assert.NotEqual(first, second);
        ulong firstId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        ulong secondId = (await session.Peer.ReadAsync(OpCode.Publish)).Id;
        session.Peer.Send(secondId, new PublishOkMessage(8));
        session.Peer.Send(firstId, new PublishOkMessage(7));
        Assert.Equal(7, await first);
        Assert.Equal(8, await Patience.Wait(second.AsTask()));
    }

    [Fact]
    public async Task A_handle_that_nobody_awaits_harms_nobody()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        await publisher.BeginPublishAsync("x"u8);
        session.Peer.SendError((await session.Peer.ReadAsync(OpCode.Publish)).Id, ErrorCode.ServerFault, "no");
        Task<long> next = publisher.PublishAsync("y"u8).AsTask();
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Publish)).Id, new PublishOkMessage(1));
        Assert.Equal(1, await Patience.Wait(next));
    }

    [Fact]
    public async Task A_publish_that_is_awaited_twice_says_so_and_does_not_show_another_one()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        PublishConfirmation first = await publisher.BeginPublishAsync("x"u8);
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Publish)).Id, new PublishOkMessage(7));
        Assert.Equal(7, await first);
        PublishConfirmation second = await publisher.BeginPublishAsync("y"u8);
        session.Peer.Send((await session.Peer.ReadAsync(OpCode.Publish)).Id, new PublishOkMessage(8));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await first);
        Assert.Equal(8, await second);
    }

    [Fact]
    public async Task A_message_too_large_for_a_frame_is_refused_here()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.MaxFrameBytes = 1 << 20);
        Publisher publisher = session.Client.CreatePublisher("orders");
        var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await publisher.PublishAsync(new byte[1 << 20]));
        Assert.Contains("MaxFrameBytes", refusal.Message, StringComparison.Ordinal);
        Assert.True(session.Client.IsConnected);
    }

    [Fact] // FRM-14
    public async Task Messages_reach_the_wire_in_the_order_of_the_calls()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync(configure: options => options.WriteBufferBytes = 4096);
        Publisher publisher = session.Client.CreatePublisher("orders");
        var publishes = new List<Task>(); // none awaited before the last is made; most wait for room
        for (int i = 0; i < 2000; i++) publishes.Add(publisher.PublishAsync(BitConverter.GetBytes(i)).AsTask());
        for (int i = 0; i < 2000; i++)
        {
            SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
            Assert.Equal(i, BitConverter.ToInt32(frame.Payload));
            session.Peer.Send(frame.Id, new PublishOkMessage((ulong)i));
        }

        await Patience.Wait(Task.WhenAll(publishes));
    }

    private static Dictionary<string, string> ReadHeaders(HeaderBlock headers)
    {
        var read = new Dictionary<string, string>();
        foreach (Header header in headers) read[Encoding.UTF8.GetString(header.Key)] = Encoding.UTF8.GetString(header.Value);
        return read;
    }
}
