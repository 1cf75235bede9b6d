using Fibril.Broker.Log;
using Fibril.Broker.Partitions;

namespace Fibril.Tests.Support;

/// <summary>Runs everything a broker would run on threads, one piece at a time on the caller's: in order, or in an order from a seed.</summary>
internal sealed class SteppedScheduler(Random? order = null) : IWorkScheduler, IFlushScheduler
{
    private readonly List<Action> _waiting = [];

    /// <summary>Work that was scheduled last runs first: what was begun before goes on as late as it can.</summary>
    public bool NewestFirst { get; set; }

    public bool IsIdle => _waiting.Count == 0;

    void IWorkScheduler.Schedule(IThreadPoolWorkItem work) => _waiting.Add(work.Execute);

    void IFlushScheduler.Schedule(IFlushJob job) => _waiting.Add(job.Run);

    /// <summary>Runs one piece of work; false when none waits.</summary>
    public bool Step()
    {
        if (_waiting.Count == 0) return false;
        int index = order?.Next(_waiting.Count) ?? (NewestFirst ? _waiting.Count - 1 : 0);
        Action next = _waiting[index];
        _waiting.RemoveAt(index);
        next();
        return true;
    }

    /// <summary>Runs until nothing waits.</summary>
    public void RunToIdle()
    {
        for (int steps = 0; Step(); steps++)
        {
            if (steps > 100_000) throw new InvalidOperationException("The scheduled work never ends.");
        }
    }
}
