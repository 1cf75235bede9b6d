using System.Text;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>The real stream partition on a simulated disk, clock and scheduler: one thread, no sockets, every step decided by the test.</summary>
internal sealed class StreamHarness : IDisposable, IStreamHost
{
    public static readonly PartitionId Id = new(new QueueName("audit", null), 0);

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");

    /// <summary>Where every partition of a harness keeps its files.</summary>
    public static readonly string PartitionDirectory = Path.Combine(Root, "streams", "audit", "0");

    private readonly SteppedScheduler _scheduler;
    private readonly DeadlineScheduler _deadlines;

    /// <param name="disk">The disk to open the partition on.</param>
    /// <param name="time">The clock; advance it and call <see cref="Run"/>.</param>
    /// <param name="settings">What the stream was declared with.</param>
    /// <param name="options">How streams behave.</param>
    /// <param name="order">Source of the order in which scheduled work runs; null for first come, first served.</param>
    /// <param name="log">Sizes; small ones by default, so that segments fill up.</param>
    /// <param name="logger">Hears what operators would; null for nobody.</param>
    /// <param name="borrowedFlushes">Flushes that may run inside a post; 0 sends them all to the scheduler.</param>
    /// <param name="reserveBytes">Room held back for the time when the disk is full.</param>
    public StreamHarness(
        SimulatedFileSystem disk,
        FakeTimeProvider time,
        StreamSettings? settings = null,
        StreamOptions? options = null,
        Random? order = null,
        LogOptions? log = null,
        ILogger? logger = null,
        int borrowedFlushes = 0,
        long reserveBytes = 0)
    {
        Disk = disk;
        Time = time;
        Options = options ?? new StreamOptions();
        _scheduler = new SteppedScheduler(order);
        _deadlines = new DeadlineScheduler(time);
        uint salt = 0x5eed;
        var logEnvironment = new LogEnvironment(disk, _scheduler, time, () => salt++, log ?? PartitionHarness.SmallSegments()) { Metrics = Metrics.Log };
        StorageDirectories.EnsureRoot(disk, Root);
        Reserve = new DiskReserve(disk, Root, reserveBytes, time, static _ => { });
        var environment = new StreamEnvironment(
            logEnvironment, _scheduler, _deadlines, Options, Budget, new BorrowedFlushes(borrowedFlushes), Reserve, logger ?? NullLogger.Instance)
        {
            Metrics = Metrics.Streams,
        };
        Settings = new StreamCell(settings ?? StreamSettings.Default);
        StorageDirectories.Ensure(disk, Root, "streams", "audit", "0");
        Partition = StreamPartition.Open(environment, Id, PartitionDirectory, Settings, this);
        Run();
    }

    /// <summary>What was counted since the partition was opened.</summary>
    public BrokerMetrics Metrics { get; } = new(new Instruments());

    public SimulatedFileSystem Disk { get; }

    public FakeTimeProvider Time { get; }

    public StreamOptions Options { get; }

    public DiskReserve Reserve { get; }

    public StreamPartition Partition { get; }

    public StreamCell Settings { get; }

    /// <summary>Memory for recent records.</summary>
    public TailCacheBudget Budget { get; } = new(16 << 20);

    /// <summary>Where confirms go.</summary>
    public Publisher Publisher { get; } = new();

    /// <summary>The damage that the partition has told its broker about.</summary>
    public LogDamagedException? Damage { get; private set; }

    public ulong NextRequestId { get; private set; } = 1;

    /// <summary>Called with the request ids of a batch, before that is posted.</summary>
    public Action<ulong[]>? OnPost { get; set; }

    /// <inheritdoc cref="SteppedScheduler.NewestFirst"/>
    public bool NewestFirst { set => _scheduler.NewestFirst = value; }

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Posts records in one batch and returns the request ids of their confirms, without running anything further.</summary>
    public ulong[] Post(params ReadOnlySpan<TestMessage> messages)
    {
        PublishBatch batch = PublishBatch.Rent(Publisher, messages.ToArray().Sum(static message => message.Payload.Length + (message.Headers is null ? 128 : 512)) + 128, Time.GetTimestamp());
        var ids = new ulong[messages.Length];
        for (int i = 0; i < messages.Length; i++)
        {
            NewMessage message = messages[i].ToNewMessage();
            ids[i] = NextRequestId++;
            Assert.True(batch.TryAdd(in message, NowMs, ids[i]));
        }

        OnPost?.Invoke(ids);
        Assert.True(Partition.TryPost(batch));
        return ids;
    }

    public ulong[] Post(params ReadOnlySpan<string> texts) => Post(Of(texts));

    /// <summary>Publishes records and runs until they are answered.</summary>
    public ulong[] Publish(params ReadOnlySpan<TestMessage> messages)
    {
        ulong[] ids = Post(messages);
        Run();
        return ids;
    }

    public ulong[] Publish(params ReadOnlySpan<string> texts) => Publish(Of(texts));

