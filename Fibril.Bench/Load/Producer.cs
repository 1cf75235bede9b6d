using System.Diagnostics;
using Fibril.Bench.Reports;
using Fibril.Client;
using HdrHistogram;

namespace Fibril.Bench.Load;

/// <summary>One connection that publishes as fast as its window of confirmations allows.</summary>
internal sealed class Producer(int id, FibrilClient client, string topic, int payloadBytes, int window, int tracedPerMille = 0)
{
    private const int SampleEvery = 64;

    private static readonly MessageProperties Traced = new()
    {
        Headers = new MessageHeaders { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    };

    private readonly byte[] _payload = new byte[payloadBytes];
    private readonly PublishConfirmation[] _inFlight = new PublishConfirmation[window];
    private readonly Task?[] _samples = new Task?[window]; // where there is one, it stands for the confirmation
    private long _confirmed;
    private long _sent;
    private bool _isMeasured;

    public int Id => id;

    /// <summary>Messages sent so far.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Messages confirmed so far; with a window, known a window late.</summary>
    public long Confirmed => Volatile.Read(ref _confirmed);

    /// <summary>From the call to the confirm, of every 64th message, or of each when the window is 1, while <see cref="IsMeasured"/>.</summary>
    public LongHistogram ConfirmLatency { get; } = Latencies.NewHistogram();

    /// <summary>False during warm-up.</summary>
    public bool IsMeasured
    {
        get => Volatile.Read(ref _isMeasured);
        set => Volatile.Write(ref _isMeasured, value);
    }

    /// <summary>Publishes until told to stop, or until <paramref name="messages"/> are sent, and awaits what is in flight.</summary>
    public async Task RunAsync(long messages, CancellationToken stop)
    {
        Publisher publisher = client.CreatePublisher(topic);
        while (_sent < messages && !stop.IsCancellationRequested)
        {
            int slot = (int)(_sent % window);
            if (_sent >= window && window > 1) await AwaitAsync(slot);
            Numbered.Write(_payload, id, _sent, Stopwatch.GetTimestamp());
            long started = Stopwatch.GetTimestamp();
            if (window == 1)
            {
                await publisher.PublishAsync(_payload, cancellationToken: CancellationToken.None);
                if (IsMeasured) ConfirmLatency.Note(Stopwatch.GetElapsedTime(started));
                Volatile.Write(ref _confirmed, _confirmed + 1);
            }
            else if (IsMeasured && _sent % SampleEvery == 0)
            {
                await SampleAsync(publisher, slot, started);
            }
            else
            {
                _inFlight[slot] = await publisher.BeginPublishAsync(_payload, IsTraced(_sent) ? Traced : null, CancellationToken.None);
            }

            Volatile.Write(ref _sent, _sent + 1);
        }

        if (window == 1) return;
        for (long next = Math.Max(0, _sent - window); next < _sent; next++) await AwaitAsync((int)(next % window));
    }

    private bool IsTraced(long number) => number % 1000 < tracedPerMille;

    private async ValueTask AwaitAsync(int slot)
    {
        if (_samples[slot] is { } sample)
        {
            await sample;
            _samples[slot] = null;
        }
        else
        {
            await _inFlight[slot];
        }

        Volatile.Write(ref _confirmed, _confirmed + 1);
    }

    /// <summary>A message whose confirm is timed when it arrives, not when its turn in the window comes.</summary>
    private async ValueTask SampleAsync(Publisher publisher, int slot, long started) =>
        _samples[slot] = NoteLatencyAsync(await publisher.BeginPublishAsync(_payload, cancellationToken: CancellationToken.None), started);

    private async Task NoteLatencyAsync(PublishConfirmation confirmation, long started)
    {
        await confirmation;
        lock (ConfirmLatency) ConfirmLatency.Note(Stopwatch.GetElapsedTime(started));
    }
}
