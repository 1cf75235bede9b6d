using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Tells the life of one message, from its record and from all events that are still stored. Thread-safe.</summary>
/// <remarks>Reads the whole event log of the partition, in pieces: a few megabytes, as snapshots keep it short.</remarks>
internal sealed class StoryTeller(IPartitionVisits partitions)
{
    /// <summary>Tells the story of a message; blocks its thread on the disk.</summary>
    /// <returns>Null when no message has this offset yet.</returns>
    /// <inheritdoc cref="MessageInspector.InspectAsync"/>
    public async Task<MessageStory?> TellAsync(PartitionId id, long offset, CancellationToken cancellationToken)
    {
        using PartitionLease<QueuePartition> visit = await partitions.VisitAsync(id);

        // What happened a moment ago is in the log that is read below only when it is synced.
        await visit.Partition.ChangeAsync(static _ => true, waitsForDisk: true).WaitAsync(cancellationToken);
        StorySlice? slice;
        StoredParts? parts;
        do
        {
            slice = await visit.Partition.AskAsync(partition => partition.PlanStory(offset), cancellationToken);
            if (slice is null) return null;
        }
        while (!TryReadRecord(slice, out parts));

        var happened = new EventsOfOne(offset);
        long? missingBefore = ReadEvents(slice, happened, cancellationToken);
        return new MessageStory(slice.State, parts?.Content, [.. parts?.Birth ?? [], .. happened.Events])
        {
            EventsMissingBeforeMs = missingBefore,
            OmittedCount = happened.OmittedCount,
            Source = parts?.Source,
            SourceMessage = parts?.Source is { } source ? Find(source) : null,
        };
    }

    /// <summary>False when the record may be somewhere else since the story was planned.</summary>
    private static bool TryReadRecord(StorySlice slice, out StoredParts? parts)
    {
        parts = null;
        using var reader = new RunReader(slice.Messages, slice.Record);
        if (reader.ReadNext() is not { } block) return reader.GoneFrom is null;
        using (block)
        {
            if (block[0].Offset == slice.State.Offset && block[0].Kind == MessageRecord.Kind) parts = StoredParts.Of(block[0]);
            return true;
        }
    }

    /// <summary>Reads all events; says before which time some may be missing.</summary>
    private static long? ReadEvents(StorySlice slice, EventsOfOne happened, CancellationToken cancellationToken)
    {
        long? missingBefore = slice.EventsFromTheFirst ? null : slice.NowMs;
        bool startsAnew = !slice.EventsFromTheFirst;
        using var reader = new RunReader(slice.Events, slice.EventRuns);
        while (true)
        {
            if (reader.ReadNext() is not { } block)
            {
                if (reader.GoneFrom is null) return startsAnew ? slice.NowMs : missingBefore;

                // A segment that was given up while this was read leaves a gap: the events are complete from behind it on.
                reader.PassGone();
                startsAnew = true;
                continue;
            }

            using (block)
            {
                if (startsAnew) missingBefore = block[0].Timestamp;
                startsAnew = false;
                for (int i = 0; i < block.Count; i++) happened.Read(block[i]);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Headers name the queue and the offset of a dead letter's source, not its partition: a queue with one has no other.</summary>
    private MessageLink? Find(DeadLetterSource source) =>
        source.Offset is { } offset && partitions.Find(source.Queue) is QueueEntry { PartitionCount: 1 }
            ? new MessageLink(new PartitionId(source.Queue, 0), offset)
            : null;

    /// <summary>What the record of a message tells of its life.</summary>
    private sealed record StoredParts(MessageContent Content, DeadLetterSource? Source, IReadOnlyList<StoryEvent> Birth)
    {
        public static StoredParts Of(in Record record)
        {
            HeaderBlock headers = new StoredMessage(record).Headers;
            MessageContent content = MessageContent.Of(record, previewBytes: null);
            long notBefore = MessageRecord.NotBefore(record);
            return new StoredParts(content, DeadLetterHeaders.Read(headers),
            [
                new StoryEvent(StoryEventKind.Published, (long)Math.Min(content.PublishedMs, long.MaxValue)),
                new StoryEvent(StoryEventKind.Received, content.ReceivedMs)
                {
                    NotBeforeMs = notBefore > 0 ? notBefore : null,
                    ExpiresAtMs = MessageRecord.Deadline(record),
                },
                new StoryEvent(StoryEventKind.Durable, AtMs: null),
            ]);
        }
    }
}
