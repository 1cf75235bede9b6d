using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>
/// What queues cost that nobody uses: memory and start-up time of a broker that knows many of them, how long the first message takes
/// into each of the few that somebody does use, and how long what operators ask of it.
/// </summary>
internal static class IdleQueuesScenario
{
    private const int DeclaresAtOnce = 256;
    private const int ActivePercent = 1;
    private const int Requests = 200;

    // What dashboards, tools and scrapers ask for again and again.
    private static readonly (string Name, string Path)[] Questions =
    [
        ("page of queues", "/admin/api/queues/list?limit=50"),
        ("page by stored bytes", "/admin/api/queues/list?limit=50&sort=-stored_bytes"),
        ("page of a search", "/admin/api/queues/list?limit=50&sort=-ready_count&q=le.99"),
        ("page of depths", "/admin/api/queues?limit=50"),
        ("scrape", "/metrics"),
    ];

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task<BenchResult> RunAsync(BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        double emptyStart = broker.StartTime.TotalSeconds;
        double emptyResident = broker.ResidentBytes;
        long started = Stopwatch.GetTimestamp();
        await DeclareAsync(broker, options.Messages);
        double declareSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await broker.StopAsync();
        await broker.RestartAsync();
        double idleResident = broker.ResidentBytes;
        HdrHistogram.LongHistogram cold = await PublishColdAsync(broker, options.Messages);
        var metrics = new Dictionary<string, double>
        {
            ["start s"] = broker.StartTime.TotalSeconds,
            ["start without queues s"] = emptyStart,
            ["resident MB"] = idleResident / 1e6,
            ["resident without queues MB"] = emptyResident / 1e6,
            ["bytes for each queue"] = (idleResident - emptyResident) / options.Messages,
            ["declared /s"] = options.Messages / declareSeconds,
            ["resident with active MB"] = broker.ResidentBytes / 1e6,
        };
        cold.AddPercentiles(metrics, "first message");
        metrics["idle processor %"] = await MeasureIdleAsync(broker, options.Duration);
        foreach ((string name, string path) in Questions) await AskAsync(broker, name, path, metrics);
        return new BenchResult("idle queues", new Dictionary<string, string>
        {
            ["queues"] = options.Messages.ToString("N0", CultureInfo.InvariantCulture),
            ["active"] = $"{ActivePercent} %",
        }, metrics);
    }

    /// <summary>Processor time of a broker that nobody asks anything, in percent of one core.</summary>
    private static async Task<double> MeasureIdleAsync(BrokerUnderTest broker, TimeSpan duration)
    {
        await Task.Delay(Settling);
        TimeSpan before = broker.ProcessorTime;
        long started = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        return (broker.ProcessorTime - before) / Stopwatch.GetElapsedTime(started) * 100;
    }

    /// <summary>How long the admin listener takes for an answer, one after the other.</summary>
    private static async Task AskAsync(BrokerUnderTest broker, string name, string path, Dictionary<string, double> metrics)
    {
        HdrHistogram.LongHistogram answers = Latencies.NewHistogram();
        TimeSpan before = broker.ProcessorTime;
        for (int i = 0; i < Requests; i++)
        {
            long started = Stopwatch.GetTimestamp();
            metrics[$"{name} kB"] = await broker.AskAsync(path) / 1e3;
            answers.Note(Stopwatch.GetElapsedTime(started));
        }

        metrics[$"{name} processor ms"] = (broker.ProcessorTime - before).TotalMilliseconds / Requests;
        metrics[$"{name} p50 ms"] = answers.GetValueAtPercentile(50) / 1e3;
        metrics[$"{name} p99 ms"] = answers.GetValueAtPercentile(99) / 1e3;
    }

    private static async Task DeclareAsync(BrokerUnderTest broker, int count)
    {
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        for (int i = 0; i < count; i += DeclaresAtOnce)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(DeclaresAtOnce, count - i)).Select(async number => await client.DeclareQueueAsync($"idle.{number}")));
        }
    }

    /// <summary>One confirmed message into every hundredth queue, one after the other: each loads its queue first.</summary>
    private static async Task<HdrHistogram.LongHistogram> PublishColdAsync(BrokerUnderTest broker, int count)
    {
        HdrHistogram.LongHistogram cold = Latencies.NewHistogram();
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareQueueAsync("warm");
        await client.CreatePublisher("warm").PublishAsync(new byte[100]);
        for (int i = 0; i < count; i += 100 / ActivePercent)
        {
            Publisher publisher = client.CreatePublisher($"idle.{i}");
            long started = Stopwatch.GetTimestamp();
            await publisher.PublishAsync(new byte[100]);
            cold.Note(Stopwatch.GetElapsedTime(started));
        }

        return cold;
    }
}
