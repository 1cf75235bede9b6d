using Fibril.Broker.Log;
using Fibril.Broker.Queues.Inspection;

namespace Fibril.Broker.Queues.Replay;

/// <summary>A dead letter that is to be copied.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Tag">The lease that the replay has on it; 0 when it is not moved.</param>
internal readonly record struct ReplayOrder(long Offset, ulong Tag);

/// <summary>Dead letters that are to be copied, and how to read them.</summary>
/// <param name="Messages">The log they are in.</param>
/// <param name="Orders">Ascending by offset.</param>
/// <param name="Runs">Reads that bring their records.</param>
/// <param name="Skipped">Those that are not to be copied, and why.</param>
internal sealed record ReplaySlice(
    SegmentedLog Messages, IReadOnlyList<ReplayOrder> Orders, IReadOnlyList<PlannedRun> Runs, IReadOnlyList<ReplayItem> Skipped);

/// <summary>A dead letter whose copy is durable.</summary>
internal readonly record struct ReplayedMessage(ReplayOrder Order, MessageLink Copy);
