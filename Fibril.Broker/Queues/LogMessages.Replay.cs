using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Replay;

namespace Fibril.Broker.Queues;

// What operators do to messages: event ids 2160 to 2169.
internal static partial class LogMessages
{
    [LoggerMessage(2160, LogLevel.Information, "Replay {Id} begins with the dead letters of {Queue}; mode {Mode}, dry run {IsDryRun}")]
    public static partial void ReplayStarted(this ILogger logger, long id, QueueName queue, string mode, bool isDryRun);

    [LoggerMessage(2161, LogLevel.Information, "Replay {Id} has ended, {State}: {Replayed} replayed, {Deleted} deleted, {Skipped} skipped, {Failed} failed")]
    public static partial void ReplayEnded(this ILogger logger, long id, string state, long replayed, long deleted, long skipped, long failed);

    [LoggerMessage(2162, LogLevel.Warning, "Replay {Id} cannot go on; what it has copied and settled stays so")]
    public static partial void ReplayFailed(this ILogger logger, long id, Exception failure);

    [LoggerMessage(2163, LogLevel.Information, "An operator removed {Count} of {Requested} messages from partition {Partition}")]
    public static partial void MessagesRemoved(this ILogger logger, PartitionId partition, int count, int requested);

    [LoggerMessage(2164, LogLevel.Information, "An operator replayed {Count} of {Requested} dead letters of partition {Partition}; mode {Mode}")]
    public static partial void MessagesReplayed(this ILogger logger, PartitionId partition, int count, int requested, ReplayMode mode);

    [LoggerMessage(2165, LogLevel.Information, "The copies of replay {Id} were withdrawn: {Withdrawn} withdrawn, {TooLate} too late, {Left} left")]
    public static partial void ReplayUndone(this ILogger logger, long id, long withdrawn, long tooLate, long left);
}
