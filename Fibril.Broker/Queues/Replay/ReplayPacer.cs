namespace Fibril.Broker.Queues.Replay;

/// <summary>Spreads copies evenly over time. Of time that was not used, a tenth of a second is made up for: timers are late by a little.</summary>
internal sealed class ReplayPacer(TimeProvider time, int? mostPerSecond)
{
    private const int LargestChunk = 128;
    private const int ChunksPerSecond = 10;

    private long? _nextAt;

    /// <summary>Copies to make at once: few enough that a slow rate does not come in bursts.</summary>
    public int ChunkCount { get; } = mostPerSecond is { } rate ? Math.Clamp(rate / ChunksPerSecond, 1, LargestChunk) : LargestChunk;

    /// <summary>Waits until <paramref name="count"/> copies may be made.</summary>
    public async Task WaitAsync(int count, CancellationToken cancellationToken)
    {
        if (mostPerSecond is not { } rate) return;
        long now = time.GetTimestamp();
        long at = _nextAt ?? now;
        if (at > now) await Task.Delay(time.GetElapsedTime(now, at), time, cancellationToken);
        at = Math.Max(at, time.GetTimestamp() - (time.TimestampFrequency / ChunksPerSecond));
        _nextAt = at + (count * time.TimestampFrequency / rate);
    }
}
