using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Queues;

/// <summary>Where the backlog of a queue goes, by what it did in the last minutes.</summary>
/// <param name="PerSecond">Messages that the backlog grows by in a second; below zero when it shrinks; null while nobody knows.</param>
/// <param name="EmptyIn">When nothing would be left, at this pace; null when it does not shrink.</param>
public sealed record QueueTrend(double? PerSecond, TimeSpan? EmptyIn)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(30);

    public static QueueTrend Unknown { get; } = new(null, null);

    /// <summary>In a few words.</summary>
    public string Text => this switch
    {
        { PerSecond: null } => "not known yet",
        { EmptyIn: { } time } => $"falls by {Show.Rate(-PerSecond)}/s",
        { PerSecond: > 0 } => $"grows by {Show.Rate(PerSecond)}/s",
        _ => "neither falls nor grows",
    };

    /// <param name="samples">Ascending by time.</param>
    public static QueueTrend Of(IReadOnlyList<QueueSample> samples)
    {
        if (samples.Count < 2) return Unknown;
        QueueSample last = samples[^1];
        QueueSample first = samples.First(sample => sample.At >= last.At - (long)Window.TotalSeconds);
        if (first.At == last.At) return Unknown;
        double rate = (last.Depth - first.Depth) / (double)(last.At - first.At);
        double seconds = rate < 0 ? last.Depth / -rate : double.PositiveInfinity;
        return new QueueTrend(rate, last.Depth > 0 && seconds < Farthest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null);
    }
}
