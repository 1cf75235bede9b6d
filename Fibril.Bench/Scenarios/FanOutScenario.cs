using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fibril.Bench.Load;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;
using Fibril.Protocol;
using HdrHistogram;

namespace Fibril.Bench.Scenarios;

/// <summary>One producer and many readers of one stream: how many deliveries there are, what each costs the broker, and how long they take in each tier.</summary>
internal static class FanOutScenario
{
    private const string Topic = "fanout";

    // Offset, tag, published, received, content type, header count and payload length, and what is in front of them.
    private const int FrameOverheadBytes = FrameHeader.Size + 4 + 8 + 4 + 6 + 1 + 4 + 32 + 1 + 4 + 4;

    /// <summary>As many durable records as one producer gets confirmed, to all readers, beside what the network stack could carry.</summary>
    public static async Task<BenchResult> ThroughputAsync(BenchOptions options)
    {
        double limit = MeasureLoopback(options.Subscribers, options.PayloadBytes + FrameOverheadBytes, options.WarmUp, options.Duration);
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareStreamAsync(Topic);
        await using StreamReaders readers = StreamReaders.Start(broker.Address, Topic, options.Subscribers);
        var producer = new Producer(0, client, Topic, options.PayloadBytes, options.Window);
        using var stop = new CancellationTokenSource();
        Task publishing = Task.Run(() => producer.RunAsync(long.MaxValue, stop.Token));

        await Task.Delay(options.WarmUp);
        producer.IsMeasured = true;
        (long started, long received, long confirmed, TimeSpan processor) = (Stopwatch.GetTimestamp(), readers.Received, producer.Confirmed, broker.ProcessorTime);
        BrokerStatus before = await broker.StatusAsync();
        await Task.Delay(options.Duration);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double delivered = readers.Received - received;
        double published = producer.Confirmed - confirmed;
        TimeSpan used = broker.ProcessorTime - processor;
        BrokerStatus after = await broker.StatusAsync();
        await stop.CancelAsync();
        await publishing;
        await readers.WaitForAsync(producer.Sent);

        var metrics = new Dictionary<string, double>
        {
            ["delivered /s"] = delivered / seconds,
            ["confirmed /s"] = published / seconds,
            ["loopback limit /s"] = limit,
            ["of the limit %"] = delivered / seconds / limit * 100,
            ["broker processor us/delivery"] = used.TotalMicroseconds / delivered,
            ["broker allocation B/delivery"] = (after.AllocatedBytes - before.AllocatedBytes) / delivered,
            ["out of place"] = readers.OutOfPlace,
            ["broker resident MB"] = broker.ResidentBytes / 1e6,
        };
        producer.ConfirmLatency.AddPercentiles(metrics, "confirm");
        return new BenchResult("fan-out", ParametersOf(options), metrics);
    }

    /// <summary>The same rate on each tier: from when a record was due until a reader had it, and until it was confirmed.</summary>
    public static async Task<BenchResult> LatencyAsync(BenchOptions options)
    {
        var metrics = new Dictionary<string, double>();
        foreach (Durability tier in (Durability[])[Durability.Durable, Durability.Speculative, Durability.Ephemeral])
        {
            string name = tier.ToString().ToLowerInvariant();
            (LongHistogram deliveries, LongHistogram confirms) = await MeasureAsync(tier, options);
            deliveries.AddPercentiles(metrics, $"{name} deliver");
            confirms.AddPercentiles(metrics, $"{name} confirm");
        }

        Dictionary<string, string> parameters = ParametersOf(options);
        parameters["rate"] = options.Rate.ToString("N0", CultureInfo.InvariantCulture);
        return new BenchResult("stream latency", parameters, metrics);
    }

    private static async Task<(LongHistogram Deliveries, LongHistogram Confirms)> MeasureAsync(Durability tier, BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareStreamAsync(Topic, new StreamDeclaration { Durability = tier });
        await using StreamReaders readers = StreamReaders.Start(broker.Address, Topic, options.Subscribers);
        long interval = Stopwatch.Frequency / options.Rate;
        long start = Stopwatch.GetTimestamp();
        readers.MeasureFrom = start + (long)(options.WarmUp.TotalSeconds * Stopwatch.Frequency);
        long records = (long)((options.WarmUp + options.Duration).TotalSeconds * options.Rate);
        HdrHistogram.LongHistogram confirms = Latencies.NewHistogram();
        await Task.Factory.StartNew(
            () => FixedRateScenario.SendOnTime(client.CreatePublisher(Topic), options.PayloadBytes, start, interval, records, readers.MeasureFrom, confirms),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await readers.WaitForAsync(records);
        return (readers.Latency, confirms);
    }

    /// <summary>One thread that sends to as many connections as there are readers, each of which only receives: frames a second of this size.</summary>
    private static double MeasureLoopback(int connections, int frameBytes, TimeSpan warmUp, TimeSpan duration)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket[connections];
        long received = 0;
        bool isOver = false;
        var threads = new List<Thread>();
        for (int i = 0; i < connections; i++)
        {
            near[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            near[i].Connect(listener.LocalEndpoint);
            Socket far = listener.AcceptSocket();
            threads.Add(new Thread(() =>
            {
                using (far)
                {
                    var buffer = new byte[256 << 10];
                    while (far.Receive(buffer) is var read && read > 0) Interlocked.Add(ref received, read);
                }
            }));
        }

        threads.Add(new Thread(() =>
        {
            var chunk = new byte[64 << 10];
            while (!Volatile.Read(ref isOver))
            {
                foreach (Socket socket in near) socket.Send(chunk);
            }

            foreach (Socket socket in near) socket.Dispose();
        }));
        threads.ForEach(static thread => thread.Start());
        Thread.Sleep(warmUp);
        (long started, long before) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref received));
        Thread.Sleep(duration);
        double bytes = Interlocked.Read(ref received) - before;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Volatile.Write(ref isOver, true);
        threads.ForEach(static thread => thread.Join());
        return bytes / frameBytes / seconds;
    }

    private static Dictionary<string, string> ParametersOf(BenchOptions options) => new()
    {
        ["payload"] = $"{options.PayloadBytes} B",
        ["readers"] = options.Subscribers.ToString(CultureInfo.InvariantCulture),
    };
}
