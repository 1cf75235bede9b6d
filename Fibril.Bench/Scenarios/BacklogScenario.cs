using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Load;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>What a backlog costs: filling it, the memory it takes after a restart, the time to the first delivery, and draining it.</summary>
internal static class BacklogScenario
{
    private const string Topic = "backlog";

    /// <summary>Fills a queue, then drains it in the same broker process.</summary>
    public static Task<BenchResult> DrainAsync(BenchOptions options) => RunAsync("drain backlog", options, Restart.None);

    /// <summary>Fills a queue, kills the broker, and times its way back to the first delivery.</summary>
    public static Task<BenchResult> RecoverAsync(BenchOptions options) => RunAsync("recovery after kill -9", options, Restart.Kill);

    /// <summary>Fills a queue, restarts the broker in order, and reads its memory before, during and after the drain.</summary>
    public static Task<BenchResult> MemoryAsync(BenchOptions options) => RunAsync("memory of a backlog", options, Restart.Stop);

    private static async Task<BenchResult> RunAsync(string name, BenchOptions options, Restart restart)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        var metrics = new Dictionary<string, double>();
        double fillSeconds = await FillAsync(broker, options);
        if (restart == Restart.Kill) await broker.KillAsync();
        if (restart == Restart.Stop) await broker.StopAsync();
        if (restart != Restart.None) await broker.RestartAsync();
        double residentIdle = broker.ResidentBytes;

        long started = Stopwatch.GetTimestamp();
        await using var consumers = new ConsumerGroup();
        await consumers.StartAsync(broker.Address, Topic, options, timed: false);
        await consumers.WaitForFirstAsync();
        double firstDelivery = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double residentFirst = broker.ResidentBytes;
        BrokerStatus before = await broker.StatusAsync();
        await consumers.WaitForAsync(options.Messages);
        double drained = consumers.Arrivals.Count / (Stopwatch.GetElapsedTime(started).TotalSeconds - firstDelivery);
        BrokerStatus after = await broker.StatusAsync();

        metrics["drained /s"] = drained;
        metrics["filled /s"] = options.Messages / fillSeconds;
        metrics["missing"] = options.Messages - consumers.Arrivals.Count;
        metrics["duplicates"] = consumers.Arrivals.Duplicates;
        if (restart != Restart.None)
        {
            metrics["start s"] = broker.StartTime.TotalSeconds;
            metrics["start to first delivery s"] = broker.StartTime.TotalSeconds + firstDelivery;
            metrics["resident after start MB"] = residentIdle / 1e6;
        }

        metrics["resident at first delivery MB"] = residentFirst / 1e6;
        metrics["resident after drain MB"] = broker.ResidentBytes / 1e6;
        metrics["broker allocation B/message"] = (after.AllocatedBytes - before.AllocatedBytes) / (double)options.Messages;
        return new BenchResult(name, new Dictionary<string, string>
        {
            ["messages"] = options.Messages.ToString("N0", CultureInfo.InvariantCulture),
            ["payload"] = $"{options.PayloadBytes} B",
            ["consumers"] = options.Consumers.ToString(CultureInfo.InvariantCulture),
            ["prefetch"] = options.Prefetch.ToString(CultureInfo.InvariantCulture),
        }, metrics);
    }

    private static async Task<double> FillAsync(BrokerUnderTest broker, BenchOptions options)
    {
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        long started = Stopwatch.GetTimestamp();
        await new Producer(0, client, Topic, options.PayloadBytes, Math.Max(options.Window, 4096)).RunAsync(options.Messages, CancellationToken.None);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private enum Restart
    {
        None,
        Stop,
        Kill,
    }
}
