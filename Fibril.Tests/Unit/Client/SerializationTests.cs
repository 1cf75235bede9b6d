using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fibril.Client;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Fibril.Tests.Support;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.Unit.Client;

public sealed partial class SerializationTests
{
    private static readonly Order Sample = new(42, "größe 語", [1, 2, 3]);

    [Fact]
    public async Task Values_go_out_with_the_content_type_of_their_serializer()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        MessageSerializer<Order> json = MessageSerializer.Json(OrderContext.Default.Order);
        MessageSerializer<Order> pack = MessageSerializer.MessagePack(new OrderFormatter());
        var kinds = new List<ContentTypeKind>();
        foreach ((Func<Task> publish, bool isJson) in ((Func<Task>, bool)[])
        [
            (() => publisher.PublishAsync(Sample, json).AsTask(), true),
            (() => publisher.PublishJsonAsync(Sample, OrderContext.Default.Order).AsTask(), true),
            (() => publisher.PublishJsonAsync(Sample).AsTask(), true),
            (() => publisher.PublishMessagePackAsync(Sample, new OrderFormatter()).AsTask(), false),
            (() => publisher.PublishMessagePackAsync(Sample, ContractlessStandardResolver.Options).AsTask(), false),
            (async () => await await publisher.BeginPublishAsync(Sample, json), true),
            (() => publisher.SendAsync(Sample, pack).AsTask(), false),
        ])
        {
            Task publishing = publish();
            SentFrame frame = await session.Peer.ReadAsync(OpCode.Publish);
            session.Peer.Send(frame.Id, new PublishOkMessage(0));
            await Patience.Wait(publishing);
            Assert.Equal(isJson ? ContentTypeKind.Json : ContentTypeKind.MessagePack, frame.Read<PublishMessage>().ContentType.Kind);
            if (isJson) Assert.Equal(Sample.Id, JsonDocument.Parse(frame.Payload).RootElement.GetProperty("id").GetInt32());
            else Assert.NotEmpty(frame.Payload);
        }
    }

    [Fact]
    public void Json_comes_back_by_metadata_and_by_reflection()
    {
        ReceivedMessage message = Received(ContentType.Of(ContentTypeKind.Json), """{"id":42,"name":"größe 語","codes":[1,2,3]}"""u8);
        AssertSample(message.DeserializeJson(OrderContext.Default.Order));
        AssertSample(message.DeserializeJson<Order>());
        AssertSample(message.Deserialize<Order>());
        AssertSample(message.Deserialize(MessageSerializer.Json(OrderContext.Default.Order)));
    }

    [Fact] // 5.1: no content type means MessagePack to a decoder that has to choose
    public void MessagePack_comes_back_by_formatter_by_options_and_without_a_content_type()
    {
        MessageSerializer<Order> serializer = MessageSerializer.MessagePack(new OrderFormatter());
        var bytes = new ArrayBufferWriter<byte>();
        serializer.Serialize(bytes, Sample);
        foreach (ContentTypeKind kind in (ContentTypeKind[])[ContentTypeKind.MessagePack, ContentTypeKind.None])
        {
            ReceivedMessage message = Received(ContentType.Of(kind), bytes.WrittenSpan);
            AssertSample(message.DeserializeMessagePack(new OrderFormatter()));
            AssertSample(message.Deserialize<Order>(messagePackOptions: new MessagePackSerializerOptions(
                CompositeResolver.Create([new OrderFormatter()], [BuiltinResolver.Instance]))));
        }
    }

    [Fact]
    public void Text_is_strict_UTF8()
    {
        Assert.Equal("größe 語", Received(ContentType.Of(ContentTypeKind.Text), "größe 語"u8).GetText());
        Assert.Equal("größe 語", Received(ContentType.Of(ContentTypeKind.Text), "größe 語"u8).Deserialize<string>());
        Assert.Throws<FibrilSerializationException>(() => Received(ContentType.None, [0xff]).GetText());
    }

    public static TheoryData<string, Action> Undecodable => new()
    {
        { "json", () => Received(ContentType.Of(ContentTypeKind.Json), "{"u8).DeserializeJson(OrderContext.Default.Order) },
        { "msgpack", () => Received(ContentType.Of(ContentTypeKind.MessagePack), [0xc1]).DeserializeMessagePack(new OrderFormatter()) },
        { "cut short", () => Received(ContentType.Of(ContentTypeKind.MessagePack), [0x93, 42]).DeserializeMessagePack(new OrderFormatter()) },
        { "left over", () => Received(ContentType.Of(ContentTypeKind.MessagePack), [0x93, 42, 0xa1, 0x61, 0x90, 1]).DeserializeMessagePack(new OrderFormatter()) },
        { "other type", () => Received(ContentType.Custom("image/png"u8), [1]).Deserialize<Order>() },
        { "text as object", () => Received(ContentType.Of(ContentTypeKind.Text), "x"u8).Deserialize<Order>() },
    };

    [Theory] // the words are pinned
    [MemberData(nameof(Undecodable), DisableDiscoveryEnumeration = true)]
    public void A_payload_that_is_something_else_names_the_message_and_the_type(string name, Action deserialize)
    {
        Assert.NotEmpty(name);
        var failure = Assert.Throws<FibrilSerializationException>(deserialize);
        Assert.Contains("failed to deserialize", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("message 41 of queue 'orders', partition 0", failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Order), failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_value_that_cannot_be_serialized_is_not_sent()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        var failure = await Assert.ThrowsAsync<FibrilSerializationException>(async () => await publisher.SendAsync("\ud800", MessageSerializer.Text));
        Assert.Contains("System.String", failure.Message, StringComparison.Ordinal);
        await publisher.SendAsync("ok", MessageSerializer.Text);
        Assert.Equal("ok"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);
    }

    [Fact]
    public async Task A_serializer_may_publish_itself()
    {
        await using ScriptedSession session = await ScriptedSession.StartAsync();
        Publisher publisher = session.Client.CreatePublisher("orders");
        await publisher.SendAsync("outer", new ChattySerializer(publisher));
        Assert.Equal("inner"u8.ToArray(), (await session.Peer.ReadAsync(OpCode.Publish)).Payload);
        SentFrame outer = await session.Peer.ReadAsync(OpCode.Publish);
        Assert.Equal("outer"u8.ToArray(), outer.Payload);
        Assert.Equal("application/x-chat", outer.Read<PublishMessage>().ContentType.ToMime());
    }

    private static ReceivedMessage Received(ContentType contentType, ReadOnlySpan<byte> payload)
    {
        var leg = new SubscriptionLeg(null!, TestSpecs.Queue("orders"), partition: 0, incarnation: 1);
        return new ReceivedMessage(leg, 1, new DeliverMessage { Topic = "orders"u8, Offset = 41, ContentType = contentType, Payload = payload });
    }

    private static void AssertSample(Order order)
    {
        Assert.Equal(Sample.Id, order.Id);
        Assert.Equal(Sample.Name, order.Name);
        Assert.Equal(Sample.Codes, order.Codes);
    }

    public sealed record Order(int Id, string Name, int[] Codes);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Order))]
    private sealed partial class OrderContext : JsonSerializerContext;

    private sealed class OrderFormatter : IMessagePackFormatter<Order>
    {
        public void Serialize(ref MessagePackWriter writer, Order value, MessagePackSerializerOptions options)
        {
            writer.WriteArrayHeader(3);
            writer.Write(value.Id);
            writer.Write(value.Name);
            options.Resolver.GetFormatterWithVerify<int[]>().Serialize(ref writer, value.Codes, options);
        }

        public Order Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            if (reader.ReadArrayHeader() != 3) throw new MessagePackSerializationException("An order has three parts.");
            return new Order(reader.ReadInt32(), reader.ReadString()!, options.Resolver.GetFormatterWithVerify<int[]>().Deserialize(ref reader, options)!);
        }
    }

    private sealed class ChattySerializer(Publisher publisher) : MessageSerializer<string>
    {
        public override string ContentType => "application/x-chat";

        public override void Serialize(IBufferWriter<byte> output, string value)
        {
            MessageSerializer.Text.Serialize(output, value);
            publisher.SendAsync("inner", MessageSerializer.Text).AsTask().Wait();
        }

        public override string Deserialize(ReadOnlyMemory<byte> payload) => MessageSerializer.Text.Deserialize(payload);
    }
}
