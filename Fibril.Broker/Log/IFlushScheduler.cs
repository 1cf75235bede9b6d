namespace Fibril.Broker.Log;

/// <summary>Work that blocks on the disk. Never scheduled again while it is waiting or running.</summary>
internal interface IFlushJob
{
    /// <summary>Works until there is nothing left to do.</summary>
    void Run();

    /// <summary>Does what there is to do now; true when more has come up meanwhile, and the job is to be scheduled for that.</summary>
    bool RunOnce();
}

/// <summary>Runs flush jobs, so that no partition loop ever waits for the disk. Thread-safe.</summary>
internal interface IFlushScheduler
{
    void Schedule(IFlushJob job);
}
