using Fibril.Dashboard.Api;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.DeadLetters;

/// <summary>What can be done to jobs from more than one place.</summary>
public static class JobActions
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static string PathOf(long id) => $"admin/api/dlq/replay/jobs/{id}";

    public static Task<DeadLetterJob> ReadAsync(AdminApi api, long id, CancellationToken cancellationToken) => api.GetAsync<DeadLetterJob>(PathOf(id), cancellationToken);

    /// <summary>Starts a job without doing anything, and waits until it has counted.</summary>
    /// <param name="told">Gets how far it is.</param>
    public static async Task<DeadLetterJob> CountAsync(AdminApi api, DeadLetterDeal deal, Action<DeadLetterJob> told, TimeProvider time, CancellationToken cancellationToken)
    {
        DeadLetterJob job = await api.PostAsync<DeadLetterJob>(deal.Path, deal.ToBody(dryRun: true), cancellationToken);
        while (job.IsRunning)
        {
            told(job);
            await Task.Delay(Pause, time, cancellationToken);
            job = await ReadAsync(api, job.Id, cancellationToken);
        }

        return job;
    }

    public static Task<bool> CancelAsync(Dialogs dialogs, AdminApi api, DeadLetterJob job) => dialogs.TryAsync(async () =>
    {
        await api.DeleteAsync<DeadLetterJob>(PathOf(job.Id));
        dialogs.Tell("It ends after what is on its way.");
    });

    /// <summary>Withdraws the copies that a replay has made.</summary>
    public static async Task<bool> UndoAsync(Dialogs dialogs, AdminApi api, DeadLetterJob job)
    {
        bool isMeant = await dialogs.ConfirmAsync(new Confirmation(
            $"Withdraw {Show.Plural(job.Undoable, "copy", "copies")}?",
            $"{Show.Plural(job.Undoable, "copy", "copies")} of job {job.Id} {(job.Undoable == 1 ? "is" : "are")} removed again, as far as no consumer was given one. The dead letters themselves stay where they are.",
            "Undo")
        {
            Command = new CliCommand("dlq", "undo", $"{job.Id}").ToString(),
        });
        return isMeant && await dialogs.TryAsync(async () =>
        {
            UndoneJob undone = await api.PostAsync<UndoneJob>(PathOf(job.Id) + "/undo", new { });
            string text = $"{Show.Plural(undone.Withdrawn, "copy is", "copies are")} withdrawn; for {Show.Exact(undone.TooLate)} it was too late"
                + (undone.Left > 0 ? $", and {Show.Exact(undone.Left)} could not be asked for: try again. {undone.Error}" : ".");
            if (undone.TooLate + undone.Left > 0) dialogs.Warn(text);
            else dialogs.Tell(text);
        });
    }
}
