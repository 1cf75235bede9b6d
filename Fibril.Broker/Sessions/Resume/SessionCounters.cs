using System.Collections.Concurrent;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>What became of sessions since the broker started. Thread-safe.</summary>
internal sealed class SessionCounters
{
    private readonly ConcurrentDictionary<ResumeOutcome, long> _outcomes = new();
    private readonly ConcurrentDictionary<CloseReason, long> _verdicts = new();
    private long _graceEntered;
    private long _graceExpired;
    private long _reconciliations;

    /// <summary>Sessions that lost their connection and waited for another.</summary>
    public long GraceEntered => Volatile.Read(ref _graceEntered);

    /// <summary>Sessions that waited in vain.</summary>
    public long GraceExpired => Volatile.Read(ref _graceExpired);

    public long Reconciliations => Volatile.Read(ref _reconciliations);

    /// <summary>Handshakes that ended in this outcome.</summary>
    public long CountOf(ResumeOutcome outcome) => _outcomes.GetValueOrDefault(outcome);

    /// <summary>Handshakes that took a session up again.</summary>
    public long ResumesAccepted => CountOf(ResumeOutcome.Resumed) + CountOf(ResumeOutcome.ResumedAfterRestart);

    /// <summary>Subscriptions that were judged so .</summary>
    public long CountOf(CloseReason verdict) => _verdicts.GetValueOrDefault(verdict);

    public void Count(ResumeOutcome outcome) => _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);

    public void CountGraceEntered() => Interlocked.Increment(ref _graceEntered);

    public void CountGraceExpired() => Interlocked.Increment(ref _graceExpired);

    public void Count(IEnumerable<ReconcileVerdict> verdicts)
    {
        Interlocked.Increment(ref _reconciliations);
        foreach (ReconcileVerdict verdict in verdicts) _verdicts.AddOrUpdate(verdict.Code, 1, static (_, count) => count + 1);
    }
}