    /// <summary>A record with headers.</summary>
    public static TestMessage WithHeaders(string text, params ReadOnlySpan<(string Key, string Value)> headers)
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers) builder.Add(key, value);
        return TestMessage.Of(text) with { Headers = builder };
    }

    /// <summary>A reader that the broker remembers nothing of.</summary>
    public TestReader Read(StreamStart start, bool autoAck = false, int room = int.MaxValue, params FilterClause[] filter) =>
        Subscribe(new StreamSubscriptionRequest(null, start, HeaderFilter.Of(filter), autoAck, "a reader"), room);

    /// <summary>A reader with a durable cursor.</summary>
    public TestReader Read(string durableName, bool autoAck = false, int room = int.MaxValue, params FilterClause[] filter) =>
        Subscribe(new StreamSubscriptionRequest(durableName, StreamStart.Latest, HeaderFilter.Of(filter), autoAck, "a reader"), room);

    public void Unsubscribe(TestReader reader)
    {
        Assert.True(Partition.TryPost(new UnsubscribeStreamCommand(reader.Subscription)));
        Run();
    }

    public void Acknowledge(TestReader reader, long offset)
    {
        Partition.Acknowledge(reader.Subscription, offset);
        Run();
    }

    /// <summary>What the partition says of itself.</summary>
    public StreamPartitionStatus Describe()
    {
        Task<StreamPartitionStatus> status = Partition.DescribeAsync();
        Run();
        return status.GetAwaiter().GetResult();
    }

    public CursorStatus Cursor(string name) => Assert.Single(Describe().Cursors, cursor => cursor.Name == name);

    /// <summary>Lets time pass and everything that is due happen.</summary>
    public void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    /// <summary>Runs one piece of scheduled work; false when none waits.</summary>
    public bool Step() => _scheduler.Step();

    public void Run() => _scheduler.RunToIdle();

    /// <summary>Stops the partition the orderly way.</summary>
    public void Stop()
    {
        Task stopped = Partition.StopAsync();
        Run();
        Assert.True(stopped.IsCompletedSuccessfully, "The partition did not stop.");
    }

    public void Dispose()
    {
        _deadlines.Dispose();
        Reserve.Dispose();
    }

    void IStreamHost.Damaged(PartitionId id, LogDamagedException damage) => Damage = damage;

    private TestReader Subscribe(StreamSubscriptionRequest request, int room)
    {
        var reader = new TestReader(Partition, request) { Room = room };
        Assert.True(Partition.TryPost(new SubscribeStreamCommand(reader.Subscription)));
        Run();
        return reader;
    }

    private static TestMessage[] Of(ReadOnlySpan<string> texts)
    {
        var messages = new TestMessage[texts.Length];
        for (int i = 0; i < texts.Length; i++) messages[i] = TestMessage.Of(texts[i]);
        return messages;
    }
}

/// <summary>A delivery as a reader got it.</summary>
internal readonly record struct StreamDelivery(
    ulong SubscriptionId, ulong RequestId, ulong Tag, long Offset, long ReceivedMs, string Text, IReadOnlyDictionary<string, string> Headers);

/// <summary>Remembers what was delivered to one subscription of a stream.</summary>
internal sealed class TestReader : IStreamSink
{
    private static ulong _subscriptions;

    private readonly StreamPartition _partition;
    private readonly ulong _id = Interlocked.Increment(ref _subscriptions);
    private ulong _nextRequestId;

    public TestReader(StreamPartition partition, StreamSubscriptionRequest request)
    {
        _partition = partition;
        Subscription = new StreamSubscription(this, request);
    }

    public StreamSubscription Subscription { get; }

    public List<StreamDelivery> Deliveries { get; } = [];

    public IEnumerable<string> Texts => Deliveries.Select(static delivery => delivery.Text);

    public IEnumerable<long> Offsets => Deliveries.Select(static delivery => delivery.Offset);

    public string? ClosedBecause { get; private set; }

    public CloseReason? ClosedWith { get; private set; }

    /// <summary>Records the output takes before it is full; <see cref="MakeRoom"/> empties it.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>False keeps auto-ack deliveries unsent until <see cref="Send"/>.</summary>
    public bool SendsAtOnce { get; set; } = true;

    /// <summary>Called for each delivery, when it is written.</summary>
    public Action<StreamDelivery>? OnDelivery { get; set; }

    public void MakeRoom(int room)
    {
        Room = room;
        Subscription.NoteRoom();
        _partition.Signal(Subscription, mayRunHere: false);
    }

    /// <summary>Says that everything written was sent.</summary>
    public void Send()
    {
        if (Deliveries.Count == 0) return;
        Subscription.SentThrough = Deliveries[^1].Offset;
        _partition.Signal(Subscription, mayRunHere: false);
    }

    int IStreamSink.Deliver(DeliveryImage image, int first, int count)
    {
        int taken = Math.Min(Room, count);
        if (Room != int.MaxValue) Room -= taken;
        if (taken == 0) return 0;
        var frames = new byte[image.BytesOf(first, taken)];
        image.CopyTo(frames, first, taken, _id, slot: 7, ref _nextRequestId);
        for (int position = 0; position < frames.Length;) position += Take(frames.AsSpan(position));
        return taken;
    }

    void IStreamSink.Closed(CloseReason reason, string text) => (ClosedWith, ClosedBecause) = (reason, text);

    void ISessionOutput.Flush()
    {
        if (Subscription.Request.AutoAck && SendsAtOnce) Send();
    }

    private int Take(ReadOnlySpan<byte> frames)
    {
        Assert.True(FrameHeader.TryRead(frames, out FrameHeader header));
        Assert.Equal(OpCode.Deliver, header.OpCode);
        int size = FrameHeader.Size + (int)header.BodyBytes;
        Assert.True(Frame.TryRead(frames[FrameHeader.Size..size], out DeliverMessage message, out DecodeError error), error.ToString());
        Assert.Equal("audit", Encoding.UTF8.GetString(message.Topic));
        Assert.False(message.Group.IsPresent);
        Assert.Equal(0u, message.Partition);
        var headers = new Dictionary<string, string>();
        foreach (Header entry in message.Headers) headers[Encoding.UTF8.GetString(entry.Key)] = Encoding.UTF8.GetString(entry.Value);
        var delivery = new StreamDelivery(
            message.SubscriptionId, header.RequestId, message.DeliveryTag, (long)message.Offset, (long)message.PublishReceived,
            Encoding.UTF8.GetString(message.Payload), headers);
        Deliveries.Add(delivery);
        OnDelivery?.Invoke(delivery);
        return size;
    }
}
