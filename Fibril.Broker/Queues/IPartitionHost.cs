using Fibril.Broker.Queues.DeadLetters;

namespace Fibril.Broker.Queues;

/// <summary>What a partition asks of the broker it is in. Thread-safe.</summary>
internal interface IPartitionHost : IDeadLetterRouter;
