using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.DeadLetters;

/// <summary>Knows where dead letters go, and opens that place. Thread-safe.</summary>
internal interface IDeadLetterRouter
{
    /// <summary>Where messages of a queue go that fail for good, by the policies and the global target of this moment.</summary>
    DeadLetterRoute Route(QueueName source, DeadLetterPolicy policy);

    /// <summary>The partition of the target that takes the dead letters of one partition of the source (D-50).</summary>
    /// <returns>A lease; the caller disposes it.</returns>
    /// <exception cref="IOException">The catalogue cannot be written.</exception>
    /// <exception cref="PartitionUnavailableException">The partition cannot be read.</exception>
    ValueTask<PartitionLease<QueuePartition>> OpenAsync(QueueName target, int sourcePartition);
}

/// <summary>The way of a dead letter.</summary>
/// <param name="Target">The queue that gets the copy; null while the global target is not set, and the message waits (D-37).</param>
/// <param name="Loops">
/// True when the policies lead from the target back to the source: a message that is a dead letter already would go round for ever, and
/// is dropped instead (D-38).
/// </param>
internal readonly record struct DeadLetterRoute(QueueName? Target, bool Loops);
