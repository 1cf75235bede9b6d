using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.DeadLetters;

/// <summary>A job in words and numbers.</summary>
public static class JobText
{
    /// <summary>What it does.</summary>
    public static string What(DeadLetterJob job) =>
        (job.DryRun ? "dry run: " : "") + (job.IsDeletion ? "delete" : $"{(job.After == "ack" ? "move" : "copy")} to {job.Target?.ToString() ?? "the source"}");

    /// <summary>How good that is.</summary>
    public static string? Tone(DeadLetterJob job) => job.State switch
    {
        "running" => "info",
        "completed" => job.Failed > 0 ? "warn" : "good",
        "cancelled" => "warn",
        _ => "bad",
    };

    /// <summary>Dead letters that it deals with in a second.</summary>
    public static double Rate(DeadLetterJob job, DateTimeOffset now)
    {
        double seconds = ((job.EndedMs ?? now.ToUnixTimeMilliseconds()) - job.StartedMs) / 1000.0;
        return seconds <= 0 ? 0 : job.Done / seconds;
    }

    /// <summary>How much of it is done, from 0 to 1; null when nobody knows how much there is.</summary>
    /// <param name="expected">What a dry run has counted.</param>
    public static double? Share(DeadLetterJob job, long? expected) =>
        !job.IsRunning ? job.State == "completed" ? 1 : expected is > 0 ? Part(job.Done, expected.Value) : null
        : (job.Filter?.Max ?? expected) is > 0 and var all ? Part(job.Done, Math.Min(all, expected ?? all)) : null;

    /// <summary>What came of it, in one sentence.</summary>
    public static string Outcome(DeadLetterJob job)
    {
        string did = job.DryRun ? $"{Show.Exact(job.Matched)} would be dealt with" : job.IsDeletion ? $"{Show.Exact(job.Deleted)} deleted" : $"{Show.Exact(job.Replayed)} replayed";
        return $"{Show.Exact(job.Examined)} looked at, {Show.Exact(job.Matched)} matched, {did}, {Show.Exact(job.Skipped)} skipped, {Show.Exact(job.Failed)} failed.";
    }

    private static double Part(long done, long all) => Math.Min(1, (double)done / all);
}
