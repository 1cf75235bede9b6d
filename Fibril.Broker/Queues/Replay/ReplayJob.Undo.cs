namespace Fibril.Broker.Queues.Replay;

// The copies of a job can be withdrawn as long as the job is known, and nobody was given them. Dead letters that were moved are nowhere else:
// their copies stay.
internal sealed partial class ReplayJob
{
    private readonly CopiedPlaces _places = new(); // the job's until it has ended, then of who holds the gate
    private int _isUndoing;

    /// <summary>Why its copies cannot be withdrawn; null when they can.</summary>
    public string? WhyNotToUndo => Request switch
    {
        { IsDryRun: true } => "a dry run has made none.",
        { IsDeletion: true } => "it has deleted dead letters, and made none.",
        { Mode: ReplayMode.Move } => $"it was to move the dead letters (after = ack), so those are not in {Request.DeadLetters} any more and would be lost. Move them back one by one, if need be.",
        _ when IsRunning => "it is still running. Wait for its end, or cancel it first.",
        _ when Volatile.Read(ref _isUndoing) == 1 => "that is being done right now.",
        _ when _places.AreTooMany => $"they are in more than {CopiedPlaces.MostRuns} places, which is all that a job remembers.",
        _ when Progress.Undoable == 0 => Progress.Undo is null ? "it has made none." : "that was done already; none is left.",
        _ => null,
    };

    /// <summary>Withdraws the copies that nobody was given; completes when that is durable.</summary>
    /// <exception cref="ReplayNotUndoableException">There is nothing to withdraw, or it is not offered.</exception>
    public async Task<UndoReport> UndoAsync()
    {
        if (WhyNotToUndo is { } because) throw new ReplayNotUndoableException(Id, because);
        if (Interlocked.Exchange(ref _isUndoing, 1) == 1) throw new ReplayNotUndoableException(Id, "that is being done right now.");
        try
        {
            UndoReport report = await new ReplayUndo(_partitions, _places).RunAsync(NowMs);
            UndoReport? earlier = Progress.Undo;
            UndoReport all = report with { Withdrawn = report.Withdrawn + (earlier?.Withdrawn ?? 0), TooLate = report.TooLate + (earlier?.TooLate ?? 0) };
            Update(Progress with { Undoable = report.Left, Undo = all });
            _logger.ReplayUndone(Id, report.Withdrawn, report.TooLate, report.Left);
            return report;
        }
        finally
        {
            Volatile.Write(ref _isUndoing, 0);
        }
    }
}
