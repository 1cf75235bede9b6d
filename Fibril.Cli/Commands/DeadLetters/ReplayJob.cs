using System.Globalization;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Follows a replay that the broker runs, and ends it when this command is interrupted.</summary>
internal sealed class ReplayJob(AdminClient admin, Talk talk, TimeProvider time)
{
    private const string Running = "running";
    private const string Completed = "completed";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>What people see of a replay.</summary>
    public static View View { get; } = new(
        new Sheet(
            null, "",
            Column.Text("Replay", "id"), Column.Text("Action", "action"), Column.Text("State", "state"), Column.Text("Dry run", "dry_run"), Column.Count("Examined", "examined"), Column.Count("Matched", "matched"),
            Column.Count("Replayed", "replayed"), Column.Count("Deleted", "deleted"), Column.Count("Skipped", "skipped"), Column.Count("Failed", "failed"), Column.Count("Undoable", "undoable"), Column.Text("Error", "error")),
        new Table(
            static job => job.At("samples").Items(), "",
            Column.Count("OFFSET", "dead_letter.offset"), Column.Count("PARTITION", "dead_letter.partition"), Column.Made("FROM", "source", QueueColumns.ChannelOf),
            Column.Text("REASON", "source.reason"), Column.Count("RETRIES", "source.retry_count"), Column.Age("DEAD-FOR", "source.dead_lettered_at_ms")),
        new Table(
            static job => job.At("last_troubles").Items(), "",
            Column.Count("PARTITION", "partition"), Column.Count("OFFSET", "item.offset"), Column.Text("OUTCOME", "item.outcome"), Column.Text("REASON", "item.reason")));

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its last state. After an interruption that of the cancelled job.</returns>
    public async Task<JsonElement> FollowAsync(JsonElement job, CancellationToken cancellationToken)
    {
        Route route = Route.To("/admin/api/dlq/replay/jobs", job.At("id").GetRawText());
        string? told = null;
        try
        {
            while (job.At("state").Text() == Running)
            {
                told = Tell(job, told);
                await Task.Delay(Interval, time, cancellationToken);
                job = await admin.GetAsync(route, cancellationToken);
            }

            return job;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            job = await admin.DeleteAsync(route, CancellationToken.None);
            talk.Insist($"replay {job.At("id").GetRawText()} is cancelled; copies that were on their way are finished");
            return job;
        }
    }

    public static int Judge(JsonElement job) => job.At("state").Text() switch
    {
        Completed when (job.At("failed").Number() ?? 0) + (job.At("skipped").Number() ?? 0) == 0 => ExitCode.Success,
        Completed or "too_many_failures" => ExitCode.Partial,
        _ => ExitCode.Failure,
    };

    private string Tell(JsonElement job, string? told)
    {
        string now = string.Create(
            CultureInfo.InvariantCulture,
            $"examined {job.At("examined").Number():N0}, matched {job.At("matched").Number():N0}, replayed {job.At("replayed").Number():N0}, deleted {job.At("deleted").Number() ?? 0:N0}, failed {job.At("failed").Number():N0}");
        if (now != told) talk.Say(now);
        return now;
    }
}
