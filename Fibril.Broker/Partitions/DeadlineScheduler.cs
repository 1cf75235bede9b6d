namespace Fibril.Broker.Partitions;

/// <summary>Wakes partition loops when their next lease, delay or sync is due: one timer for all of them. Thread-safe.</summary>
internal sealed class DeadlineScheduler : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, long> _entries = new();
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;

    public DeadlineScheduler(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static self => ((DeadlineScheduler)self!).WakeDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A loop's place in the scheduler. Used by that loop only.</summary>
    public Entry Register(PartitionLoop loop) => new(this, loop);

    public void Dispose() => _timer.Dispose();

    private void Add(Entry entry, long due)
    {
        lock (_gate)
        {
            _entries.Enqueue(entry, due);
            Arm();
        }
    }

    private void WakeDue()
    {
        long now = _time.GetTimestamp();
        List<Entry> due = [];
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            while (_entries.TryPeek(out Entry? entry, out long at) && at <= now)
            {
                _entries.Dequeue();
                if (entry.Fire(at)) due.Add(entry);
            }

            Arm();
        }

        foreach (Entry entry in due) entry.Loop.Wake(mayRunHere: false);
    }

    private void Arm()
    {
        if (!_entries.TryPeek(out _, out long due) || due >= _armedFor) return;
        _armedFor = due;
        TimeSpan wait = _time.GetElapsedTime(_time.GetTimestamp(), due);

        // Timers count whole milliseconds, and one that fires early would only be armed again.
        wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    internal sealed class Entry(DeadlineScheduler owner, PartitionLoop loop)
    {
        private long _registeredFor = long.MaxValue;

        public PartitionLoop Loop { get; } = loop;

        /// <summary>Asks for a turn at or shortly after <paramref name="due"/>, a timestamp of the time provider. May also come earlier.</summary>
        public void WakeBy(long due)
        {
            if (due >= Volatile.Read(ref _registeredFor)) return;
            Volatile.Write(ref _registeredFor, due);
            owner.Add(this, due);
        }

        /// <summary>False for an entry that an earlier one has replaced.</summary>
        internal bool Fire(long at)
        {
            // Written before the wake: the turn that follows registers the next due time.
            return Interlocked.CompareExchange(ref _registeredFor, long.MaxValue, at) == at;
        }
    }
}
