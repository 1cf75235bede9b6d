using System.Globalization;
using Fibril.Bench.Machine;
using Fibril.Bench.Reports;
using Fibril.Client;

namespace Fibril.Bench.Scenarios;

/// <summary>What one message that nobody settles costs on the disk while many others come and go behind it.</summary>
internal static class PinnedScenario
{
    private const string Topic = "pinned";
    private const int InFlight = 4096;

    public static async Task<BenchResult> RunAsync(BenchOptions options)
    {
        await using BrokerUnderTest broker = await BrokerUnderTest.StartAsync(options.DataDirectory);
        await using FibrilClient client = await FibrilClient.ConnectAsync(broker.Address);
        await client.DeclareQueueAsync(Topic);
        Publisher publisher = client.CreatePublisher(Topic);
        byte[] payload = new byte[options.PayloadBytes];
        await publisher.PublishAsync(payload);

        await using Subscription holder = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 1, OwnConnection = true });
        await foreach (ReceivedMessage _ in holder) break;

        // Whenever its lease ends the pinned message comes again, and is held again.
        long churned = 0;
        long most = 0;
        await using FibrilClient consuming = await FibrilClient.ConnectAsync(broker.Address);
        await using Subscription subscription = await consuming.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = InFlight });
        IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator();
        var confirms = new Queue<PublishConfirmation>();
        for (long i = 0; i < options.Messages; i++)
        {
            if (confirms.Count == InFlight / 2) await confirms.Dequeue();
            confirms.Enqueue(await publisher.BeginPublishAsync(payload));
            if (i < InFlight / 2) continue;
            await CompleteNextAsync(messages);
            if (++churned % 100_000 == 0) most = Math.Max(most, BytesOf(broker.DataDirectory));
        }

        while (confirms.TryDequeue(out PublishConfirmation confirmation)) await confirmation;
        for (; churned < options.Messages; churned++) await CompleteNextAsync(messages);
        await Task.Delay(TimeSpan.FromSeconds(2));
        return new BenchResult("pinned", new Dictionary<string, string>
        {
            ["messages"] = options.Messages.ToString("N0", CultureInfo.InvariantCulture),
            ["payload"] = $"{options.PayloadBytes} B",
        }, new Dictionary<string, double>
        {
            ["message log MB"] = BytesOf(broker.DataDirectory) / 1e6,
            ["most MB"] = most / 1e6,
            ["files"] = FilesOf(broker.DataDirectory).Length,
            ["churned MB"] = options.Messages * (double)options.PayloadBytes / 1e6,
        });
    }

    private static async ValueTask CompleteNextAsync(IAsyncEnumerator<ReceivedMessage> messages)
    {
        do
        {
            if (!await messages.MoveNextAsync()) throw new InvalidOperationException("The subscription has ended.");
        }
        while (messages.Current.Offset == 0);

        await messages.Current.CompleteAsync();
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
