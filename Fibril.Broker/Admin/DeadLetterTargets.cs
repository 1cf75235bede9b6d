using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Admin;

/// <summary>Where the dead letters of every queue go, from the catalogue: whether anything of them is in memory does not matter (U-15).</summary>
internal static class DeadLetterTargets
{
    /// <summary>The queues whose policy keeps what fails for good.</summary>
    public static IEnumerable<QueueEntry> Sources(QueueRegistry queues) =>
        queues.Catalogue.All.Where(static entry => entry.Settings.DeadLetterPolicy is { Kind: not DeadLetterPolicyKind.Discard });

    /// <summary>Where the dead letters of a queue go; null when they go nowhere.</summary>
    public static QueueName? TargetOf(QueueRegistry queues, QueueEntry source) => source.Settings.DeadLetterPolicy switch
    {
        { Kind: DeadLetterPolicyKind.Custom, Topic: { } topic } policy => new QueueName(topic, policy.Group),
        { Kind: DeadLetterPolicyKind.Global } => queues.GlobalDeadLetterTarget.Current.Target,
        _ => null,
    };

    /// <summary>Every queue that dead letters go to, the global target too when no queue uses it, and how many queues send theirs there.</summary>
    public static Dictionary<QueueName, int> All(QueueRegistry queues)
    {
        var targets = new Dictionary<QueueName, int>();
        if (queues.GlobalDeadLetterTarget.Current.Target is { } global) targets[global] = 0;
        foreach (QueueEntry source in Sources(queues))
        {
            if (TargetOf(queues, source) is { } target) targets[target] = targets.GetValueOrDefault(target) + 1;
        }

        return targets;
    }
}
