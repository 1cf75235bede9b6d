using System.Diagnostics;
using System.Globalization;
using Fibril.Client.Routing;

namespace Fibril.Client.Telemetry;

/// <summary>One operation on one message, from its start until it is reported. Exists only when someone listens.</summary>
internal sealed class ClientOperation(
    ClientTelemetry telemetry, OperationKind kind, string destination, TimeProvider time, long? startedAt = null)
{
    private readonly long _startedAt = startedAt ?? time.GetTimestamp();
    private int _hasEnded;

    public OperationKind Kind => kind;

    public string Destination => destination;

    /// <summary>Null when no one listens to activities, or this one was not sampled.</summary>
    public Activity? Activity { get; set; }

    /// <summary>Null while it is not known.</summary>
    public int? Partition { get; set; }

    /// <summary>Offset in the partition; null while it is not known.</summary>
    public long? MessageId { get; set; }

    /// <summary>Null while it is not known.</summary>
    public BrokerEndpoint? Broker { get; set; }

    /// <summary>Null for who competes, and for producers.</summary>
    public string? ConsumerGroup { get; init; }

    /// <summary>What measurements bear: everything that has few values.</summary>
    public TagList Tags()
    {
        var tags = new TagList
        {
            { "messaging.system", "fibril" },
            { "messaging.operation.name", kind.Name },
            { "messaging.operation.type", kind.Type },
            { "messaging.destination.name", destination },
        };
        if (Partition is { } partition) tags.Add("messaging.destination.partition.id", Text(partition));
        if (ConsumerGroup is not null) tags.Add("messaging.consumer.group.name", ConsumerGroup);
        if (Broker is not { } broker) return tags;
        tags.Add("server.address", broker.Host);
        tags.Add("server.port", broker.Port);
        return tags;
    }

    /// <summary>Notes where the next attempt goes.</summary>
    public void GoesTo(BrokerEndpoint broker, uint partition) => (Broker, Partition) = (broker, (int)partition);

    /// <summary>Reports that a message was sent.</summary>
    public void End(long messageId)
    {
        MessageId = messageId;
        End();
    }

    /// <summary>Reports the operation. From any thread; the first call counts.</summary>
    /// <param name="error">Null for success.</param>
    public void End(Exception? error = null)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0) return;
        TagList tags = Tags();
        if (error is not null) tags.Add("error.type", TypeOf(error));
        telemetry.Record(kind, time.GetElapsedTime(_startedAt), in tags);
        if (Activity is not { } activity) return;
        foreach ((string key, object? value) in tags) activity.SetTag(key, value);
        if (MessageId is { } id) activity.SetTag("messaging.message.id", Text(id));
        if (error is not null) activity.SetStatus(ActivityStatusCode.Error, error.Message);
        Stop(activity);
    }

    /// <summary>Stopping restores what was current before the start, which means nothing to whoever ends another's operation.</summary>
    private static void Stop(Activity activity)
    {
        Activity? current = Activity.Current;
        activity.Stop();
        if (current != activity) Activity.Current = current;
    }

    private static string TypeOf(Exception error) =>
        error is FibrilServerException refused ? Text((ushort)refused.Code) : error.GetType().FullName!;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
