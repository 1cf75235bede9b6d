using System.Text;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A queue, its dead-letter target and their common disk and clock, over the lives of their broker.</summary>
internal sealed class DeadLetterScenario : IDisposable
{
    public static readonly PartitionId TargetId = new(new QueueName("graveyard", "eu"), 0);
    public static readonly DeadLetterPolicy ToTarget = DeadLetterPolicy.Custom("graveyard", "eu");

    private QueueSettings _settings;
    private readonly QueueSettings _targetSettings;

    public DeadLetterScenario(QueueSettings settings, QueueSettings? targetSettings = null)
    {
        _settings = settings;
        _targetSettings = targetSettings ?? QueueSettings.Default;
        Open(new SimulatedFileSystem());
    }

    public JumpingTimeProvider Time { get; } = new();

    public DeadLetterTargets Host { get; } = new();

    /// <summary>The queue whose messages fail.</summary>
    public PartitionHarness Source { get; private set; } = null!;

    /// <summary>The queue that gets the copies.</summary>
    public PartitionHarness Target { get; private set; } = null!;

    /// <summary>Runs both until neither has anything to do.</summary>
    public void Run()
    {
        while (Source.Step() || Target.Step())
        {
            // One causes work for the other.
        }
    }

    public void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    public void Publish(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts) Source.Post(TestMessage.Of(text));
        Run();
    }

    public void Publish(string text, TimeSpan timeToLive)
    {
        Source.Post(new TestMessage(Encoding.UTF8.GetBytes(text), Deadline: Source.NowMs + (long)timeToLive.TotalMilliseconds));
        Run();
    }

    /// <summary>Takes the next message of the source and settles it.</summary>
    public void SettleNext(SettleKind kind)
    {
        Consumer consumer = Source.Subscribe();
        Run();
        SettleCommand command = SettleCommand.Rent(Source.Partition, consumer.Subscription, receivedAt: 0);
        command.Add(consumer.Deliveries[0].Tag, kind);
        Assert.True(Source.Partition.TryPost(command));
        Assert.True(Source.Partition.TryPost(new UnsubscribeCommand(consumer.Subscription)));
    }

    /// <summary>As <see cref="SettleNext"/>, and lets everything happen that comes of it.</summary>
    public void FailNext()
    {
        SettleNext(SettleKind.Fail);
        Run();
    }

    /// <summary>Declares another policy for the source.</summary>
    public void Declare(DeadLetterPolicy? policy)
    {
        _settings = _settings with { DeadLetterPolicy = policy };
        Source.Settings.Refresh(() => _settings);
        Source.Partition.DeadLetterRouteChanged();
        Run();
    }

    /// <summary>What the target delivers now, without settling it.</summary>
    public IReadOnlyList<DeadLetter> Arrived() => ReadAll(Target);

    /// <summary>What the source delivers now, without settling it.</summary>
    public IReadOnlyList<DeadLetter> Left() => ReadAll(Source);

    /// <summary>Ends the broker and starts the next one on what it left behind, the target first.</summary>
    public void Restart(Ending ending)
    {
        if (ending == Ending.Stop)
        {
            Task[] stopped = [Source.Partition.StopAsync(), Target.Partition.StopAsync()];
            Run();
            Assert.All(stopped, static stop => Assert.True(stop.IsCompletedSuccessfully));
        }

        SimulatedFileSystem disk = ending == Ending.PowerLoss ? Source.Disk.AfterPowerLoss() : Source.Disk.AfterKill();
        Dispose();
        Time.Advance(QueueScenario.OneMs);
        Open(disk);
    }

    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
    }

    private static List<DeadLetter> ReadAll(PartitionHarness queue)
    {
        var read = new List<DeadLetter>();
        var consumer = new Consumer(queue.Partition, prefetch: 10_000, autoAck: false) { OnRecord = (in record) => read.Add(DeadLetter.Of(record)) };
        Assert.True(queue.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        queue.Run();
        queue.Unsubscribe(consumer);
        return read;
    }

    private void Open(SimulatedFileSystem disk)
    {
        Target = new PartitionHarness(disk, Time, settings: _targetSettings, host: Host, id: TargetId);
        Host.Add(Target.Partition);
        Source = new PartitionHarness(disk, Time, settings: _settings, host: Host);
        Run();
    }
}

/// <summary>A message as it was delivered, with everything that a consumer sees.</summary>
internal sealed record DeadLetter(long Offset, string Text, ulong Published, IReadOnlyDictionary<string, string> Headers)
{
    public string Reason => Headers["stroma.dlq.reason"];

    public static DeadLetter Of(in Fibril.Broker.Log.Records.Record record)
    {
        var message = new StoredMessage(record);
        Assert.Equal(ContentTypeKind.Text, message.ContentType.Kind);
        var headers = new Dictionary<string, string>();
        foreach (Header header in message.Headers) headers.Add(Encoding.UTF8.GetString(header.Key), Encoding.UTF8.GetString(header.Value));
        return new DeadLetter(record.Offset, Encoding.UTF8.GetString(message.Payload), message.Published, headers);
    }
}
