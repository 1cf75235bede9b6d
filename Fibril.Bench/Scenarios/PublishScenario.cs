using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Load;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;
using HdrHistogram;

namespace Fibril.Bench.Scenarios;

/// <summary>Confirmed publishes, pipelined or one at a time, to a queue without consumers; or with consumers, end to end.</summary>
internal static class PublishScenario
{
    private const string Topic = "bench";

    public static Task<BenchResult> PublishAsync(BenchOptions options) => RunAsync("publish", options with { Consumers = 0 });

    public static Task<BenchResult> EndToEndAsync(BenchOptions options) => RunAsync("end to end", options);

    private static async Task<BenchResult> RunAsync(string name, BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options);
        var clients = new List<FibrilClient>();
        var producers = new List<Producer>();
        for (int i = 0; i < options.Producers; i++)
        {
            clients.Add(await FibrilClient.ConnectAsync(broker.Address));
            if (i == 0) await clients[0].DeclareQueueAsync(Topic, new QueueDeclaration { PartitionCount = options.Partitions });
        }

        producers.AddRange(clients.Select((client, i) => new Producer(i, client, Topic, options.PayloadBytes, options.Window, options.TracedPerMille)));
        await using var consumers = new ConsumerGroup();
        await consumers.StartAsync(broker.Address, Topic, options, timed: false);
        using var stop = new CancellationTokenSource();
        Task[] loops = [.. producers.Select(producer => Task.Run(() => producer.RunAsync(long.MaxValue, stop.Token)))];

        await Task.Delay(options.WarmUp);
        producers.ForEach(static producer => producer.IsMeasured = true);
        Reading before = await Reading.TakeAsync(broker, producers, consumers);
        await Task.Delay(options.Duration);
        Reading after = await Reading.TakeAsync(broker, producers, consumers);
        await stop.CancelAsync();
        await Task.WhenAll(loops);

        var metrics = new Dictionary<string, double>();
        double seconds = after.At - before.At;
        double published = after.Confirmed - before.Confirmed;
        double received = after.Received - before.Received;
        metrics[options.Consumers > 0 ? "received /s" : "confirmed /s"] = (options.Consumers > 0 ? received : published) / seconds;
        if (options.Consumers > 0)
        {
            metrics["confirmed /s"] = published / seconds;
            await consumers.WaitForAsync(producers.Sum(static producer => producer.Sent));
            metrics["missing"] = producers.Sum(producer => consumers.Arrivals.Missing(producer.Id, producer.Sent));
            metrics["duplicates"] = consumers.Arrivals.Duplicates;
        }

        LongHistogram latency = Latencies.NewHistogram();
        foreach (Producer producer in producers) latency.Add(producer.ConfirmLatency);
        latency.AddPercentiles(metrics, "confirm");
        double messages = options.Consumers > 0 ? Math.Max(published, received) : published;
        metrics["broker allocation B/message"] = (after.AllocatedBytes - before.AllocatedBytes) / messages;
        metrics["broker processor us/message"] = (after.ProcessorSeconds - before.ProcessorSeconds) * 1e6 / messages;
        metrics["broker resident MB"] = broker.ResidentBytes / 1e6;
        foreach (FibrilClient client in clients) await client.DisposeAsync();
        return new BenchResult(name, ParametersOf(options), metrics) { Latency = latency };
    }

    private static Dictionary<string, string> ParametersOf(BenchOptions options)
    {
        var parameters = new Dictionary<string, string>
        {
            ["payload"] = $"{options.PayloadBytes} B",
            ["producers"] = options.Producers.ToString(CultureInfo.InvariantCulture),
            ["window"] = options.Window.ToString(CultureInfo.InvariantCulture),
        };
        if (options.Consumers > 0)
        {
            parameters["consumers"] = options.Consumers.ToString(CultureInfo.InvariantCulture);
            parameters["prefetch"] = options.Prefetch.ToString(CultureInfo.InvariantCulture);
        }

        if (options.Partitions > 1) parameters["partitions"] = options.Partitions.ToString(CultureInfo.InvariantCulture);
        return parameters;
    }

    /// <summary>The counters at one moment of a run.</summary>
    private sealed record Reading(double At, long Confirmed, long Received, long AllocatedBytes, double ProcessorSeconds)
    {
        public static async Task<Reading> TakeAsync(BrokerUnderTest broker, List<Producer> producers, ConsumerGroup consumers)
        {
            BrokerStatus status = await broker.StatusAsync();
            return new Reading(
                Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency,
                producers.Sum(static producer => producer.Confirmed),
                consumers.Received,
                status.AllocatedBytes,
                broker.ProcessorTime.TotalSeconds);
        }
    }
}
