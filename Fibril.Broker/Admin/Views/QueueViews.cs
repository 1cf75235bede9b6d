using Fibril.Broker.Admin.Http;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Admin.Views;

/// <summary>A queue, as requests and answers name one.</summary>
internal sealed record QueueTarget(string Topic, string? Group = null)
{
    public static QueueTarget? Of(QueueName? name) => name is { } queue ? new QueueTarget(queue.Topic, queue.Group) : null;
}

/// <summary>The names of dead-letter policies.</summary>
internal enum PolicyName
{
    Discard,
    Global,
    Custom,
}

/// <summary>A dead-letter policy.</summary>
/// <param name="Policy">What happens to messages that failed for good.</param>
/// <param name="Target">Where they go; null unless the policy is custom.</param>
internal sealed record PolicyView(PolicyName Policy, QueueTarget? Target)
{
    public static PolicyView Of(DeadLetterPolicy? policy) => policy switch
    {
        { Kind: DeadLetterPolicyKind.Custom, Topic: { } topic } => new PolicyView(PolicyName.Custom, new QueueTarget(topic, policy.Group)),
        { Kind: DeadLetterPolicyKind.Global } => new PolicyView(PolicyName.Global, null),
        _ => new PolicyView(PolicyName.Discard, null),
    };

    /// <summary>Reads what a request asks for; null when it leaves the policy as it is.</summary>
    /// <exception cref="ApiException">The policy is custom and has no target that can be one.</exception>
    public static DeadLetterPolicy? Parse(PolicyName? policy, QueueTarget? target)
    {
        switch (policy)
        {
            case null: return null;
            case PolicyName.Discard: return DeadLetterPolicy.Discard;
            case PolicyName.Global: return DeadLetterPolicy.Global;
        }

        if (target is null)
            throw new ApiException(ApiErrorCodes.MissingQueueDlqTarget, "The policy custom needs a target; add \"target\": { \"topic\": \"...\" }.", new FieldProblem("target", "is missing"));
        QueueName queue = ChannelArguments.QueueOf(target.Topic, target.Group, "target.topic", ApiErrorCodes.InvalidQueueDlqTarget);
        return DeadLetterPolicy.Custom(queue.Topic, queue.Group);
    }
}

/// <summary>What a queue was declared with.</summary>
internal sealed record QueueSettingsView(
    PolicyView Dlq, int? MaxRetries, long? DefaultMessageTtlMs, long? MaxMessages, long? MaxBytes, OverflowPolicy Overflow, long? ExpireAfterIdleMs)
{
    public static QueueSettingsView Of(QueueSettings settings) => new(
        PolicyView.Of(settings.DeadLetterPolicy), settings.MaxRetries, settings.DefaultTtlMs, settings.MaxMessages, settings.MaxBytes,
        settings.Overflow, settings.DeleteAfterIdleMs);
}

/// <summary>The body of <c>POST /admin/api/queues</c>. What is left out stays as it is.</summary>
internal sealed record DeclareQueueBody(
    string Topic,
    string? Group = null,
    int? PartitionCount = null,
    PolicyName? Policy = null,
    QueueTarget? Target = null,
    int? MaxRetries = null,
    long? DefaultMessageTtlMs = null,
    long? MaxMessages = null,
    long? MaxBytes = null,
    OverflowPolicy? Overflow = null,
    long? ExpireAfterIdleMs = null);

/// <summary>The answer of a declaration.</summary>
/// <param name="Status">Always <c>created</c>.</param>
/// <param name="PartitionCount">The count in effect.</param>
/// <param name="IsNew">False when the queue was declared before.</param>
/// <param name="Changes">What is not as it was; of a new queue, what is not as it would be without being asked for.</param>
internal sealed record DeclaredQueueView(string Status, int PartitionCount, bool IsNew, IReadOnlyList<ChangeView> Changes);

/// <summary>One setting that was changed.</summary>
internal sealed record ChangeView(string Setting, string Before, string After);

/// <summary>The body of <c>POST /admin/api/queues/delete</c> and <c>/streams/delete</c>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Group">The group.</param>
/// <param name="PartitionCount">Not needed, and not looked at: all partitions go.</param>
/// <param name="ConfirmTopic">When it is given, it must be the topic: a guard against deleting the wrong one.</param>
internal sealed record DeleteChannelBody(string Topic, string? Group = null, int? PartitionCount = null, string? ConfirmTopic = null);

/// <summary>The answer of a deletion.</summary>
internal sealed record DeletedView(string Status, int PartitionCount);

/// <summary>Which messages a purge removes.</summary>
internal enum PurgeScopeName
{
    Ready,
    Delayed,
    All,
}

/// <summary>The body of <c>POST /admin/api/queues/purge</c>.</summary>
internal sealed record PurgeBody(string Topic, string? Group = null, int? Partition = null, PurgeScopeName Scope = PurgeScopeName.All, string? ConfirmTopic = null);

/// <summary>The answer of a purge.</summary>
/// <param name="Purged">Messages that were removed for good.</param>
/// <param name="PerPartition">The same, by partition.</param>
internal sealed record PurgedView(long Purged, IReadOnlyList<PurgedPartitionView> PerPartition);

/// <summary>What a purge did to one partition.</summary>
internal sealed record PurgedPartitionView(int Partition, long Purged);

/// <summary>The body of <c>PUT /admin/api/queue-dlq</c>.</summary>
internal sealed record QueueDlqBody(string Topic, PolicyName Policy, string? Group = null, QueueTarget? Target = null, int? MaxRetries = null);

/// <summary>The answer of a change that has nothing to say.</summary>
internal sealed record StatusView(string Status);
