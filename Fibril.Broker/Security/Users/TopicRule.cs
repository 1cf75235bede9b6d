using Fibril.Protocol;

namespace Fibril.Broker.Security.Users;

/// <summary>Allows operations on the topics that a pattern matches, whatever the group.</summary>
/// <param name="Topics">A topic; each <c>*</c> in it stands for any number of characters, also none.</param>
/// <param name="Operations">What is allowed there.</param>
internal sealed record TopicRule(string Topics, TopicOperations Operations)
{
    private const int MostPatternLength = 128;

    /// <summary>Says what is wrong with a rule, fit for people; null when it may be used.</summary>
    public static string? Explain(TopicRule rule)
    {
        if (rule.Topics.Length is 0 or > MostPatternLength) return $"A topic pattern has 1 to {MostPatternLength} characters.";
        if (!rule.Topics.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '_' or '-' or '*'))
            return "A topic pattern has lower-case letters, digits, '.', '_', '-' and '*' only, as no topic has others.";
        bool isKnown = rule.Operations != TopicOperations.None && (rule.Operations & ~TopicOperations.All) == 0;
        return isKnown ? null : "A rule allows publish, consume or manage, or several of them.";
    }

    public bool Matches(ReadOnlySpan<char> topic) => Names.Matches(Topics, topic);
}
