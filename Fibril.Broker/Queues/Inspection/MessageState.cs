using Fibril.Broker.Queues.State;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>What the queue knows of one message at one moment.</summary>
/// <param name="Offset">Its place in the partition.</param>
/// <param name="Status">Its state.</param>
/// <param name="Retries">Retries that consumers asked for; not known any more of a settled message, and then 0.</param>
internal sealed record MessageState(long Offset, MessageStatus Status, int Retries)
{
    /// <summary>Who has it, while it is inflight.</summary>
    public LeaseHolder? Lease { get; init; }

    /// <summary>Unix milliseconds at which a delayed message becomes ready.</summary>
    public long? DueMs { get; init; }

    /// <summary>Why a pending message is to be copied to the dead-letter target.</summary>
    public DeadLetterReason? PendingReason { get; init; }

    /// <summary>True when that copy is being made right now.</summary>
    public bool IsBeingCopied { get; init; }

    /// <summary>Unix milliseconds at which its time to live is over; null for never.</summary>
    public long? ExpiresAtMs { get; init; }
}

/// <summary>Who has a message.</summary>
/// <param name="Holder">In a few words.</param>
/// <param name="DeadlineMs">Unix milliseconds at which the lease ends.</param>
internal sealed record LeaseHolder(string Holder, long DeadlineMs);
