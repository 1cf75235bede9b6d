using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>What queues cost that nobody uses: memory and start-up time of a broker that knows many of them.</summary>
internal static class IdleQueuesScenario
{
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
        return new BenchResult("idle queues", new Dictionary<string, string>
        {
            ["queues"] = options.Messages.ToString("N0", CultureInfo.InvariantCulture),
        }, new Dictionary<string, double>
        {
            ["start s"] = broker.StartTime.TotalSeconds,
            ["start without queues s"] = emptyStart,
            ["resident MB"] = broker.ResidentBytes / 1e6,
            ["resident without queues MB"] = emptyResident / 1e6,
            ["declared /s"] = options.Messages / declareSeconds,
        });
    }

    private static async Task DeclareAsync(BrokerUnderTest broker, int count)
    {
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        for (int i = 0; i < count; i++) await client.DeclareQueueAsync($"idle.{i}");
    }
}
