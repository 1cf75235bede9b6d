using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Load;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>
/// Latency at a rate below saturation. Messages are due at fixed times and are timed from when they were due, so that a stall counts
/// for every message it held up and not for one (no coordinated omission).
/// </summary>
internal static class FixedRateScenario
{
    private const string Topic = "rate";

    public static async Task<BenchResult> RunAsync(BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareQueueAsync(Topic);
        await using var consumers = new ConsumerGroup();
        await consumers.StartAsync(broker.Address, Topic, options, timed: true);

        long interval = Stopwatch.Frequency / options.Rate;
        TimeSpan processorBefore = broker.ProcessorTime;
        long start = Stopwatch.GetTimestamp();
        consumers.MeasureFrom = start + (long)(options.WarmUp.TotalSeconds * Stopwatch.Frequency);
        long messages = (long)((options.WarmUp + options.Duration).TotalSeconds * options.Rate);
        HdrHistogram.LongHistogram confirms = Latencies.NewHistogram();
        long unconfirmed = await Task.Factory.StartNew(
            () => SendOnTime(client.CreatePublisher(Topic), options.PayloadBytes, start, interval, messages, consumers.MeasureFrom, confirms),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        TimeSpan processor = broker.ProcessorTime - processorBefore;
        await consumers.WaitForAsync(messages);

        var metrics = new Dictionary<string, double> { ["deliver p50 ms"] = 0, ["offered /s"] = options.Rate, ["achieved /s"] = messages / elapsed.TotalSeconds };
        consumers.Latency.AddPercentiles(metrics, "deliver");
        confirms.AddPercentiles(metrics, "confirm");
        metrics["unconfirmed"] = unconfirmed;
        metrics["missing"] = consumers.Arrivals.Missing(0, messages);
        metrics["broker processor %"] = processor / elapsed * 100;
        return new BenchResult("fixed rate", new Dictionary<string, string>
        {
            ["payload"] = $"{options.PayloadBytes} B",
            ["rate"] = options.Rate.ToString("N0", CultureInfo.InvariantCulture),
            ["prefetch"] = options.Prefetch.ToString(CultureInfo.InvariantCulture),
        }, metrics)
        { Latency = consumers.Latency };
    }

    /// <returns>How many of the messages were not confirmed.</returns>
    internal static long SendOnTime(
        Publisher publisher, int payloadBytes, long start, long interval, long messages, long measureFrom, HdrHistogram.LongHistogram confirms)
    {
        byte[] payload = new byte[payloadBytes];
        using var answered = new CountdownEvent(1);
        long unconfirmed = 0;
        for (long number = 0; number < messages; number++)
        {
            long due = start + (number * interval);
            WaitUntil(due);
            Numbered.Write(payload, 0, number, due);
            ValueTask<PublishConfirmation> begun = publisher.BeginPublishAsync(payload);
            Task<long> confirm = (begun.IsCompletedSuccessfully ? begun.Result : begun.AsTask().GetAwaiter().GetResult()).AsTask();
            answered.AddCount();
            confirm.ContinueWith(
                outcome =>
                {
                    if (!outcome.IsCompletedSuccessfully)
                    {
                        Interlocked.Increment(ref unconfirmed);
                    }
                    else if (due >= measureFrom)
                    {
                        lock (confirms) confirms.Note(Stopwatch.GetElapsedTime(due));
                    }

                    answered.Signal();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        answered.Signal();
        answered.Wait();
        return unconfirmed;
    }

    /// <summary>Sleeps while there is time. The timer's slack of about 60 us is part of what is measured, not taken out of it.</summary>
    private static void WaitUntil(long due)
    {
        while (Stopwatch.GetTimestamp() is var now && now < due)
        {
            TimeSpan rest = Stopwatch.GetElapsedTime(now, due);
            if (rest > TimeSpan.FromMilliseconds(1)) Thread.Sleep(rest - TimeSpan.FromMilliseconds(0.5));
            else NanoSleep.For(rest);
        }
    }
}
