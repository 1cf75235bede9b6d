using System.Text.Json.Nodes;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>A finding as it is shown. The same one of several partitions of a queue is told once; its numbers are those of the first.</summary>
/// <param name="Code">A stable name.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">In plain words.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Partitions">Where it was found, ascending.</param>
/// <param name="Evidence">What shows it, by name.</param>
public sealed record FindingGroup(
    string Code, Severity Severity, string Text, string? Remedy, IReadOnlyList<int> Partitions, IReadOnlyList<(string Name, string Value)> Evidence)
{
    /// <summary><c>0 to 3, 7</c>.</summary>
    public string Where => PartitionText.Of(Partitions);

    /// <summary>In the order they came in, which is that of importance.</summary>
    /// <param name="findings">Of one queue, or of several.</param>
    /// <param name="areOfOneQueue">False where only the words tell of which queue a finding is.</param>
    public static IReadOnlyList<FindingGroup> Of(IEnumerable<Finding> findings, bool areOfOneQueue) =>
    [
        .. findings.GroupBy(finding => (finding.Code, areOfOneQueue ? null : finding.Text)).Select(static group =>
        {
            Finding first = group.First();
            return new FindingGroup(
                first.Code, first.Severity, first.Text, first.Remedy, [.. group.SelectMany(static finding => finding.Partitions).Distinct().Order()],
                [.. (first.Evidence ?? []).Select(static pair => (Show.Words(pair.Key), TextOf(pair.Key, pair.Value)))]);
        }),
    ];

    private static string TextOf(string name, JsonNode? value) => value switch
    {
        null => Show.Nothing,
        JsonArray items => string.Join(", ", items.Select(static item => item?.ToString() ?? Show.Nothing)),
        JsonValue number when name.EndsWith("_ms", StringComparison.Ordinal) && number.TryGetValue(out long at) => Show.Moment(at),
        JsonValue number when number.TryGetValue(out long count) => Show.Exact(count),
        _ => value.ToString(),
    };
}
