namespace Fibril.Tests.Architecture.Rules;

/// <summary>What is asked of the tests about a rule.</summary>
internal enum RuleStatus
{
    /// <summary>Holds on one node: tests show it.</summary>
    Applies,

    /// <summary>Holds on one node; tests show a part of it, and the note says what is missing.</summary>
    Partly,

    /// <summary>Kept by the client library: its tests show it.</summary>
    Client,

    /// <summary>Holds on one node, and no test shows it yet.</summary>
    Open,

    /// <summary>Belongs to something that is not built yet.</summary>
    Later,

    /// <summary>Needs several nodes.</summary>
    Cluster,

    /// <summary>A decision of this project stands in its place.</summary>
    Replaced,
}

/// <summary>The number of a rule: a letter for its subject, and a number that is never reused.</summary>
internal readonly record struct RuleNumber(char Series, int Value)
{
    public override string ToString() => $"{Series}-{Value}";
}

/// <param name="Number">What tests cite.</param>
/// <param name="Status">What is asked of the tests.</param>
/// <param name="Title">The rule in a few words.</param>
/// <param name="Note">Why the status is what it is; empty when there is nothing to say.</param>
/// <param name="Section">Heading under which the list has it.</param>
internal sealed record Rule(RuleNumber Number, RuleStatus Status, string Title, string Note, string Section);
