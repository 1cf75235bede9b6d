namespace Fibril.Broker.Security.Users;

/// <summary>Everything that one user may do. Immutable.</summary>
internal sealed class TopicRules(IReadOnlyList<TopicRule> rules)
{
    /// <summary>Allows nothing.</summary>
    public static TopicRules Nothing { get; } = new([]);

    /// <summary>The rules of a user; null when there are none, which means that everything is allowed.</summary>
    public static TopicRules? Of(StoredUser? user) => user is { Rules.Count: > 0 } ? new TopicRules(user.Rules) : null;

    /// <summary>True when every one of the operations is allowed, be it by several rules.</summary>
    public bool Allow(string topic, TopicOperations operations) => (AllowedOn(topic) & operations) == operations;

    /// <summary>True when anything at all is allowed.</summary>
    public bool AllowAnyOn(string topic) => AllowedOn(topic) != TopicOperations.None;

    private TopicOperations AllowedOn(string topic)
    {
        TopicOperations allowed = TopicOperations.None;
        foreach (TopicRule rule in rules)
        {
            if (rule.Matches(topic)) allowed |= rule.Operations;
        }

        return allowed;
    }
}
