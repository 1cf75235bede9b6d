using System.Text.Json.Serialization;

namespace Fibril.Broker.Statistics.Readings;

/// <summary>How long something takes, in milliseconds; null where it did not happen.</summary>
/// <param name="Count">How often, since the start.</param>
/// <param name="MeanMs">Mean since the start.</param>
/// <param name="MaxMs">The longest since the start.</param>
/// <param name="P50Ms">Median of the last minute (D-09).</param>
/// <param name="P95Ms">95th percentile of the last minute.</param>
/// <param name="P99Ms">99th percentile of the last minute.</param>
/// <param name="LastMinuteMaxMs">The longest of the last minute, to the width of a bucket.</param>
internal sealed record DurationReading(
    long Count, double? MeanMs, double? MaxMs, double? P50Ms, double? P95Ms, double? P99Ms, [property: JsonPropertyName("max_1m_ms")] double? LastMinuteMaxMs);
