using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Statistics;

/// <summary>The samples of the last minute, and what has happened since the oldest of them. Thread-safe.</summary>
internal sealed class LastMinute
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Instruments _instruments;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<Sample> _samples = new(); // under the gate

    /// <summary>Takes the first sample: until a minute has passed, rates are those since then.</summary>
    public LastMinute(Instruments instruments, TimeProvider time)
    {
        _instruments = instruments;
        _time = time;
        Take();
    }

    /// <summary>Takes a sample, and forgets those that are older than a minute and have one behind them that is as well.</summary>
    public void Take()
    {
        var sample = Sample.Take(_instruments, _time);
        lock (_gate)
        {
            _samples.Enqueue(sample);
            while (_samples.Count > 2 && _time.GetElapsedTime(_samples.ElementAt(1).Timestamp, sample.Timestamp) >= Window) _samples.Dequeue();
        }
    }

    /// <summary>What has happened between a minute ago and now.</summary>
    public Recent Read()
    {
        Sample oldest;
        long now = _time.GetTimestamp();
        lock (_gate) oldest = _samples.LastOrDefault(sample => _time.GetElapsedTime(sample.Timestamp, now) >= Window) ?? _samples.Peek();
        return new Recent(oldest, _time.GetElapsedTime(oldest.Timestamp, now));
    }
}
