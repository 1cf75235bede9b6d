namespace Fibril.Broker.Statistics.Readings;

/// <summary>A counter.</summary>
/// <param name="Total">Since the start of the process.</param>
/// <param name="PerSecond">Mean of the last minute (D-07), or since the start when that is less than a minute ago.</param>
internal readonly record struct Rate(long Total, double PerSecond);
