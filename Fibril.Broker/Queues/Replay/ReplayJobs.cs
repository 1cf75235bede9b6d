namespace Fibril.Broker.Queues.Replay;

/// <summary>The jobs that run, and the newest of those that have ended. Thread-safe.</summary>
internal sealed class ReplayJobs(IPartitionVisits partitions, TimeProvider time, ILogger logger)
{
    public const int MostRunning = 4;
    public const int MostKept = 64;

    private readonly Lock _gate = new();
    private readonly List<ReplayJob> _jobs = []; // under the gate, the oldest first
    private long _nextId = time.GetUtcNow().ToUnixTimeMilliseconds(); // never one of an earlier process
    private bool _isStopping;

    /// <summary>All jobs that are known, the oldest first.</summary>
    public IReadOnlyList<ReplayJob> All
    {
        get
        {
            lock (_gate) return [.. _jobs];
        }
    }

    /// <summary>Null for a job that never was, or that ended long ago.</summary>
    public ReplayJob? Find(long id)
    {
        lock (_gate) return _jobs.Find(job => job.Id == id);
    }

    /// <summary>Starts a job and returns at once.</summary>
    /// <exception cref="ArgumentException">The request makes no sense.</exception>
    /// <exception cref="ReplayRefusedException">Enough are running.</exception>
    /// <exception cref="IOException">The broker stops.</exception>
    public ReplayJob Start(BulkReplayRequest request)
    {
        request.Check();
        lock (_gate)
        {
            if (_isStopping) throw new IOException("the broker is stopping");
            if (_jobs.Count(static job => job.IsRunning) >= MostRunning) throw new ReplayRefusedException(MostRunning);
            ForgetOldest();
            var job = new ReplayJob(_nextId++, request, partitions, time, logger);
            _jobs.Add(job);
            job.Start();
            return job;
        }
    }

    /// <summary>Ends all jobs, after the copies that are on their way.</summary>
    public Task StopAsync()
    {
        lock (_gate) _isStopping = true;
        IReadOnlyList<ReplayJob> jobs = All;
        foreach (ReplayJob job in jobs) job.Interrupt();
        return Task.WhenAll(jobs.Select(static job => job.Ended));
    }

    private void ForgetOldest()
    {
        if (_jobs.Count < MostKept) return;
        int oldest = _jobs.FindIndex(static job => !job.IsRunning);
        _jobs[oldest].Dispose();
        _jobs.RemoveAt(oldest);
    }
}

/// <summary>As many replays are running as may. The message is fit for operators.</summary>
internal sealed class ReplayRefusedException(int mostRunning)
    : InvalidOperationException($"{mostRunning} replays are running, which is as many as may; wait for one to end, or cancel one.");
