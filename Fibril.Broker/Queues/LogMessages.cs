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

    [LoggerMessage(2104, LogLevel.Error, "Partition {Partition} cannot be opened; trace {TraceId}")]
    public static partial void PartitionUnreadable(this ILogger logger, PartitionId partition, string traceId, Exception cause);

    [LoggerMessage(2105, LogLevel.Warning, "Partition {Partition} could not remove files it needs no more; the next start does")]
    public static partial void FilesNotRemoved(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2106, LogLevel.Warning, "Partition {Partition} keeps {Count} dead letters that could not be copied, and tries again in {Seconds} s")]
    public static partial void DeadLettersNotCopied(this ILogger logger, PartitionId partition, long count, double seconds, Exception failure);

    [LoggerMessage(2108, LogLevel.Error, "Partition {Partition} takes and delivers nothing until its files are open again, because its storage failed; trace {TraceId}")]
    public static partial void OutageBegun(this ILogger logger, PartitionId partition, string traceId, Exception fault);

    [LoggerMessage(2109, LogLevel.Warning, "Partition {Partition} could not open its files again, and tries in {Seconds} s")]
    public static partial void NotReopened(this ILogger logger, PartitionId partition, double seconds, Exception failure);

    [LoggerMessage(2110, LogLevel.Warning, "Partition {Partition} is in service again after {Seconds} s; {Survivors} messages turned out to be durable although their publishers were told otherwise")]
    public static partial void OutageEnded(this ILogger logger, PartitionId partition, double seconds, int survivors);

    [LoggerMessage(2111, LogLevel.Error, "The disk is full: no messages are taken in until {ReserveBytes} bytes are free; consumers are served on")]
    public static partial void DiskIsFull(this ILogger logger, long reserveBytes);

    [LoggerMessage(2112, LogLevel.Warning, "The disk has room again: messages are taken in")]
    public static partial void DiskHasRoom(this ILogger logger);

    [LoggerMessage(2113, LogLevel.Information, "Queue {Queue} with {Count} partition(s) was deleted")]
    public static partial void QueueDeleted(this ILogger logger, QueueName queue, int count);

    [LoggerMessage(2114, LogLevel.Debug, "Partition {Partition} was unloaded: nobody uses it")]
    public static partial void PartitionUnloaded(this ILogger logger, PartitionId partition);

    [LoggerMessage(2115, LogLevel.Warning, "The cleanup of idle queues met a fault; the next turn tries again")]
    public static partial void CleanupFailed(this ILogger logger, Exception failure);

    [LoggerMessage(2116, LogLevel.Error, "Partition {Partition} is quarantined and serves nobody: {Damage}")]
    public static partial void Quarantined(this ILogger logger, PartitionId partition, string damage);

    [LoggerMessage(2117, LogLevel.Warning, "Partition {Partition}: {Damage}. Repair: {Action}")]
    public static partial void Repaired(this ILogger logger, PartitionId partition, string damage, string action);

    [LoggerMessage(2118, LogLevel.Error, "Partition {Partition} could not be repaired and stays quarantined")]
    public static partial void NotRepaired(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2119, LogLevel.Error, "Partition {Partition}: {Damage}; trace {TraceId}")]
    public static partial void DamageFound(this ILogger logger, PartitionId partition, string damage, string traceId);

    [LoggerMessage(2120, LogLevel.Information, "{Done} of {All} partitions are read and verified")]
    public static partial void Verified(this ILogger logger, int done, int all);

    [LoggerMessage(2121, LogLevel.Debug, "Partition {Partition} compacted {Segments} segment(s) and freed {FreedBytes} bytes")]
    public static partial void Compacted(this ILogger logger, PartitionId partition, int segments, long freedBytes);

    [LoggerMessage(2122, LogLevel.Warning, "Partition {Partition} could not compact its segments; they are as they were")]
    public static partial void NotCompacted(this ILogger logger, PartitionId partition, Exception failure);

    [LoggerMessage(2123, LogLevel.Warning, "Partition {Partition} could not read from offset {Offset} on, and tries again in {Seconds} s; deliveries from the backlog wait")]
    public static partial void NotRead(this ILogger logger, PartitionId partition, long offset, double seconds, Exception failure);

    [LoggerMessage(2124, LogLevel.Debug, "Queue {Queue} was declared with {Count} partition(s). {Settings}")]
    public static partial void QueueDeclared(this ILogger logger, QueueName queue, int count, string settings);

    [LoggerMessage(2125, LogLevel.Information, "Queue {Queue} was declared with other settings, which apply from now on: {Changes}")]
    public static partial void QueueChanged(this ILogger logger, QueueName queue, string changes);

    [LoggerMessage(2107, LogLevel.Warning, "Partition {Partition} drops offset {Offset}: the dead-letter targets lead back to its own queue, and the message is a dead letter already")]
    public static partial void DeadLetterLoops(this ILogger logger, PartitionId partition, long offset);

    [LoggerMessage(2140, LogLevel.Warning, "Partition {Partition} passes over a snapshot that is not what was written, and loses nothing by it: {Damage}")]
    public static partial void SnapshotDamaged(this ILogger logger, PartitionId partition, LogDamage damage);
}
