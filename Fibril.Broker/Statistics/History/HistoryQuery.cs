using Fibril.Broker.Primitives;

namespace Fibril.Broker.Statistics.History;

/// <summary>How far back, and how fine.</summary>
internal enum HistoryRange
{
    /// <summary>30 minutes, a sample every 5 s.</summary>
    HalfHour,

    /// <summary>24 hours, a sample every minute; every 5 minutes of single queues.</summary>
    Day,

    /// <summary>30 days, a sample every 15 minutes; none of single queues.</summary>
    Month,
}

/// <summary>What somebody wants to know of the past.</summary>
internal sealed record HistoryQuery
{
    public HistoryRange Range { get; init; }

    /// <summary>Only samples after this, in Unix seconds.</summary>
    public long SinceSeconds { get; init; } = long.MinValue;

    /// <summary>False for the broker alone.</summary>
    public bool WithQueues { get; init; } = true;

    /// <summary>False for queues alone: the samples of the broker are copied for whoever asks, and they are large.</summary>
    public bool WithBroker { get; init; } = true;

    /// <summary>Only this queue, and not the broker; null for the broker and all queues.</summary>
    public QueueName? Queue { get; init; }
}
