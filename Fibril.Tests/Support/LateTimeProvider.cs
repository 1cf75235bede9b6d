using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>A fake clock whose timers can be late, as they are when no thread is free for them.</summary>
internal sealed class LateTimeProvider() : FakeTimeProvider(SessionHarness.Start)
{
    private readonly ConcurrentQueue<Action> _late = new();
    private volatile bool _areLate;

    /// <summary>Holds up the timers that become due from now on.</summary>
    public void HoldTimers() => _areLate = true;

    /// <summary>Runs the timers that were held up, and holds up no more.</summary>
    public void RunLateTimers()
    {
        _areLate = false;
        while (_late.TryDequeue(out Action? run)) run();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
        due =>
        {
            if (_areLate) _late.Enqueue(() => callback(due));
            else callback(due);
        },
        state, dueTime, period);
}
