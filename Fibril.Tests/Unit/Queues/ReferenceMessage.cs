using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

internal enum ReferenceState
{
    Ready,
    Leased,
    Delayed,

    /// <summary>Failed for good, and kept until it has a copy in the dead-letter target.</summary>
    Pending,
    Settled,
}

/// <summary>One message of the reference: everything about it in plain fields.</summary>
internal sealed class ReferenceMessage(byte[] payload, long notBefore, long? deadline)
{
    public byte[] Payload { get; } = payload;

    /// <summary>Where it is, or was; -1 for a message that is not known to be durable.</summary>
    public long Offset { get; set; } = -1;

    public long? Deadline { get; } = deadline;

    /// <summary>Headers of the publisher that a copy keeps.</summary>
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>True when it came with the headers of a dead letter.</summary>
    public bool IsDeadLetter { get; init; }

    public ReferenceState State { get; set; }

    public long NotBefore { get; set; } = notBefore;

    public int Retries { get; set; }

    public ulong Tag { get; set; }

    public Consumer? Holder { get; set; }

    public long LeaseEndsMs { get; set; }

    /// <summary>What it may have died of, as a copy may say it.</summary>
    public string[] Reasons { get; set; } = [];

    /// <summary>True when there was a target for it since it died: a crash may have interrupted its copy.</summary>
    public bool CopyMayHaveBegun { get; set; }

    /// <summary>Copies of it that were seen in the target.</summary>
    public int Copies { get; set; }

    /// <summary>Copies that a death before this one has left behind, whose record a power loss has taken.</summary>
    public int EarlierCopies { get; set; }

    /// <summary>One copy, and one more for each interruption that hid from the queue whether it had been made (D-48).</summary>
    public int MostCopies { get; set; }

    /// <summary>True when an operator took it away while it may have been copied: either is right.</summary>
    public bool MayBeRemoved { get; set; }

    public ReferenceMessage Clone() => (ReferenceMessage)MemberwiseClone();
}
