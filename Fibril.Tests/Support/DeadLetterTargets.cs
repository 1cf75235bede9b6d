using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>The host of a partition in a test: dead letters go to the partitions that it was given.</summary>
internal sealed class DeadLetterTargets : IPartitionHost
{
    private readonly Dictionary<QueueName, QueuePartition> _partitions = [];

    /// <summary>The target of the policy "global".</summary>
    public QueueName? Global { get; set; }

    /// <summary>Policies of the targets; null for discard.</summary>
    public Dictionary<QueueName, DeadLetterPolicy> Policies { get; } = [];

    /// <summary>Called before a target is opened; throws to fail.</summary>
    public Action? OnOpen { get; set; }

    /// <summary>Damage that partitions have found.</summary>
    public List<LogDamagedException> Damages { get; } = [];

    public void Damaged(PartitionId id, LogDamagedException damage) => Damages.Add(damage);

    public void Add(QueuePartition partition) => _partitions[partition.Id.Queue] = partition;

    public DeadLetterRoute Route(QueueName source, DeadLetterPolicy policy) =>
        DeadLetterRoutes.Find(source, policy, Global, queue => Policies.GetValueOrDefault(queue));

    public ValueTask<PartitionLease<QueuePartition>> OpenAsync(QueueName target, int sourcePartition)
    {
        OnOpen?.Invoke();
        return new(new PartitionLease<QueuePartition>(_partitions[target], PartitionUse.Visit, static _ => { }));
    }
}
