using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// A dead letter is copied first and settled when the copy is durable, so that a crash in between leaves both or does it again, and never
// neither (D-48). One batch of copies at a time is on its way.
internal sealed partial class QueuePartition
{
    private const int CopiesPerBatch = 128;
    private const int RunsPerBatch = 16;

    private readonly IPartitionHost _host;
    private readonly GrowingPause _copyPause = new();
    private DeadLetterCopier? _copier;
    private long _copyAgainAt = long.MinValue;

    /// <summary>True while dead letters wait for a global target that nobody has set (D-37). Thread-safe.</summary>
    public bool AwaitsDeadLetterTarget => Volatile.Read(ref _awaitsDeadLetterTarget);

    private bool _awaitsDeadLetterTarget;

    /// <summary>Messages whose copy to the dead-letter target is not durable yet, as of the end of the last turn. Thread-safe.</summary>
    public long PendingDeadLetters => Volatile.Read(ref _pendingDeadLetters);

    private long _pendingDeadLetters;

    private bool IsCopying => _copier is { IsBusy: true };

    /// <summary>Looks again where dead letters go: the policy or the global target has changed. Thread-safe.</summary>
    public void DeadLetterRouteChanged() => Wake(mayRunHere: false);

    private void ApplyPolicy() =>
        _state.KeepsDeadLetters = Settings.DeadLetterPolicy is { Kind: not DeadLetterPolicyKind.Discard };

    /// <summary>Takes in the copies that were made and begins the next; true when there is more to do now.</summary>
    private bool AdvanceDeadLetters()
    {
        if (_copier is { IsBusy: true } copier && copier.TryFinish()) FinishCopies(copier);
        if (_state.WaitingForCopyCount == 0 || IsCopying || IsStopping)
        {
            if (_state.WaitingForCopyCount == 0) Volatile.Write(ref _awaitsDeadLetterTarget, false);
            return false;
        }

        if (!_state.KeepsDeadLetters)
        {
            Volatile.Write(ref _awaitsDeadLetterTarget, false);
            return _state.DiscardWaiting(DeliveriesPerTurn) == DeliveriesPerTurn;
        }

        DeadLetterRoute route = _host.Route(Id.Queue, Settings.DeadLetterPolicy!);
        Volatile.Write(ref _awaitsDeadLetterTarget, route.Target is null);
        if (route.Target is not null && _copyAgainAt <= _now.Timestamp && !IsMovingMessages) BeginCopies(route);
        return false;
    }

    private void BeginCopies(DeadLetterRoute route)
    {
        var orders = new List<CopyOrder>();
        var plans = new List<ReadPlan>();
        while (orders.Count < CopiesPerBatch && _state.TryBeginCopy(out long offset, out DeadLetterReason reason))
        {
            bool isNewRun = orders.Count == 0 || orders[^1].Offset + 1 != offset;
            orders.Add(new CopyOrder(offset, reason, _state.RetriesOf(offset)));
            if (!isNewRun) continue;
            plans.Add(_messages.PlanRead(offset, ReadBytes));
            if (plans.Count == RunsPerBatch) break;
        }

        _copier ??= new DeadLetterCopier(Id, _host, _messages.NewReader(), _environment.Time, () => Wake(mayRunHere: false));
        _copier.Begin(route, orders, plans);
        _environment.Work.Schedule(_copier);
    }

    private void FinishCopies(DeadLetterCopier copier)
    {
        bool failed = false;
        int copied = 0;
        for (int i = 0; i < copier.Orders.Count; i++)
        {
            long offset = copier.Orders[i].Offset;
            switch (copier.OutcomeOf(i))
            {
                case CopyOutcome.Copied:
                    _happened.Copied(offset, copier.Target, copier.TargetOffsetOf(i));
                    _state.FinishCopy(offset);
                    copied++;
                    break;
                case CopyOutcome.Dropped:
                    _environment.Logger.DeadLetterLoops(Id, offset);
                    _state.DropCopy(offset);
                    break;
                case CopyOutcome.Lost:
                    _state.GiveUpLost(offset);
                    break;
                case CopyOutcome.Failed:
                    failed = true;
                    _state.AbandonCopy(offset);
                    break;
                default:
                    _state.AbandonCopy(offset);
                    break;
            }
        }

        if (copied > 0)
        {
            Metrics.DeadLetterCopies.Add(copied);
            Gauges.DeadLettered += copied;
        }

        if (copier.Failure is LogDamagedException damage) Park($"a stored message cannot be read: {damage.Message}", damage);
        else if (failed) PauseCopies(copier);
        else _copyPause.Reset();
        copier.Clear();
    }

    private void PauseCopies(DeadLetterCopier copier)
    {
        TimeSpan pause = _copyPause.Next();
        _environment.Logger.DeadLettersNotCopied(Id, _state.WaitingForCopyCount, pause.TotalSeconds, copier.Failure!);
        _copyAgainAt = After(pause);
    }

    /// <summary>For a partition that serves nobody: copies that were made meanwhile are made again after the next start.</summary>
    private void DiscardCopies()
    {
        if (_copier is { IsBusy: true } copier && copier.TryFinish()) copier.Clear();
    }

    /// <summary>When copies are tried again; <see cref="long.MaxValue"/> when none wait for that.</summary>
    private long NextCopy => _state.WaitingForCopyCount > 0 && _copyAgainAt > _now.Timestamp && !IsCopying ? _copyAgainAt : long.MaxValue;
}
