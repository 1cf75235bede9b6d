using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Queues.DeadLetters;

/// <summary>Follows dead-letter policies from queue to queue. Decides without I/O.</summary>
internal static class DeadLetterRoutes
{
    /// <summary>Where the dead letters of a queue go.</summary>
    /// <param name="source">The queue.</param>
    /// <param name="policy">Its policy, which is not to discard.</param>
    /// <param name="global">The global target; null while there is none.</param>
    /// <param name="policyOf">Policies of other queues; null for discard.</param>
    public static DeadLetterRoute Find(
        QueueName source, DeadLetterPolicy policy, QueueName? global, Func<QueueName, DeadLetterPolicy?> policyOf)
    {
        QueueName? target = TargetOf(policy, global);
        HashSet<QueueName> seen = [];
        for (QueueName? next = target; next is { } queue && seen.Add(queue); next = TargetOf(policyOf(queue), global))
        {
            if (queue == source) return new DeadLetterRoute(target, Loops: true);
        }

        return new DeadLetterRoute(target, Loops: false);
    }

    private static QueueName? TargetOf(DeadLetterPolicy? policy, QueueName? global) => policy?.Kind switch
    {
        DeadLetterPolicyKind.Global => global,
        DeadLetterPolicyKind.Custom => new QueueName(policy.Topic!, policy.Group),
        _ => null,
    };
}
