using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Segments;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.State;

namespace Fibril.Tests.Support;

/// <summary>How the life of a broker ends (Z-4).</summary>
public enum Ending
{
    Stop,
    Kill,
    PowerLoss,
}

/// <summary>One queue partition over the lives of its broker, on one disk and one clock: an example of a rule in few words.</summary>
internal sealed class QueueScenario : IDisposable
{
    public static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LeaseTime = new DeliveryOptions().LeaseDuration;

    private QueueSettings _settings;

    public QueueScenario(QueueSettings? settings = null, DeliveryOptions? delivery = null)
    {
        _settings = settings ?? QueueSettings.Default;
        Delivery = delivery ?? new DeliveryOptions();
        Harness = Open(new SimulatedFileSystem());
    }

    public JumpingTimeProvider Time { get; } = new();

    /// <summary>What operators hear.</summary>
    public RecordingLogger Log { get; } = new();

    public DeliveryOptions Delivery { get; }

    /// <summary>The partition in its present life.</summary>
    public PartitionHarness Harness { get; private set; }

    public long NowMs => Harness.NowMs;

    /// <summary>Names of the partition's files.</summary>
    public IReadOnlyList<string> Files => Harness.Disk.ListFiles(Harness.Directory);

    /// <summary>Names of its message segments, the oldest first.</summary>
    public IReadOnlyList<string> MessageSegments =>
        [.. Files.Where(static name => SegmentNames.TryParse(LogKind.Messages, name, out _)).Order(StringComparer.Ordinal)];

    /// <summary>A queue whose retries are limited.</summary>
    public static QueueScenario WithRetryLimit(int? limit) => new(new QueueSettings(limit, null, null));

    /// <summary>A queue whose expiry passes take <paramref name="count"/> each.</summary>
    public static QueueScenario WithExpiryBatchOf(int count) => new(delivery: new DeliveryOptions { ExpiryBatchCount = count });

    public void Publish(params ReadOnlySpan<string> texts)
    {
        var messages = new TestMessage[texts.Length];
        for (int i = 0; i < texts.Length; i++) messages[i] = TestMessage.Of(texts[i]);
        Harness.Publish(messages);
    }

    /// <summary>Publishes one message with a time before which it is not delivered, a time to live, or both.</summary>
    public void Publish(string text, TimeSpan? delay = null, TimeSpan? timeToLive = null) => Harness.Publish(new TestMessage(
        Encoding.UTF8.GetBytes(text),
        delay is { } wait ? In(wait) : 0,
        timeToLive is { } life ? In(life) : null));

    public Consumer Subscribe(int prefetch = 1, bool autoAck = false) => Harness.Subscribe(prefetch, autoAck);

    /// <summary>Asks for a new lease; false when the delivery has none any more.</summary>
    public bool Renew(Consumer by, TestDelivery delivery) => Harness.Renew(by, delivery.Tag).DeadTags.Count == 0;

    public void Complete(Consumer by, TestDelivery delivery) => Harness.Settle(by, delivery.Tag, SettleKind.Complete);

    public void Fail(Consumer by, TestDelivery delivery) => Harness.Settle(by, delivery.Tag, SettleKind.Fail);

    public void Retry(Consumer by, TestDelivery delivery, TimeSpan? delay = null) =>
        Harness.Settle(by, delivery.Tag, SettleKind.Retry, delay is { } wait ? In(wait) : 0);

    /// <summary>Declares another retry limit.</summary>
    public void LimitRetries(int? limit)
    {
        _settings = _settings with { MaxRetries = limit };
        Harness.Settings.Refresh(() => _settings);
    }

    public void Advance(TimeSpan time) => Harness.Advance(time);

    /// <summary>Lets time pass up to a moment of the wall clock.</summary>
    public void AdvanceTo(long unixMs) => Advance(TimeSpan.FromMilliseconds(unixMs - NowMs));

    /// <summary>The wall clock so much later, in Unix milliseconds.</summary>
    public long In(TimeSpan time) => NowMs + (long)time.TotalMilliseconds;

    /// <summary>Ends the broker and starts the next one on what it left behind. Takes 60 ms and the downtime.</summary>
    public void Restart(Ending ending, TimeSpan downtime = default)
    {
        // Past the interval after which settlements are synced: what a power loss does to younger ones is a rule of its own.
        Advance(TimeSpan.FromMilliseconds(59));
        if (ending == Ending.Stop) Harness.Stop();
        RestartNow(ending, downtime);
    }

    /// <summary>As <see cref="Restart"/>, without giving anything the time to reach the disk.</summary>
    public void RestartNow(Ending ending, TimeSpan downtime = default)
    {
        SimulatedFileSystem disk = ending == Ending.PowerLoss ? Harness.Disk.AfterPowerLoss() : Harness.Disk.AfterKill();
        Harness.Dispose();
        Time.Advance(downtime + OneMs); // no process starts in no time
        Harness = Open(disk);
    }

    /// <summary>Stops the broker and reads what it has written down about the partition.</summary>
    public QueueSnapshot StopAndReadState()
    {
        Harness.Stop();
        return QueueSnapshot.Decode(SnapshotFile.Load(Harness.Disk, Harness.Directory).Newest!.Payload);
    }

    public void Dispose() => Harness.Dispose();

    private PartitionHarness Open(SimulatedFileSystem disk) => new(disk, Time, settings: _settings, delivery: Delivery, logger: Log);
}
