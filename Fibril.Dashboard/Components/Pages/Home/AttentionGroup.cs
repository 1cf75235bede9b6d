using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Home;

/// <summary>Things of one kind that need attention: a thousand queues that nobody reads must not hide the one disk that fails.</summary>
/// <param name="Kind">A stable name.</param>
/// <param name="Shown">The first of them.</param>
/// <param name="OtherCount">How many more there are.</param>
public sealed record AttentionGroup(string Kind, IReadOnlyList<AttentionItem> Shown, int OtherCount)
{
    private const int Most = 3;

    /// <summary>By kind and severity, in the order in which they were told; what is alone stays alone.</summary>
    public static IReadOnlyList<AttentionGroup> Of(IReadOnlyList<AttentionItem> items) =>
    [
        .. items.GroupBy(static item => (item.Severity, item.Kind)).Select(static group => (group.Key.Kind, Items: group.ToArray()))
            .Select(static group => new AttentionGroup(group.Kind, [.. group.Items.Take(Most)], Math.Max(0, group.Items.Length - Most))),
    ];
}
