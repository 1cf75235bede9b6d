namespace Fibril.Broker.Statistics;

/// <summary>What the process uses. Thread-safe.</summary>
internal sealed class ProcessUse(TimeProvider time)
{
    private readonly Lock _gate = new();
    private (long At, TimeSpan Used) _last = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
    private double _cpuPercent;

    /// <summary>Physical memory, in bytes.</summary>
    public static long ResidentBytes => Environment.WorkingSet;

    /// <summary>Processor time since the process has started.</summary>
    public static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <summary>Processor time between the last two samples, in percent of one core.</summary>
    public double CpuPercent
    {
        get
        {
            lock (_gate) return _cpuPercent;
        }
    }

    public void Take()
    {
        lock (_gate)
        {
            (long At, TimeSpan Used) now = (time.GetTimestamp(), ProcessorTime);
            TimeSpan elapsed = time.GetElapsedTime(_last.At, now.At);
            if (elapsed > TimeSpan.Zero) _cpuPercent = (now.Used - _last.Used) / elapsed * 100;
            _last = now;
        }
    }
}
