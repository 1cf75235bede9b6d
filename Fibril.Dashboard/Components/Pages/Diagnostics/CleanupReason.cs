namespace Fibril.Dashboard.Components.Pages.Diagnostics;

/// <summary>Why the cleanup of idle queues left partitions in memory.</summary>
/// <param name="Text">In words.</param>
/// <param name="Count">How often, since the start.</param>
public sealed record CleanupReason(string Text, long Count)
{
    private static readonly (string Counter, string Text)[] Known =
    [
        ("skipped_active_total", "somebody publishes to it, or is subscribed"),
        ("skipped_not_idle_enough_total", "it was used too short a while ago"),
        ("skipped_has_inflight_total", "a consumer holds messages of it"),
        ("skipped_pending_settles_total", "settlements were on their way to the disk"),
        ("skipped_disabled_total", "the cleanup is switched off"),
        ("skipped_not_tracked_total", "it was not in memory any more"),
        ("storage_race_lost_total", "somebody came at the last moment"),
    ];

    /// <summary>The reasons that there were, the most frequent first.</summary>
    public static IReadOnlyList<CleanupReason> Of(IReadOnlyDictionary<string, long> counters) =>
    [
        .. Known.Select(known => new CleanupReason(known.Text, counters.GetValueOrDefault(known.Counter))).Where(static reason => reason.Count > 0).OrderByDescending(static reason => reason.Count),
    ];
}
