using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Streams;

/// <summary>Log messages of this module: event ids 2300 to 2399.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2300, LogLevel.Error, "Stream partition {Partition} is out of service because {Reason}; trace {TraceId}")]
    public static partial void PartitionParked(this ILogger logger, PartitionId partition, string reason, string traceId, Exception fault);

    [LoggerMessage(2301, LogLevel.Warning, "Stream partition {Partition} could not write a snapshot of its cursors; its log stays complete and it tries again later")]
    public static partial void SnapshotFailed(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2302, LogLevel.Warning, "Stream partition {Partition} passes over a snapshot that is not what was written, and loses nothing by it: {Damage}")]
    public static partial void SnapshotDamaged(this ILogger logger, PartitionId partition, LogDamage damage);

    [LoggerMessage(2303, LogLevel.Debug, "Stream partition {Partition} is open after {ElapsedMs} ms")]
    public static partial void PartitionOpened(this ILogger logger, PartitionId partition, long elapsedMs);

    [LoggerMessage(2304, LogLevel.Error, "Stream partition {Partition} cannot be opened; trace {TraceId}")]
    public static partial void PartitionUnreadable(this ILogger logger, PartitionId partition, string traceId, Exception cause);

    [LoggerMessage(2305, LogLevel.Warning, "Stream partition {Partition} could not remove files it needs no more; the next start does")]
    public static partial void FilesNotRemoved(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2306, LogLevel.Error, "Stream partition {Partition} takes and delivers nothing until its files are open again, because its storage failed; trace {TraceId}")]
    public static partial void OutageBegun(this ILogger logger, PartitionId partition, string traceId, Exception fault);

    [LoggerMessage(2307, LogLevel.Warning, "Stream partition {Partition} could not open its files again, and tries in {Seconds} s")]
    public static partial void NotReopened(this ILogger logger, PartitionId partition, double seconds, Exception failure);

    [LoggerMessage(2308, LogLevel.Warning, "Stream partition {Partition} is in service again after {Seconds} s")]
    public static partial void OutageEnded(this ILogger logger, PartitionId partition, double seconds);

    [LoggerMessage(2309, LogLevel.Warning, "Stream partition {Partition} could not read from offset {Offset} on, and tries again in {Seconds} s; readers that are behind wait")]
    public static partial void NotRead(this ILogger logger, PartitionId partition, long offset, double seconds, Exception failure);

    [LoggerMessage(2310, LogLevel.Warning, "Stream partition {Partition} could not read its log to find where a reader starts")]
    public static partial void NotPositioned(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2311, LogLevel.Debug, "Stream partition {Partition} keeps records from offset {StartOffset} on and has freed {FreedBytes} bytes")]
    public static partial void Trimmed(this ILogger logger, PartitionId partition, long startOffset, long freedBytes);

    [LoggerMessage(2312, LogLevel.Warning, "Stream partition {Partition}: retention overtook {Count} cursor(s), which will never see {Records} records")]
    public static partial void CursorsOvertaken(this ILogger logger, PartitionId partition, int count, long records);

    [LoggerMessage(2313, LogLevel.Warning, "Stream partition {Partition} could not find out what it need not keep any more, and tries again later")]
    public static partial void RetentionFailed(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2314, LogLevel.Warning, "Stream partition {Partition}: {Count} cursor(s) were set back to the end of the log, offset {Offset}: records that were delivered early are lost")]
    public static partial void CursorsSetBack(this ILogger logger, PartitionId partition, int count, long offset);

    [LoggerMessage(2315, LogLevel.Debug, "Stream {Stream} was declared with {Count} partition(s): {Settings}")]
    public static partial void StreamDeclared(this ILogger logger, QueueName stream, int count, StreamSettings settings);

    [LoggerMessage(2316, LogLevel.Information, "Stream {Stream} was declared anew, with {Count} partition(s): {Settings}")]
    public static partial void StreamChanged(this ILogger logger, QueueName stream, int count, StreamSettings settings);

    [LoggerMessage(2317, LogLevel.Information, "Stream {Stream} with {Count} partition(s) was deleted")]
    public static partial void StreamDeleted(this ILogger logger, QueueName stream, int count);

    [LoggerMessage(2318, LogLevel.Debug, "Stream partition {Partition} was unloaded: nobody uses it")]
    public static partial void PartitionUnloaded(this ILogger logger, PartitionId partition);

    [LoggerMessage(2319, LogLevel.Warning, "The cleanup of idle streams met a fault; the next turn tries again")]
    public static partial void CleanupFailed(this ILogger logger, Exception failure);

    [LoggerMessage(2320, LogLevel.Error, "Stream partition {Partition} is quarantined and serves nobody: {Damage}")]
    public static partial void Quarantined(this ILogger logger, PartitionId partition, string damage);

    [LoggerMessage(2321, LogLevel.Warning, "Stream partition {Partition}: {Damage}. Repair: {Action}")]
    public static partial void Repaired(this ILogger logger, PartitionId partition, string damage, string action);

    [LoggerMessage(2322, LogLevel.Error, "Stream partition {Partition} could not be repaired and stays quarantined")]
    public static partial void NotRepaired(this ILogger logger, PartitionId partition, Exception failure);
}
