using Fibril.Protocol;
using Xunit;

namespace Fibril.Tests.Protocol;

/// <summary>Messages on the path of every delivery are read and written without a single allocation.</summary>
public sealed class HotPathAllocationTests
{
    private static readonly byte[] Payload = new byte[1000];
    private static readonly byte[] Tags = new byte[3 * TagList.TagBytes];
    private static readonly HeaderBlockBuilder Headers = new HeaderBlockBuilder().Add("tenant", "7").Add("trace", "7f");

    private readonly byte[] _frame = new byte[2000];

    [Fact]
    public void Publish() => AssertNoAllocation(() => RoundTrip(new PublishMessage
    {
        Topic = "orders"u8,
        Group = new OptionalUtf8("eu"u8),
        Partition = 3,
        RequireConfirm = true,
        ContentType = ContentType.Custom("image/png"u8),
        Headers = Headers.Block,
        HasPartitionKey = true,
        PartitionKey = "order-42"u8,
        Payload = Payload,
        TtlMs = 60_000,
    }));

    [Fact]
    public void Publish_delayed() => AssertNoAllocation(() => RoundTrip(new PublishDelayedMessage
    {
        Topic = "orders"u8,
        NotBefore = 1_767_225_600_000,
        ContentType = ContentType.Of(ContentTypeKind.Json),
        Headers = Headers.Block,
        Payload = Payload,
    }));

    [Fact]
    public void Publish_ok() => AssertNoAllocation(() => RoundTrip(new PublishOkMessage(4711)));

    [Fact]
    public void Deliver() => AssertNoAllocation(() => RoundTrip(new DeliverMessage
    {
        SubscriptionId = 3,
        Topic = "orders"u8,
        Offset = 41,
        DeliveryTag = 9001,
        Headers = Headers.Block,
        Payload = Payload,
    }));

    [Fact]
    public void Enumerating_headers() => AssertNoAllocation(() =>
    {
        int length = 0;
        foreach (Header header in Headers.Block) length += header.Key.Length + header.Value.Length;
        if (length == 0) throw new InvalidOperationException("There are two headers.");
    });

    [Fact]
    public void Ack() => AssertNoAllocation(() => RoundTrip(new AckMessage { Topic = "orders"u8, Tags = new TagList(Tags) }));

    [Fact]
    public void Nack() => AssertNoAllocation(() => RoundTrip(new NackMessage
    {
        Topic = "orders"u8,
        Tags = new TagList(Tags),
        Requeue = true,
        NotBefore = 5,
    }));

    [Fact]
    public void Ping_and_pong() => AssertNoAllocation(() =>
    {
        RoundTrip(default(PingMessage));
        RoundTrip(default(PongMessage));
    });

    [Fact]
    public void A_refused_message() => AssertNoAllocation(() =>
    {
        if (Frame.TryRead(Payload, out PublishMessage _, out _)) throw new InvalidOperationException("Zeros are no message.");
    });

    [Fact] // the server's additions to a delivery: a builder that is used again
    public void Building_headers_in_a_builder_that_has_its_buffer() => AssertNoAllocation(() =>
    {
        HeaderBlock stored = Headers.Block;
        Reused.Clear();
        Reused.AddAll(stored).Add("fibril.retries"u8, "1"u8);
        if (Reused.Block.Count != 3) throw new InvalidOperationException("Three headers went in.");
    });

    [Fact] // the measurement itself can fail
    public void An_allocation_would_be_noticed()
    {
        GC.KeepAlive(Allocate());
        Assert.NotEqual(0, Measure(static () => GC.KeepAlive(Allocate())));
    }

    private static readonly HeaderBlockBuilder Reused = new();

    private static byte[] Allocate() => new byte[1];

    private void RoundTrip<T>(scoped in T message) where T : IWireMessage<T>, allows ref struct
    {
        int size = Frame.Measure(in message);
        int written = Frame.Write(_frame, 7, in message);
        bool read = FrameHeader.TryRead(_frame, out FrameHeader header)
            && Frame.TryRead(_frame.AsSpan(FrameHeader.Size, (int)header.BodyBytes), out T _, out _);
        if (!read || written != size) throw new InvalidOperationException("The message did not survive.");
    }

    private static void AssertNoAllocation(Action action)
    {
        action(); // what is allocated once per process is not meant
        Assert.Equal(0, Measure(action));
    }

    private static long Measure(Action action)
    {
        const int Repetitions = 100;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Repetitions; i++) action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
