namespace Fibril.Dashboard.Api.Models;

/// <summary>How much something matters.</summary>
public enum Severity
{
    Info,
    Warning,
    Critical,
}

/// <summary>What an operator should look at, the most important first: <c>GET /admin/api/attention</c>.</summary>
public sealed record AttentionList(IReadOnlyList<AttentionItem> Items);

/// <summary>One of these things.</summary>
/// <param name="Id">The same as long as it lasts.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Kind">A stable name.</param>
/// <param name="Subject">Which channel or thing.</param>
/// <param name="Headline">What is wrong, and why.</param>
/// <param name="ActionHref">The page to act on.</param>
/// <param name="SinceMs">Unix milliseconds.</param>
/// <param name="Remedy">What to do.</param>
public sealed record AttentionItem(string Id, Severity Severity, string Kind, string Subject, string Headline, string ActionHref, long SinceMs, string? Remedy);

/// <summary>Why messages flow or do not: <c>GET /admin/api/explain/...</c>.</summary>
public sealed record Explanation(string Subject, bool Flowing, string Summary, IReadOnlyList<Finding> Findings);

/// <summary>One reason.</summary>
public sealed record Finding(string Code, Severity Severity, string Text, string? Remedy, IReadOnlyList<int> Partitions, System.Text.Json.Nodes.JsonObject? Evidence);

/// <summary>Damaged partitions: <c>GET /admin/api/quarantine</c>.</summary>
/// <param name="Policy">What happens to a partition that is found damaged.</param>
/// <param name="Quarantined">Those that serve nobody.</param>
public sealed record QuarantineList(string Policy, IReadOnlyList<QuarantinedPartition> Quarantined);

/// <summary>One of them. What nobody knows is null.</summary>
public sealed record QuarantinedPartition(
    string Topic, int Partition, string? Group, string Reason, string Kind, string File, long FirstBadByte, long EndByte, long? FirstBadOffset, long? EndOffset, long? RecordsToDrop);

/// <summary>The answer of a repair: <c>POST /admin/api/quarantine/repair</c>.</summary>
public sealed record RepairAnswer(bool Repaired, string Topic, string? Group, int Partition, IReadOnlyList<RepairStep> Steps);

/// <summary>One thing that it found and did; what nobody knows is null.</summary>
public sealed record RepairStep(string Damage, string Action, long? LostRecords);
