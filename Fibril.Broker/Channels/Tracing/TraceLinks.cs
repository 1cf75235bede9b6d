using System.Diagnostics;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Primitives.Metering;
using TagList = System.Diagnostics.TagList;

namespace Fibril.Broker.Channels.Tracing;

/// <summary>
/// Collects the W3C contexts of the messages in one batch and makes one activity of it. The broker begins no trace by itself: it tells of
/// messages whose producer is traced and sampled, and of them only.
/// </summary>
/// <remarks>
/// A message alone continues its trace. Messages in a batch are linked, at most 32 of them, because one activity can have one parent only.
/// Nothing is parsed and nothing allocated unless somebody listens. Not thread-safe.
/// </remarks>
internal sealed class TraceLinks
{
    private const int Most = 32;

    private static readonly ActivitySource Source = new(Instruments.Name);

    private readonly List<ActivityContext> _contexts = [];

    /// <summary>True when somebody may want to know of what the broker does.</summary>
    public static bool IsAnybodyListening => Source.HasListeners();

    public bool IsEmpty => _contexts.Count == 0;

    /// <summary>Adds what a stored message says.</summary>
    public ActivityContext? Add(in Record record) => record.Kind == MessageRecord.Kind ? AddTail(MessageRecord.Tail(record)) : null;

    /// <summary>Adds what a message says in its headers.</summary>
    /// <param name="tail">Content type, headers and payload, as stored.</param>
    public ActivityContext? AddTail(ReadOnlySpan<byte> tail)
    {
        if (_contexts.Count == Most || TraceHeaders.ReadSampled(tail) is not { } context) return null;
        _contexts.Add(context);
        return context;
    }

    public void Add(ActivityContext context)
    {
        if (_contexts.Count < Most) _contexts.Add(context);
    }

    /// <summary>Makes the activity, which ends now, and forgets the contexts.</summary>
    /// <param name="operation">What the broker did, in one word.</param>
    /// <param name="kind">On which side of a conversation it did so.</param>
    /// <param name="partition">Where.</param>
    /// <param name="messages">Messages in the batch, also those without a trace.</param>
    /// <param name="began">When it began, by the wall clock.</param>
    /// <param name="ended">When it ended, likewise.</param>
    /// <param name="target">Where copies went; null for other operations.</param>
    public void Emit(
        string operation, ActivityKind kind, PartitionId partition, int messages, DateTimeOffset began, DateTimeOffset ended, PartitionId? target = null)
    {
        if (_contexts.Count == 0) return;
        bool isAlone = messages == 1 && _contexts.Count == 1;
        ActivityContext parent = isAlone ? _contexts[0] : default;
        IEnumerable<ActivityLink>? links = isAlone ? null : _contexts.Select(static context => new ActivityLink(context)).ToArray();

        // What happens to be current on this thread has nothing to do with it.
        Activity? current = Activity.Current;
        Activity.Current = null;
        using (Activity? activity = Source.StartActivity(kind, parent, TagsOf(operation, partition, messages, target), links, began, $"{operation} {partition.Queue.Topic}"))
            activity?.SetEndTime(ended.UtcDateTime);
        Activity.Current = current;
        _contexts.Clear();
    }

    private static TagList TagsOf(string operation, PartitionId partition, int messages, PartitionId? target)
    {
        var tags = new TagList
        {
            { "messaging.system", "fibril" },
            { "messaging.operation.name", operation },
            { "messaging.destination.name", partition.Queue.Topic },
            { "messaging.destination.partition.id", partition.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            { "messaging.batch.message_count", messages },
        };
        if (partition.Queue.Group is { } group) tags.Add("fibril.group", group);
        if (target is { } copies) tags.Add("fibril.copied_to", copies.ToString());
        return tags;
    }
}
