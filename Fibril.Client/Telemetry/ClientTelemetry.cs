using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fibril.Client.Publishing;

namespace Fibril.Client.Telemetry;

/// <summary>Activities and measurements of a client. Operations report to it; it costs them a look at four flags while nobody listens. Thread-safe.</summary>
internal sealed class ClientTelemetry
{
    /// <summary>Of the activity source and of the meter.</summary>
    public const string Name = "Fibril.Client";

    private static readonly string? Version = typeof(ClientTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly ClientTelemetry Shared = new(new Meter(Name, Version));

    private readonly Histogram<double> _operationDuration;
    private readonly Histogram<double> _processDuration;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;

    private ClientTelemetry(Meter meter)
    {
        _operationDuration = meter.CreateHistogram(
            "messaging.client.operation.duration", "s", "Time that sending, receiving or settling a message took.", tags: null, Durations);
        _processDuration = meter.CreateHistogram(
            "messaging.process.duration", "s", "Time that processing a message took.", tags: null, Durations);
        _sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages that were sent, or failed to be.");
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages that the application was given.");
    }

    /// <summary>True when someone may want to know of an operation.</summary>
    public bool IsEnabled =>
        Source.HasListeners() || _operationDuration.Enabled || _processDuration.Enabled || _sent.Enabled || _consumed.Enabled;

    /// <param name="meters">Makes the meter; null for the one of this process.</param>
    public static ClientTelemetry Create(IMeterFactory? meters) =>
        meters is null ? Shared : new ClientTelemetry(meters.Create(new MeterOptions(Name) { Version = Version }));

    /// <summary>Begins to send, and writes the context of that into the headers; null when nobody listens.</summary>
    public ClientOperation? StartSend(ref Envelope envelope, TimeProvider time)
    {
        if (!IsEnabled) return null;
        ActivityLink[]? links = TraceContext.Of(envelope.Headers.Span) is { } given ? [new ActivityLink(given)] : null;
        var operation = new ClientOperation(this, OperationKind.Send, envelope.Queue.Destination, time);
        Activity? activity = StartAside(operation, links, startTime: default);
        if (Source.HasListeners() && (activity ?? Activity.Current) is { } context)
            envelope = envelope with { Headers = TraceContext.AddTo(envelope.Headers, context) };
        return operation;
    }

    /// <summary>Begins something about a message that was received; null when nobody listens.</summary>
    public ClientOperation? StartSettle(OperationKind kind, ReceivedMessage message, TimeProvider time)
    {
        if (!IsEnabled) return null;
        ClientOperation operation = About(message, kind, time);
        StartAside(operation, LinksTo(message), startTime: default);
        return operation;
    }

    /// <summary>Notes that the application was given a message it had asked for.</summary>
    public void Received(ReceivedMessage message, TimeProvider time, long askedAt, DateTimeOffset askedAtUtc)
    {
        ClientOperation operation = About(message, OperationKind.Receive, time, askedAt);
        StartAside(operation, LinksTo(message), askedAtUtc);
        operation.End();
    }

    /// <summary>Begins to process a message, as the current activity; null when nobody listens.</summary>
    public ClientOperation? StartProcess(ReceivedMessage message, bool isChild, TimeProvider time)
    {
        if (!IsEnabled) return null;
        ClientOperation operation = About(message, OperationKind.Process, time);
        if (!Source.HasListeners()) return operation;
        ActivityContext? producer = TraceContext.Of(message.Headers);
        operation.Activity = Start(operation, isChild && producer is { } parent ? parent : default, LinksTo(producer), startTime: default);
        if (operation.Activity is { } activity) TraceContext.AddBaggage(message.Headers, activity);
        return operation;
    }

    /// <summary>Measures an operation that has ended.</summary>
    public void Record(OperationKind kind, TimeSpan duration, in TagList tags)
    {
        if (kind == OperationKind.Process) _processDuration.Record(duration.TotalSeconds, in tags);
        else _operationDuration.Record(duration.TotalSeconds, in tags);
        if (kind == OperationKind.Send) _sent.Add(1, in tags);
        else if (kind == OperationKind.Receive) _consumed.Add(1, in tags);
    }

    private ClientOperation About(ReceivedMessage message, OperationKind kind, TimeProvider time, long? startedAt = null) =>
        new(this, kind, message.Destination, time, startedAt)
        {
            Partition = message.Partition,
            MessageId = message.Offset,
            Broker = message.Broker,
            ConsumerGroup = message.ConsumerGroup,
        };

    private static ActivityLink[]? LinksTo(ReceivedMessage message) => Source.HasListeners() ? LinksTo(TraceContext.Of(message.Headers)) : null;

    private static ActivityLink[]? LinksTo(ActivityContext? producer) => producer is { } context ? [new ActivityLink(context)] : null;

    /// <summary>Starts an activity that nothing becomes a child of: the current one stays as it is.</summary>
    private static Activity? StartAside(ClientOperation operation, ActivityLink[]? links, DateTimeOffset startTime)
    {
        if (!Source.HasListeners()) return null;
        Activity? current = Activity.Current;
        operation.Activity = Start(operation, default, links, startTime);
        Activity.Current = current;
        return operation.Activity;
    }

    private static Activity? Start(ClientOperation operation, ActivityContext parent, ActivityLink[]? links, DateTimeOffset startTime) =>
        Source.StartActivity(operation.Kind.Span, parent, operation.Tags(), links, startTime, $"{operation.Kind.Name} {operation.Destination}");
}
