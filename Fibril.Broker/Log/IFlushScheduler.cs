namespace Fibril.Broker.Log;

/// <summary>Work that blocks on the disk. Never scheduled again while it is waiting or running.</summary>
internal interface IFlushJob
{
    void Run();
}

/// <summary>Runs flush jobs, so that no partition loop ever waits for the disk. Thread-safe.</summary>
internal interface IFlushScheduler
{
    void Schedule(IFlushJob job);
}
