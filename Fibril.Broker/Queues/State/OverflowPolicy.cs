namespace Fibril.Broker.Queues.State;

/// <summary>What a full queue does. Numbers stand in the catalogue: append only.</summary>
internal enum OverflowPolicy : byte
{
    /// <summary>Publishes are refused until there is room.</summary>
    Reject = 0,

    /// <summary>The oldest ready message goes, over to the dead-letter policy.</summary>
    DropOldest = 1,
}
