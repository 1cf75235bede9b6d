using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>A fake clock that can be moved along with those who wait by it: as far as their delay, and only when they wait.</summary>
internal sealed class PacedTimeProvider() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1); // longer ones are limits that nobody should come to

    private readonly Channel<Pause> _pauses = Channel.CreateUnbounded<Pause>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime <= TimeSpan.Zero || dueTime > LongestPause || period != Timeout.InfiniteTimeSpan) return timer;
        var pause = new Pause(timer, dueTime);
        _pauses.Writer.TryWrite(pause);
        return pause;
    }

    /// <summary>Lets the next pause pass that somebody makes.</summary>
    public async Task PassOnceAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        Pause pause;
        do pause = await _pauses.Reader.ReadAsync(limit.Token);
        while (pause.IsOver);
        Advance(pause.Length);
    }

    /// <summary>Lets every pause pass that somebody makes until something has happened.</summary>
    public async Task<T> PassUntilAsync<T>(Task<T> task)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (!task.IsCompleted)
        {
            while (_pauses.Reader.TryRead(out Pause? pause))
            {
                if (!pause.IsOver) Advance(pause.Length);
            }

            Task<bool> next = _pauses.Reader.WaitToReadAsync(limit.Token).AsTask();
            if (await Task.WhenAny(task, next) == next) await next;
        }

        return await task;
    }

    /// <summary>A timer that somebody waits by, until it was disposed.</summary>
    private sealed class Pause(ITimer timer, TimeSpan length) : ITimer
    {
        private bool _isOver;

        public TimeSpan Length => length;

        public bool IsOver => Volatile.Read(ref _isOver);

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            Volatile.Write(ref _isOver, true);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
