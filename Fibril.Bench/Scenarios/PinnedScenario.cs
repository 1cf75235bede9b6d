using System.Diagnostics;
using System.Globalization;
using Fibril.Bench.Load;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>What one message that nobody settles costs on the disk while many others come and go behind it.</summary>
internal static class PinnedScenario
{
    private const string Topic = "pinned";
    private const int MessagesPerLook = 100_000;

    public static async Task<BenchResult> RunAsync(BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareQueueAsync(Topic);
        await client.CreatePublisher(Topic).PublishAsync(new byte[options.PayloadBytes]);

        // Whoever holds it renews its lease for as long as the others come and go.
        await using Subscription holder = await client.SubscribeAsync(
            Topic, new SubscribeOptions { Prefetch = 1, OwnConnection = true, AutoRenew = true });
        IAsyncEnumerator<ReceivedMessage> held = holder.GetAsyncEnumerator();
        if (!await held.MoveNextAsync()) throw new InvalidOperationException("The subscription has ended.");

        await using var consumers = new ConsumerGroup();
        await consumers.StartAsync(broker.Address, Topic, options, timed: false);
        long started = Stopwatch.GetTimestamp();
        long most = 0;
        for (long churned = 0; churned < options.Messages;)
        {
            long count = Math.Min(MessagesPerLook, options.Messages - churned);
            int id = (int)(churned / MessagesPerLook);
            await new Producer(id, client, Topic, options.PayloadBytes, options.Window).RunAsync(count, CancellationToken.None);
            churned += count;
            await consumers.WaitForAsync(churned);
            most = Math.Max(most, BytesOf(broker.DataDirectory));
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(2)); // the last segments go behind the last settlement
        double left = BytesOf(broker.DataDirectory);
        int files = FilesOf(broker.DataDirectory).Length;
        await held.Current.CompleteAsync();
        return new BenchResult("pinned", new Dictionary<string, string>
        {
            ["messages"] = options.Messages.ToString("N0", CultureInfo.InvariantCulture),
            ["payload"] = $"{options.PayloadBytes} B",
        }, new Dictionary<string, double>
        {
            ["message log MB"] = left / 1e6,
            ["most MB"] = most / 1e6,
            ["files"] = files,
            ["churned MB"] = options.Messages * (double)options.PayloadBytes / 1e6,
            ["churned /s"] = options.Messages / seconds,
            ["missing"] = options.Messages - consumers.Arrivals.Count,
        });
    }

    private static string[] FilesOf(string directory) => Directory.GetFiles(directory, "messages-*.log", SearchOption.AllDirectories);

    private static long BytesOf(string directory)
    {
        long bytes = 0;
        foreach (string file in FilesOf(directory))
        {
            try
            {
                bytes += new FileInfo(file).Length;
            }
            catch (FileNotFoundException)
            {
                // Gone since it was listed.
            }
        }

        return bytes;
    }
}
