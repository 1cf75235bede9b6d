using System.Threading.Channels;

namespace Fibril.Broker.Partitions;

/// <summary>
/// Does something from time to time: a turn begins when the one before it has ended and the interval has passed. The interval may change
/// meanwhile.
/// </summary>
internal sealed class IntervalLoop : IAsyncDisposable
{
    private readonly Func<TimeSpan> _interval;
    private readonly Func<Task> _turn;
    private readonly Action<Exception> _failed;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // A turn runs on the timer's thread, so that whoever lets time pass has it done when that is over.
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, AllowSynchronousContinuations = true });

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private long _since;

    /// <param name="interval">Asked for before every wait, and when it has changed; more than 0.</param>
    /// <param name="turn">What is done.</param>
    /// <param name="failed">Hears of a turn that has failed; the next one comes all the same.</param>
    /// <param name="time">Counts the interval.</param>
    public IntervalLoop(Func<TimeSpan> interval, Func<Task> turn, Action<Exception> failed, TimeProvider time)
    {
        _interval = interval;
        _turn = turn;
        _failed = failed;
        _time = time;
        _timer = time.CreateTimer(static self => ((IntervalLoop)self!)._wakes.Writer.TryWrite(true), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _loop = RunAsync();
    }

    /// <summary>The interval has changed: it counts from the end of the last turn, also for the wait that goes on. Thread-safe.</summary>
    public void IntervalChanged() => Arm();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _timer.DisposeAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private TimeSpan Left => _interval() - _time.GetElapsedTime(Volatile.Read(ref _since));

    private async Task RunAsync()
    {
        while (true)
        {
            Volatile.Write(ref _since, _time.GetTimestamp());
            do
            {
                Arm();
                await _wakes.Reader.ReadAsync(_stopping.Token);
            }
            while (Left > TimeSpan.Zero); // it was woken for an interval that is no more

            try
            {
                await _turn();
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                _failed(failure);
            }
        }
    }

    private void Arm()
    {
        TimeSpan left = Left;
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
