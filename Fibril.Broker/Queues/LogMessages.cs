using Fibril.Broker.Log;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Queues;

/// <summary>Log messages of this module: event ids 2100 to 2199.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2100, LogLevel.Error, "Partition {Partition} is out of service because {Reason}; trace {TraceId}")]
    public static partial void PartitionParked(this ILogger logger, PartitionId partition, string reason, string traceId, Exception fault);

    [LoggerMessage(2101, LogLevel.Warning, "Partition {Partition} could not write a snapshot; its logs stay complete and it tries again later")]
    public static partial void SnapshotFailed(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2102, LogLevel.Debug, "Partition {Partition} took snapshot {Number} and freed {FreedBytes} bytes")]
    public static partial void SnapshotTaken(this ILogger logger, PartitionId partition, long number, long freedBytes);

    [LoggerMessage(2103, LogLevel.Debug, "Partition {Partition} is open after {ElapsedMs} ms")]
    public static partial void PartitionOpened(this ILogger logger, PartitionId partition, long elapsedMs);

    [LoggerMessage(2104, LogLevel.Error, "Partition {Partition} cannot be opened; it serves nobody until the broker is restarted; trace {TraceId}")]
    public static partial void PartitionUnreadable(this ILogger logger, PartitionId partition, string traceId, Exception cause);

    [LoggerMessage(2105, LogLevel.Warning, "Partition {Partition} could not remove files it needs no more; the next start does")]
    public static partial void FilesNotRemoved(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2140, LogLevel.Warning, "Partition {Partition} passes over a snapshot that is not what was written, and loses nothing by it: {Damage}")]
    public static partial void SnapshotDamaged(this ILogger logger, PartitionId partition, LogDamage damage);
}
