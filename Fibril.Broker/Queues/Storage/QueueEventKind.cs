namespace Fibril.Broker.Queues.Storage;

/// <summary>Kinds of event records. On disk: append only, never renumber.</summary>
internal enum QueueEventKind : byte
{
    /// <summary>Offsets that are finished, for one reason. Body: reason (u8), then ranges.</summary>
    Settled = 1,

    /// <summary>Messages given back by a retry. Body: entries of offset (i64), retries (i32) and not-before (i64).</summary>
    Retried = 2,

    /// <summary>Offsets that wait for their copy to the dead-letter target, for one reason. Body: reason (u8), then ranges.</summary>
    DeadLettered = 3,

    /// <summary>Offsets whose copy has begun. Body: ranges.</summary>
    CopyBegun = 4,

    /// <summary>Leases that ended without settling, for the story of a message. Body: cause (u8), holder (u8 length and UTF-8), then ranges.</summary>
    Returned = 5,

    /// <summary>
    /// Copies that are durable elsewhere, in a dead-letter target or by a replay, for the story of a message. Body: topic and group (each u8
    /// length and UTF-8, no group as length 0), partition (i32), then entries of offset (i64) and offset in the target (i64).
    /// </summary>
    Copied = 6,
}
