using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Quarantine;

/// <summary>Damage and repairs, in words.</summary>
public static class RepairText
{
    public static string Key(QuarantinedPartition partition) => $"{partition.Topic}@{partition.Group}/{partition.Partition} {partition.File}";

    public static string Name(QuarantinedPartition partition) => $"{Show.Channel(partition.Topic, partition.Group)} partition {partition.Partition}";

    public static string Offsets(QuarantinedPartition partition) => partition switch
    {
        { FirstBadOffset: null } => "this file holds no messages",
        { EndOffset: null } => $"from {Show.Exact(partition.FirstBadOffset)} on; nobody knows how far",
        _ => $"{Show.Exact(partition.FirstBadOffset)} to {Show.Exact(partition.EndOffset - 1)}",
    };

    /// <summary>What a repair gives up.</summary>
    public static string Cost(QuarantinedPartition partition) =>
        partition.RecordsToDrop is { } records ? Show.Plural(records, "record") : $"{Show.Bytes(partition.EndByte - partition.FirstBadByte)}; how many records that is, nobody can tell";

    public static string Consequence(QuarantinedPartition partition) =>
        $"{Capital(Cost(partition))} cannot be read any more and will be given up for good. This broker stands alone, so there is no copy to get them back from. Everything else stays, and the partition serves again.";

    /// <summary>What a repair has cost.</summary>
    public static string Lost(RepairAnswer answer) =>
        answer.Steps.Any(static step => step.LostRecords is null) ? "How many records were lost, nobody can tell." : $"{Show.Plural(answer.Steps.Sum(static step => step.LostRecords ?? 0), "record")} given up.";

    /// <summary>What the broker does when it finds damage.</summary>
    public static string Policy(string policy) => policy switch
    {
        "refuse" => "A damaged partition serves nobody until somebody repairs it, and as long as there is one the readiness check fails, so that no clients are sent here.",
        "ignore" => "A damaged partition is repaired at once, and what cannot be read of it is given up. Nothing should be listed here.",
        _ => "A damaged partition serves nobody until somebody repairs it. All others serve as ever.",
    };

    public static string Command(QuarantinedPartition partition) =>
        new CliCommand("quarantine", "repair", partition.Topic).With("--group", partition.Group).With("--partition", partition.Partition).If(true, "--yes").ToString();

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
