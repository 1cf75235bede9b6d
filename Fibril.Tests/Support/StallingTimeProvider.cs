using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>A fake clock at which every thread but the one that advances it can be held up, as by a machine that is too busy.</summary>
internal sealed class StallingTimeProvider : FakeTimeProvider
{
    private readonly ManualResetEventSlim _runs = new(initialState: true);
    private volatile int _advancedBy = -1; // thread
    private int _heldUp;

    public Task WhenSomebodyIsHeldUpAsync() => Patience.Until(() => Volatile.Read(ref _heldUp) > 0);

    public void Stall() => _runs.Reset();

    public void Resume() => _runs.Set();

    /// <summary>Advances while the others are held up.</summary>
    public void AdvanceAlone(TimeSpan time)
    {
        _advancedBy = Environment.CurrentManagedThreadId;
        Advance(time);
        _advancedBy = -1;
    }

    public override long GetTimestamp()
    {
        if (_advancedBy != Environment.CurrentManagedThreadId)
        {
            Interlocked.Increment(ref _heldUp);
            _runs.Wait();
            Interlocked.Decrement(ref _heldUp);
        }

        return base.GetTimestamp();
    }
}
