using System.Collections.Concurrent;

namespace Fibril.Tests.Support;

/// <summary>Where work goes on after an await, in place of the thread pool: piece by piece on the test's thread, when the test says so.</summary>
internal sealed class SteppedContext : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _waiting = new();

    public override void Post(SendOrPostCallback d, object? state) => _waiting.Enqueue((d, state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs one piece of work; false when none waits.</summary>
    public bool Step()
    {
        if (!_waiting.TryDequeue(out (SendOrPostCallback Callback, object? State) next)) return false;
        Within(() =>
        {
            next.Callback(next.State);
            return true;
        });
        return true;
    }

    /// <summary>Does something whose awaits go on here.</summary>
    public T Within<T>(Func<T> work)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            return work();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
