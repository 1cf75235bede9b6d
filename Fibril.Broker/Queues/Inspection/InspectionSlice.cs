using Fibril.Broker.Log;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Messages that were found, and how to read them.</summary>
/// <param name="Messages">The log they are in.</param>
/// <param name="States">Ascending by offset.</param>
/// <param name="Runs">Reads that bring their records, and some others between them.</param>
/// <param name="NextOffset">Offset of the next message that would have been found; the end when there is none.</param>
/// <param name="StartOffset">Offset of the oldest record that is still stored.</param>
/// <param name="EndOffset">Offset behind the last message of the partition.</param>
internal sealed record InspectionSlice(
    SegmentedLog Messages, IReadOnlyList<MessageState> States, IReadOnlyList<PlannedRun> Runs, long NextOffset, long StartOffset, long EndOffset);

/// <summary>What the story of one message is made of.</summary>
/// <param name="State">The present.</param>
/// <param name="Messages">The log of messages.</param>
/// <param name="Record">The read of its record; none when that is gone for certain.</param>
/// <param name="Events">The log of events.</param>
/// <param name="EventRuns">Everything that is still in it.</param>
/// <param name="EventsFromTheFirst">True when no event was given up yet.</param>
/// <param name="NowMs">The moment of all this, Unix milliseconds.</param>
internal sealed record StorySlice(
    MessageState State,
    SegmentedLog Messages,
    IReadOnlyList<PlannedRun> Record,
    SegmentedLog Events,
    IReadOnlyList<PlannedRun> EventRuns,
    bool EventsFromTheFirst,
    long NowMs);
