namespace Fibril.Broker.Queues.Replay;

/// <summary>What became of the dead letters of one request, in its order (D-64).</summary>
internal sealed record ReplayReport(IReadOnlyList<ReplayItem> Items)
{
    public int Requested => Items.Count;

    public int Replayed => Items.Count(static item => item.Outcome == ReplayOutcome.Replayed);
}
