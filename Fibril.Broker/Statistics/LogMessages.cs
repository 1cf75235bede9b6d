namespace Fibril.Broker.Statistics;

/// <summary>Log messages of this module: event ids 2700 to 2799.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2700, LogLevel.Debug, "Messages: {Summary}")]
    public static partial void Messages(this ILogger logger, MessageSummary summary);

    [LoggerMessage(2701, LogLevel.Debug, "Storage: {Summary}")]
    public static partial void Storage(this ILogger logger, StorageSummary summary);

    [LoggerMessage(2702, LogLevel.Debug, "Connections: {Summary}")]
    public static partial void Connections(this ILogger logger, ConnectionSummary summary);

    [LoggerMessage(2703, LogLevel.Warning, "The statistics miss a sample; nothing else depends on it")]
    public static partial void SampleFailed(this ILogger logger, Exception cause);

    [LoggerMessage(2704, LogLevel.Warning, "What channels take on the disk is not known of those that are not in memory; nothing else depends on it")]
    public static partial void SizesUnknown(this ILogger logger, Exception cause);
}
