using System.Diagnostics;
using Fibril.Bench.Reports;
using Fibril.Client;
using HdrHistogram;

namespace Fibril.Bench.Load;

/// <summary>Connections that take messages and complete each of them.</summary>
internal sealed class ConsumerGroup : IAsyncDisposable
{
    private readonly List<FibrilClient> _clients = [];
    private readonly List<Subscription> _subscriptions = [];
    private readonly List<Task> _loops = [];
    private readonly TaskCompletionSource _firstArrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;

    public Arrivals Arrivals { get; } = new();

    public long Received => Interlocked.Read(ref _received);

    /// <summary>From the time a message was due to the time the application has it.</summary>
    public LongHistogram Latency { get; } = Latencies.NewHistogram();

    /// <summary>Timestamp before which messages were due that do not count for the latency.</summary>
    public long MeasureFrom { get; set; }

    public async Task StartAsync(string address, string topic, BenchOptions options, bool timed)
    {
        for (int i = 0; i < options.Consumers; i++)
        {
            FibrilClient client = await FibrilClient.ConnectAsync(address);
            _clients.Add(client);
            Subscription subscription = await client.SubscribeAsync(topic, new SubscribeOptions { Prefetch = options.Prefetch });
            _subscriptions.Add(subscription);
            _loops.Add(Task.Run(() => ConsumeAsync(subscription, timed)));
        }
    }

    /// <summary>Waits for the first message, or fails with a consumer that got none.</summary>
    public async Task WaitForFirstAsync() => await await Task.WhenAny([_firstArrival.Task, .. _loops]);

    /// <summary>Waits until <paramref name="count"/> different messages have arrived, or nothing more comes for 20 seconds.</summary>
    public async Task WaitForAsync(long count)
    {
        long last = -1;
        long lastChange = Stopwatch.GetTimestamp();
        while (Arrivals.Count < count)
        {
            await Task.Delay(10);
            if (Arrivals.Count != last)
            {
                last = Arrivals.Count;
                lastChange = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastChange) > TimeSpan.FromSeconds(20))
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Subscription subscription in _subscriptions) await subscription.DisposeAsync();
        await Task.WhenAll(_loops);
        foreach (FibrilClient client in _clients) await client.DisposeAsync();
    }

    private async Task ConsumeAsync(Subscription subscription, bool timed)
    {
        await foreach (ReceivedMessage message in subscription)
        {
            (int producer, long number, long due) = Numbered.Read(message.Payload.Span);
            if (timed && due >= MeasureFrom)
            {
                lock (Latency) Latency.Note(Stopwatch.GetElapsedTime(due));
            }

            Arrivals.Note(producer, number);
            if (Interlocked.Increment(ref _received) == 1) _firstArrival.TrySetResult();
            await message.CompleteAsync();
        }
    }
}
