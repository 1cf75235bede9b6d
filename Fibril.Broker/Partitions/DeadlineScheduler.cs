namespace Fibril.Broker.Partitions;

/// <summary>Wakes partition loops when their next lease, delay or sync is due: one timer for all of them. Thread-safe.</summary>
internal sealed class DeadlineScheduler : IDisposable
{
    // Timers refuse more than 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestHesitation = TimeSpan.FromMilliseconds(1);

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

    /// <summary>Times that are waited for: a few for each loop that waits.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>A loop's place in the scheduler. Used by that loop only.</summary>
    public Entry Register(PartitionLoop loop) => new(this, loop);

    public void Dispose() => _timer.Dispose();

    private void WakeDue()
    {
        long now = _time.GetTimestamp();
        List<PartitionLoop> due = [];
        lock (_gate)
        {
            _armedFor = long.MaxValue;
            while (_entries.TryPeek(out Entry? entry, out long at) && at <= now)
            {
                _entries.Dequeue();
                entry.Passed();
                due.Add(entry.Loop);
            }

            Arm();
        }

        foreach (PartitionLoop loop in due) loop.Wake(mayRunHere: false);
    }

    private void Arm()
    {
        if (!_entries.TryPeek(out _, out long due) || due >= _armedFor) return;
        _armedFor = due;
        long now;
        do
        {
            now = _time.GetTimestamp();
            TimeSpan wait = _time.GetElapsedTime(now, due);

            // Timers count whole milliseconds, and one that fires early is only armed again: which is also how far-away times are waited for.
            wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
        }
        while (_time.GetElapsedTime(now) > LongestHesitation); // the thread was held up before the timer knew, which would be late by as much
    }

    internal sealed class Entry(DeadlineScheduler owner, PartitionLoop loop)
    {
        // Times in the heap, the earliest on top. One is only ever added in front of the others, so a loop whose next time moves back
        // and forth has a few here, and not one for each move.
        private readonly Stack<long> _waitedFor = new(); // under the gate
        private long _earliest = long.MaxValue;

        public PartitionLoop Loop { get; } = loop;

        /// <summary>Asks for a turn at or shortly after <paramref name="due"/>, a timestamp of the time provider. May also come earlier.</summary>
        public void WakeBy(long due)
        {
            // One that passes right now may still stand here: its turn is to come, and asks again.
            if (due >= Volatile.Read(ref _earliest)) return;
            lock (owner._gate)
            {
                if (due >= _earliest) return;
                _waitedFor.Push(due);
                Volatile.Write(ref _earliest, due);
                owner._entries.Enqueue(this, due);
                owner.Arm();
            }
        }

        /// <summary>Called under the gate, before the wake.</summary>
        internal void Passed()
        {
            _waitedFor.Pop();
            Volatile.Write(ref _earliest, _waitedFor.TryPeek(out long next) ? next : long.MaxValue);
        }
    }
}
