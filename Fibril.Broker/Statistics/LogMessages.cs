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

    [LoggerMessage(2705, LogLevel.Warning, "{Path} is no history that this version has written, so it is {Aside} now and the history begins anew; nothing else depends on it")]
    public static partial void HistorySetAside(this ILogger logger, string path, string aside);

    [LoggerMessage(2706, LogLevel.Warning, "{Count} samples of the history in {Path} are not what was written, and are gaps now; nothing else depends on them")]
    public static partial void HistoryDamaged(this ILogger logger, int count, string path);

    [LoggerMessage(2707, LogLevel.Warning, "The history in {Path} cannot be read and begins anew; nothing else depends on it")]
    public static partial void HistoryNotRead(this ILogger logger, string path, Exception cause);

    [LoggerMessage(2708, LogLevel.Warning, "The history cannot be written; until it can, it is in memory only, and nothing else depends on it")]
    public static partial void HistoryNotWritten(this ILogger logger, Exception cause);
}
