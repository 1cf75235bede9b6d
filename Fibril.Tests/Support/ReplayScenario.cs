using System.Globalization;
using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A queue whose messages failed, the queue that has its dead letters, and an operator who brings them back.</summary>
internal sealed class ReplayScenario : IDisposable
{
    public ReplayScenario(QueueSettings? source = null, QueueSettings? deadLetters = null, Random? order = null)
    {
        Queues = new DeadLetterScenario(source ?? new QueueSettings(1, null, DeadLetterScenario.ToTarget), deadLetters);
        Operator = new Operator(() => [Source, DeadLetters, .. More], Queues.Time, order);
    }

    public DeadLetterScenario Queues { get; }

    public Operator Operator { get; }

    /// <summary>Further partitions that the operator knows.</summary>
    public List<PartitionHarness> More { get; } = [];

    /// <summary>Where the messages failed.</summary>
    public PartitionHarness Source => Queues.Source;

    /// <summary>Where they are now.</summary>
    public PartitionHarness DeadLetters => Queues.Target;

    public static BulkReplayRequest All { get; } = new(DeadLetterScenario.TargetId.Queue);

    public static BulkReplayRequest Moving { get; } = All with { Mode = ReplayMode.Move };

    /// <summary>Publishes messages that all fail, and are dead letters when this returns.</summary>
    public void Kill(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            Queues.Publish(text);
            Queues.FailNext();
        }

        Advance(TimeSpan.FromMilliseconds(60)); // what was settled is synced
    }

    /// <summary>Puts a message among the dead letters as it would come from the queue of these headers.</summary>
    public void PutDeadLetter(string text, params (string Key, string Value)[] headers) =>
        PutDeadLetter(Encoding.UTF8.GetBytes(text), headers);

    public void PutDeadLetter(byte[] payload, params (string Key, string Value)[] headers)
    {
        var builder = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers) builder.Add(key, value);
        DeadLetters.Post(new TestMessage(payload, Headers: builder));
        Queues.Run();
    }

    /// <summary>The headers of a dead letter.</summary>
    public static (string Key, string Value)[] Origin(string topic = "orders", string reason = "terminal_nack", long atMs = 1000) =>
    [
        ("stroma.dlq.source_topic", topic), ("stroma.dlq.source_offset", "7"), ("stroma.dlq.retry_count", "2"), ("stroma.dlq.reason", reason),
        ("stroma.dlq.dead_lettered_at_ms", atMs.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>What is active in a partition, by its text.</summary>
    public IEnumerable<string> TextsIn(PartitionHarness partition) =>
        Operator.InspectAll(partition, new InspectionRequest { PreviewBytes = 64 })
            .SelectMany(static page => page.Messages).Select(static message => Encoding.UTF8.GetString(message.Content.Preview!));

    public void Advance(TimeSpan time)
    {
        Queues.Time.Advance(time);
        Operator.Run();
    }

    /// <summary>Starts a job and runs it as far as it gets without time.</summary>
    public ReplayJob Run(BulkReplayRequest request)
    {
        ReplayJob job = Operator.Start(request);
        Operator.Run();
        return job;
    }

    /// <summary>Another queue or partition on the same disk.</summary>
    public PartitionHarness Add(string topic, int partition = 0, QueueSettings? settings = null)
    {
        var id = new PartitionId(new QueueName(topic, null), partition);
        var added = new PartitionHarness(Source.Disk, Queues.Time, settings: settings, host: Queues.Host, id: id);
        More.Add(added);
        return added;
    }

    public void Dispose()
    {
        foreach (PartitionHarness partition in More) partition.Dispose();
        Queues.Dispose();
    }
}
