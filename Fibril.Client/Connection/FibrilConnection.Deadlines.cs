namespace Fibril.Client.Connection;

// All requests have the same time, so one timer for the oldest is enough: it is set once per operation timeout, however many there are.
internal sealed partial class FibrilConnection
{
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(1);

    private readonly ITimer _deadlines;
    private bool _areDeadlinesArmed;

    /// <summary>Under the lock, when something begins to wait.</summary>
    private void ArmDeadlines()
    {
        if (_areDeadlinesArmed) return;
        _areDeadlinesArmed = true;
        _deadlines.Change(_options.OperationTimeout, Timeout.InfiniteTimeSpan);
    }

    private void FailOverdue()
    {
        List<PendingReply> unanswered = [];
        List<WaitingWrite> unwritten = [];
        lock (_gate)
        {
            if (_fault is not null) return;
            TimeSpan next = TimeSpan.MaxValue;
            long now = _time.GetTimestamp();
            foreach (PendingReply? reply in _pending.Places)
            {
                // A claim made under the lock hits this request and no later one: a reply is used again under the lock only.
                if (reply is { IsClaimed: false } && IsOverdue(ReadableSince(reply, now), now, ref next) && reply.TryClaim()) unanswered.Add(reply);
            }

            foreach (WaitingWrite write in _waiting)
            {
                if (!write.IsOver && IsOverdue(write.WaitsSince, now, ref next)) unwritten.Add(write);
            }

            foreach (WaitingWrite write in unwritten) write.IsOver = true;
            _areDeadlinesArmed = next != TimeSpan.MaxValue;
            if (_areDeadlinesArmed) _deadlines.Change(next > LeastDelay ? next : LeastDelay, Timeout.InfiniteTimeSpan);
        }

        TimeSpan timeout = _options.OperationTimeout;
        foreach (PendingReply reply in unanswered) reply.Fail(new FibrilTimeoutException($"{_endpoint} to answer {reply.Describe()}", timeout));
        foreach (WaitingWrite write in unwritten) write.OnRefused(new FibrilTimeoutException($"room to send more to {_endpoint}", timeout));
        if (unwritten.Count > 0) LetOthersPass();
    }

    /// <summary>While the connection is not read the answer may be there, so the time of the broker begins when it is read again.</summary>
    private long ReadableSince(PendingReply reply, long now) =>
        WaitsForReader ? now : Math.Max(reply.StartedAt, Volatile.Read(ref _readAgainAt));

    private bool IsOverdue(long since, long now, ref TimeSpan next)
    {
        TimeSpan left = _options.OperationTimeout - _time.GetElapsedTime(since, now);
        if (left <= TimeSpan.Zero) return true;
        if (left < next) next = left;
        return false;
    }
}
