using System.Text;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Queues.Storage;
using Fibril.Broker.Statistics;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Record = Fibril.Broker.Log.Records.Record;

namespace Fibril.Tests.Support;

/// <summary>The real queue partition on a simulated disk, clock and scheduler: one thread, no sockets, every step decided by the test.</summary>
internal sealed class PartitionHarness : IDisposable
{
    public static readonly PartitionId Id = new(new QueueName("orders", null), 0);

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    /// <summary>Where every partition of a harness keeps its files.</summary>
    public static readonly string PartitionDirectory = Path.Combine(Root, "queues", "orders", "@", "0");

    private readonly SteppedScheduler _scheduler;
    private readonly DeadlineScheduler _deadlines;

    /// <param name="disk">The disk to open the partition on.</param>
    /// <param name="time">The clock; advance it and call <see cref="Run"/>.</param>
    /// <param name="log">Sizes; small ones by default, so that segments fill up.</param>
    /// <param name="settings">What the queue was declared with.</param>
    /// <param name="order">Source of the order in which scheduled work runs; null for first come, first served.</param>
    /// <param name="delivery">Leases and expiry.</param>
    /// <param name="host">Where dead letters go; nowhere by default.</param>
    /// <param name="id">Which partition it is.</param>
    /// <param name="reserveBytes">Room held back on the disk.</param>
    /// <param name="borrowedFlushes">Flushes that may run inside a post; 0 sends them all to the scheduler.</param>
    /// <param name="logger">Hears what operators would; null for nobody.</param>
    public PartitionHarness(
        SimulatedFileSystem disk,
        FakeTimeProvider time,
        LogOptions? log = null,
        QueueSettings? settings = null,
        Random? order = null,
        DeliveryOptions? delivery = null,
        int borrowedFlushes = 0,
        IPartitionHost? host = null,
        PartitionId? id = null,
        int reserveBytes = 0,
        ILogger? logger = null)
    {
        Disk = disk;
        Time = time;
        _scheduler = new SteppedScheduler(order);
        _deadlines = new DeadlineScheduler(time);
        uint salt = 0x5eed;
        var logEnvironment = new LogEnvironment(disk, _scheduler, time, () => salt++, log ?? SmallSegments()) { Metrics = Metrics.Log };
        StorageDirectories.EnsureRoot(disk, Root);
        Reserve = new DiskReserve(disk, Root, reserveBytes, time, static _ => { });
        var environment = new QueueEnvironment(
            logEnvironment, _scheduler, _deadlines, delivery ?? new DeliveryOptions(), new CohortOptions(), new DeliveryTags(time), new TailCacheBudget(1 << 20),
            new BorrowedFlushes(borrowedFlushes), Reserve, logger ?? NullLogger.Instance)
        {
            Metrics = Metrics.Queues,
        };
        Settings = new QueueCell(settings ?? QueueSettings.Default);
        PartitionId opened = id ?? Id;
        Directory = StorageDirectories.Ensure(disk, Root, "queues", opened.Queue.Topic, "@" + opened.Queue.Group, opened.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Partition = QueuePartition.Open(environment, opened, Directory, Settings, host ?? new DeadLetterTargets());
        Publisher = new Publisher();
        Run();
    }

    /// <summary>What was counted since the partition was opened.</summary>
    public BrokerMetrics Metrics { get; } = new(new Instruments());

    public SimulatedFileSystem Disk { get; }

    public DiskReserve Reserve { get; }

    /// <summary>Where the partition keeps its files.</summary>
    public string Directory { get; }

    public FakeTimeProvider Time { get; }

    public QueuePartition Partition { get; }

    public QueueCell Settings { get; }

    /// <summary>Where confirms go.</summary>
    public Publisher Publisher { get; }

    /// <summary>Called with the bytes of each message of a batch, before that is posted.</summary>
    public Action<int[]>? OnPost { get; set; }

    /// <summary>Request id of the next message that is posted.</summary>
    public ulong NextRequestId { get; private set; } = 1;

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What logs on a disk need when no partition is open there.</summary>
    public static LogEnvironment LogOn(SimulatedFileSystem disk)
    {
        uint salt = 1;
        return new LogEnvironment(disk, new SteppedScheduler(), new JumpingTimeProvider(), () => salt++, SmallSegments());
    }

    /// <summary>What is damaged among the stored messages. The partition is not open.</summary>
    public static IReadOnlyList<LogDamage> FindDamages(SimulatedFileSystem disk) =>
        LogVerification.Run(disk, PartitionDirectory, LogKind.Messages);

    /// <summary>Repairs one damage. The partition is not open.</summary>
    public static void Repair(SimulatedFileSystem disk, LogDamage damage) => PartitionRepair.Fix(LogOn(disk), PartitionDirectory, damage);

    public static LogOptions SmallSegments() => new()
    {
        MessageSegmentBytes = 16 << 10,
        EventSegmentBytes = 8 << 10,
        PreallocateBytes = 4 << 10,
    };

    /// <summary>Posts messages in one batch and returns the request ids of their confirms, without running anything further.</summary>
    public ulong[] Post(params ReadOnlySpan<TestMessage> messages)
    {
        ulong[]? ids = TryPost(messages);
        Assert.NotNull(ids);
        return ids;
    }

    /// <summary>As <see cref="Post"/>; null when the partition has no room for more.</summary>
    public ulong[]? TryPost(params ReadOnlySpan<TestMessage> messages)
    {
        PublishBatch batch = PublishBatch.Rent(Publisher, messages.ToArray().Sum(static message => message.Payload.Length + (message.Headers is null ? 128 : 512)) + 128, Time.GetTimestamp());
        var ids = new ulong[messages.Length];
        var sizes = new int[messages.Length];
        for (int i = 0; i < messages.Length; i++)
        {
            NewMessage message = messages[i].ToNewMessage();
            ids[i] = NextRequestId++;
            int before = batch.Block.Length;
            Assert.True(batch.TryAdd(in message, NowMs, ids[i]));
            sizes[i] = batch.Block.Length - before;
        }

        OnPost?.Invoke(sizes);
        if (Partition.TryPost(batch)) return ids;
        batch.Return();
        return null;
    }

    /// <summary>Publishes messages and runs until they are answered.</summary>
    public ulong[] Publish(params ReadOnlySpan<TestMessage> messages)
    {
        ulong[] ids = Post(messages);
        Run();
        return ids;
    }

    public Consumer Subscribe(int prefetch = 1, bool autoAck = false)
    {
        var consumer = new Consumer(Partition, prefetch, autoAck);
        Assert.True(Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        Run();
        return consumer;
    }

    public void Unsubscribe(Consumer consumer)
    {
        Assert.True(Partition.TryPost(new UnsubscribeCommand(consumer.Subscription)));
        Run();
    }

    public void Settle(Consumer consumer, ulong tag, SettleKind kind, long notBefore = 0)
    {
        SettleCommand command = SettleCommand.Rent(Partition, consumer.Subscription, Time.GetTimestamp());
        command.Add(tag, kind, notBefore);
        Assert.True(Partition.TryPost(command));
        Run();
    }

    /// <summary>Asks for new leases and returns the answer.</summary>
    public LeaseAnswer Renew(Consumer consumer, params ulong[] tags) => Renew(consumer, mostTagsPerCommand: 1024, tags);

    /// <summary>As <see cref="Renew(Consumer, ulong[])"/>, in commands of a given size.</summary>
    public LeaseAnswer Renew(Consumer consumer, int mostTagsPerCommand, ulong[] tags)
    {
        var answers = new LeaseAnswers();
        var renewal = new LeaseRenewal(NextRequestId++, consumer.Subscription, tags, answers);
        foreach (RenewCommand command in renewal.Commands(mostTagsPerCommand)) Assert.True(Partition.TryPost(command));
        Run();
        return answers.Only;
    }

    /// <summary>Lets time pass and everything that is due happen.</summary>
    public void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    /// <inheritdoc cref="SteppedScheduler.NewestFirst"/>
    public bool RunNewestFirst
    {
        set => _scheduler.NewestFirst = value;
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
}

/// <summary>A message of a test.</summary>
internal readonly record struct TestMessage(
    byte[] Payload,
    long NotBefore = 0,
    long? Deadline = null,
    HeaderBlockBuilder? Headers = null,
    ulong Published = 0,
    bool HasProducer = false,
    string ContentType = "text/plain; charset=utf-8")
{
    public static TestMessage Of(string text) => new(Encoding.UTF8.GetBytes(text));

    public NewMessage ToNewMessage() => new()
    {
        ContentType = Fibril.Protocol.ContentType.FromHeader(Encoding.UTF8.GetBytes(ContentType)),
        Payload = Payload,
        Headers = Headers is { } headers ? headers.Block : HeaderBlock.Empty,
        Published = Published,
        NotBefore = NotBefore,
        Deadline = Deadline,
        HasProducer = HasProducer,
    };
}

/// <summary>Remembers how publishes were answered.</summary>
internal sealed class Publisher : IPublishSink
{
    /// <summary>Offset of each confirmed request.</summary>
    public Dictionary<ulong, long> Confirmed { get; } = [];

    /// <summary>Error code of the failed request that was answered last.</summary>
    public ErrorCode? LastCode { get; private set; }

    /// <summary>Error text of each failed request.</summary>
    public Dictionary<ulong, string> Failed { get; } = [];

    /// <summary>Called for each confirm, when it is given.</summary>
    public Action<ulong, long>? OnConfirmed { get; set; }

    void ISessionOutput.Flush()
    {
    }

    void IPublishSink.Confirmed(PublishBatch batch)
    {
        foreach (ConfirmRequest confirm in batch.Confirms)
        {
            long offset = batch.OffsetOf(confirm);
            Assert.True(Confirmed.TryAdd(confirm.RequestId, offset), $"Request {confirm.RequestId} was confirmed twice.");
            OnConfirmed?.Invoke(confirm.RequestId, offset);
        }
    }

    void IPublishSink.Failed(PublishBatch batch, ErrorCode code, string message)
    {
        LastCode = code;
        foreach (ConfirmRequest confirm in batch.Confirms) Assert.True(Failed.TryAdd(confirm.RequestId, message));
    }
}

/// <summary>A delivery as a consumer got it.</summary>
internal readonly record struct TestDelivery(ulong Tag, long Offset, byte[] Payload, int Retries)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>Looks at a record, which is valid for the call.</summary>
internal delegate void RecordReader(in Record record);

/// <summary>Remembers what was delivered to one subscription.</summary>
internal sealed class Consumer : IDeliverySink
{
    private readonly QueuePartition _partition;

    public Consumer(QueuePartition partition, int prefetch, bool autoAck)
    {
        _partition = partition;
        Subscription = new QueueSubscription(this, prefetch, autoAck, "a consumer");
    }

    public QueueSubscription Subscription { get; }

    public List<TestDelivery> Deliveries { get; } = [];

    public IEnumerable<string> Texts => Deliveries.Select(static delivery => delivery.Text);

    public IEnumerable<long> Offsets => Deliveries.Select(static delivery => delivery.Offset);

    public string? ClosedBecause { get; private set; }

    /// <summary>Deliveries the output takes before it is full; <see cref="MakeRoom"/> empties it.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>False keeps auto-ack deliveries unsent until <see cref="Send"/>.</summary>
    public bool SendsAtOnce { get; set; } = true;

    /// <summary>Called for each delivery, with the stored record.</summary>
    public RecordReader? OnRecord { get; set; }

    /// <summary>Called for each delivery, when it is written.</summary>
    public Action<TestDelivery>? OnDelivery { get; set; }

    public void MakeRoom(int room)
    {
        Room = room;
        _partition.Signal(Subscription, mayRunHere: false);
    }

    /// <summary>Says that everything written was sent.</summary>
    public void Send()
    {
        if (Deliveries.Count == 0) return;
        Subscription.SentThrough = Deliveries[^1].Tag;
        _partition.Signal(Subscription, mayRunHere: false);
    }

    bool IDeliverySink.TryDeliver(in Record record, ulong tag, int retries)
    {
        if (Room == 0) return false;
        Room--;
        var message = new StoredMessage(record);
        Assert.Equal(ContentTypeKind.Text, message.ContentType.Kind);
        var delivery = new TestDelivery(tag, record.Offset, message.Payload.ToArray(), retries);
        Deliveries.Add(delivery);
        OnRecord?.Invoke(record);
        OnDelivery?.Invoke(delivery);
        return true;
    }

    /// <summary>The code of that reason.</summary>
    public CloseReason? ClosedWith { get; private set; }

    void IDeliverySink.Closed(CloseReason reason, string text) => (ClosedWith, ClosedBecause) = (reason, text);

    void ISessionOutput.Flush()
    {
        if (Subscription.AutoAck && SendsAtOnce) Send();
    }
}
