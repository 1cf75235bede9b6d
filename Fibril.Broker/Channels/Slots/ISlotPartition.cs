using Fibril.Broker.Primitives;

namespace Fibril.Broker.Channels.Slots;

/// <summary>What a slot asks of the partition in it. Thread-safe.</summary>
internal interface ISlotPartition
{
    PartitionId Id { get; }

    /// <summary>True when the partition has ended, in this object, for good: who wants it asks the registry again.</summary>
    bool IsOver { get; }

    /// <summary>Refuses new work, makes everything that was accepted durable, and closes the files (S-60).</summary>
    Task StopAsync();

    /// <summary>Closes the partition as a stop does, unless it has work. Nobody may arrive meanwhile.</summary>
    Task<UnloadOutcome> TryUnloadAsync();
}
