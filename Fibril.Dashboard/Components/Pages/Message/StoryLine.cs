using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Message;

/// <summary>A line of the life of a message, as people read it.</summary>
/// <param name="What">What happened.</param>
/// <param name="AtMs">When; null when nobody knows.</param>
/// <param name="Detail">What else there is to say; null for nothing.</param>
/// <param name="Tone">How good that is.</param>
/// <param name="Copy">Where a copy went.</param>
/// <param name="Gap">Time since the line before that has one; null when there is none, or it was hardly any.</param>
public sealed record StoryLine(string What, long? AtMs, string? Detail = null, string? Tone = null, MessagePlace? Copy = null, TimeSpan? Gap = null)
{
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(1);

    /// <summary>All that is known to have happened, and then how it is now.</summary>
    public static IReadOnlyList<StoryLine> Of(MessageStory story)
    {
        var lines = new List<StoryLine>();
        long? before = null;
        foreach (StoryEvent happened in story.Events)
        {
            StoryLine line = Of(happened);
            TimeSpan? gap = line.AtMs - before is { } passed ? TimeSpan.FromMilliseconds(passed) : null;

            // The producer's clock is another one: a difference to it is no time that has passed.
            bool isComparable = lines.Count > 0 && happened.Kind != "received";
            lines.Add(line with { Gap = isComparable && gap >= ShortestGap ? gap : null });
            before = line.AtMs ?? before;
        }

        if (Now(story.State) is { } now) lines.Add(now);
        return lines;
    }

    private static StoryLine Of(StoryEvent happened) => happened.Kind switch
    {
        "published" => new StoryLine("Published", happened.AtMs, "by the producer's clock"),
        "received" => new StoryLine("Received by the broker", happened.AtMs, Bounds(happened)),
        "durable" => new StoryLine("Durable, and confirmed to the producer", happened.AtMs, happened.AtMs is null ? "when exactly is not written down" : null, "good"),
        "returned" => new StoryLine(
            $"A lease ended without settling it: {Show.Words(happened.Reason)}", happened.AtMs, Joined(HeldBy(happened.Holder), Bounds(happened)), "warn"),
        "retried" => new StoryLine($"Failed, retry {happened.Retries}", happened.AtMs, Joined(HeldBy(happened.Holder), Bounds(happened)), "warn"),
        "dead_lettered" => new StoryLine($"Failed for good: {Show.Words(happened.Reason)}", happened.AtMs, HeldBy(happened.Holder), "bad"),
        "copy_begun" => new StoryLine("A copy is being made", happened.AtMs),
        "copied" => new StoryLine("A copy is durable", happened.AtMs, null, "info", happened.Copy),
        "settled" when happened.Reason == "expired" => new StoryLine("Expired: its time to live was over", happened.AtMs, null, "bad"),
        "settled" => new StoryLine($"Settled: {Show.Words(happened.Reason)}", happened.AtMs, HeldBy(happened.Holder), happened.Reason == "completed" ? "good" : null),
        _ => new StoryLine(Show.Words(happened.Kind), happened.AtMs, Joined(happened.Reason is null ? null : Show.Words(happened.Reason), Bounds(happened)), null, happened.Copy),
    };

    /// <summary>What it waits for; null when its story is over.</summary>
    private static StoryLine? Now(MessageState state) => state.Status switch
    {
        "ready" => new StoryLine("Now: ready, for any consumer", null, Expiry(state.ExpiresAtMs), "info"),
        "inflight" => new StoryLine(
            $"Now: leased to {state.Holder ?? "a consumer"}", null, Joined(state.InflightDeadlineMs is { } end ? $"until {Show.Moment(end)}" : null, Expiry(state.ExpiresAtMs)), "info"),
        "delayed" => new StoryLine("Now: delayed", null, Joined(state.AvailableAtMs is { } due ? $"until {Show.Moment(due)}" : null, Expiry(state.ExpiresAtMs)), "info"),
        "pending_dlq" => new StoryLine("Now: on its way to the dead letters", null, state.PendingReason is { } reason ? Show.Words(reason) : null, "warn"),
        "settled" => null,
        _ => new StoryLine($"Now: {Show.Words(state.Status)}", null),
    };

    private static string? Bounds(StoryEvent happened) => Joined(happened.NotBeforeMs is { } due ? $"delayed until {Show.Moment(due)}" : null, Expiry(happened.ExpiresAtMs));

    private static string? Expiry(long? atMs) => atMs is { } at ? $"expires {Show.Moment(at)}" : null;

    private static string? HeldBy(string? holder) => holder is null ? null : $"it was with {holder}";

    private static string? Joined(string? one, string? other) => one is null ? other : other is null ? one : $"{one}; {other}";
}
