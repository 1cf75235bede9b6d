namespace Fibril.Broker.Queues.Inspection;

/// <summary>Which messages of a partition an operator wants to see. What is beyond a limit is taken as the limit (O-3, O-4).</summary>
/// <remarks>There is no choice by partition key: the key is not kept with the message .</remarks>
internal sealed record InspectionRequest
{
    public const int DefaultLimit = 50;
    public const int MostLimit = 5000;
    public const int DefaultPreviewBytes = 4096;
    public const int MostPreviewBytes = 1 << 20;

    /// <summary>First offset to look at.</summary>
    public long From { get; init => field = Math.Max(0, value); }

    /// <summary>Most messages on the page.</summary>
    public int Limit { get; init => field = Math.Clamp(value, 1, MostLimit); } = DefaultLimit;

    /// <summary>States to show; those that are active unless given (O-1).</summary>
    public StatusFilter Statuses { get; init; } = StatusFilter.Active;

    /// <summary>Most bytes of each payload; null for no payloads.</summary>
    public int? PreviewBytes { get; init => field = value is { } bytes ? Math.Clamp(bytes, 0, MostPreviewBytes) : null; }
}
