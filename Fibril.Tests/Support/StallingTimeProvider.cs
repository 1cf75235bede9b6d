using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>A fake clock at which every thread but the one that advances it can be held up, as by a machine that is too busy.</summary>
internal sealed class StallingTimeProvider : FakeTimeProvider
{
    private readonly object _gate = new();
    private volatile int _advancedBy = -1; // thread
    private bool _isStalled;
    private int _heldUp;

    public Task WhenSomebodyIsHeldUpAsync() => Patience.Until(() => Volatile.Read(ref _heldUp) > 0);

    public void Stall()
    {
        lock (_gate) _isStalled = true;
    }

    public void Resume()
    {
        lock (_gate)
        {
            _isStalled = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Advances while the others are held up.</summary>
    public void AdvanceAlone(TimeSpan time)
    {
        _advancedBy = Environment.CurrentManagedThreadId;
        Advance(time);
        _advancedBy = -1;
    }

    public override long GetTimestamp()
    {
        if (_advancedBy != Environment.CurrentManagedThreadId) WaitWhileStalled();
        return base.GetTimestamp();
    }

    private void WaitWhileStalled()
    {
        lock (_gate)
        {
            while (_isStalled)
            {
                _heldUp++;
                Monitor.Wait(_gate);
                _heldUp--;
            }
        }
    }
}
