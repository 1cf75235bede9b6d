namespace Fibril.Broker.Admin.Explaining;

/// <summary>How much a finding matters.</summary>
internal enum FindingSeverity
{
    /// <summary>Good to know; nothing is wrong.</summary>
    Info,

    /// <summary>Messages wait because of it.</summary>
    Warning,

    /// <summary>Nothing moves before somebody does something.</summary>
    Critical,
}

/// <summary>One reason why messages flow or do not.</summary>
/// <param name="Code">A stable name.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">In plain words.</param>
/// <param name="Remedy">What to do about it; null when nothing has to be done.</param>
internal sealed record Finding(string Code, FindingSeverity Severity, string Text, string? Remedy)
{
    /// <summary>The partitions it is about; empty when it is about none in particular.</summary>
    public IReadOnlyList<int> Partitions { get; init; } = [];

    /// <summary>What shows it: in the first of the partitions, when there are several.</summary>
    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    /// <summary>Makes a finding of what shows it.</summary>
    /// <param name="evidence">By name, as it is to be told.</param>
    public Finding With(params ReadOnlySpan<(string Name, object? Value)> evidence)
    {
        var shown = new Dictionary<string, object?>();
        foreach ((string name, object? value) in evidence) shown[name] = value;
        return this with { Evidence = shown };
    }
}

/// <summary>Why the messages of a queue, or of a consumer, flow or do not.</summary>
/// <param name="Subject">Which.</param>
/// <param name="Flowing">True when nothing stands in the way.</param>
/// <param name="Summary">The most important of it in one sentence.</param>
/// <param name="Findings">The most important first.</param>
internal sealed record Explanation(string Subject, bool Flowing, string Summary, IReadOnlyList<Finding> Findings)
{
    /// <param name="subject">Which.</param>
    /// <param name="findings">In any order.</param>
    /// <param name="otherwise">The summary when nothing stands in the way.</param>
    public static Explanation Of(string subject, IEnumerable<Finding> findings, string otherwise)
    {
        Finding[] ordered = [.. findings.OrderByDescending(static finding => finding.Severity)];
        bool isFlowing = ordered.All(static finding => finding.Severity == FindingSeverity.Info);
        return new Explanation(subject, isFlowing, isFlowing ? ordered.FirstOrDefault()?.Text ?? otherwise : ordered[0].Text, ordered);
    }
}
