using Fibril.Client;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>
/// Kill -9 under load, round after round on one data directory. FIBRIL_TEST_SCALE multiplies the rounds. What a kill cannot show, data
/// that the operating system had and the disk had not, is what <see cref="Storage.CrashPointTests"/> are about.
/// </summary>
public sealed class KillCampaignTests(ITestOutputHelper output) : IDisposable
{
    private const string Topic = "campaign";
    private const int ProducerCount = 2;
    private const int MostConsumers = 2;
    private const int Window = 256;

    // So small that segments roll and are retired within a round.
    private static readonly string[] SmallSegments =
        ["--keratin-message-log-segment-max-bytes", $"{2 << 20}", "--keratin-event-log-segment-max-bytes", $"{64 << 10}"];

    private readonly TemporaryDirectory _directory = new();
    private readonly DeliveryLedger _ledger = new();
    private readonly long[] _nextNumbers = new long[ProducerCount];

    public void Dispose() => _directory.Dispose();

    [Fact] // S-7, M-55, Z-5, F-31
    public async Task Nothing_confirmed_is_lost_or_altered_however_often_the_broker_is_killed()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int rounds = TestScale.Iterations(3);
        for (int round = 1; round <= rounds; round++)
        {
            int consumers = random.Next(MostConsumers + 1); // without any, a backlog is left to the next round
            await RunUntilKilledAsync(_ledger.ConfirmedCount + random.Next(200, 20_000), consumers, random.Next());
            output.WriteLine($"seed {seed}, kill {round} of {rounds}, {consumers} consumers: so far {_ledger}");
        }

        await using BrokerProcess broker = await StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        await using Subscription subscription = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 1000 });
        IAsyncEnumerator<ReceivedMessage> messages = subscription.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        while (_ledger.MissingCount > 0)
        {
            Task<bool> next = messages.MoveNextAsync().AsTask();
            if (await Task.WhenAny(next, Task.Delay(Patience.Limit, TestContext.Current.CancellationToken)) != next) break;
            _ledger.Receive(messages.Current);
            await messages.Current.CompleteAsync(TestContext.Current.CancellationToken);
        }

        output.WriteLine($"seed {seed}, in the end: {_ledger}");
        Assert.Empty(_ledger.Wrong);
        Assert.True(_ledger.MissingCount == 0, $"seed {seed}: {_ledger}");
    }

    private Task<BrokerProcess> StartAsync() => BrokerProcess.StartAsync(_directory.PathOf("data"), SmallSegments);

    private async Task RunUntilKilledAsync(int confirmedCount, int consumerCount, int seed)
    {
        await using BrokerProcess broker = await StartAsync();
        await using FibrilClient publishing = await broker.ConnectAsync();
        await publishing.DeclareQueueAsync(Topic, new QueueDeclaration { PartitionCount = 3, MaxRetries = 1_000_000 });
        await using FibrilClient consuming = await broker.ConnectAsync();
        Task enough = _ledger.WhenConfirmedAsync(confirmedCount);
        var load = new List<Task>();
        for (int producer = 0; producer < ProducerCount; producer++) load.Add(ProduceAsync(publishing, producer));
        for (int consumer = 0; consumer < consumerCount; consumer++) load.Add(ConsumeAsync(consuming, new Random(seed + consumer)));

        Task first = await Patience.Wait(Task.WhenAny([enough, .. load]));
        Assert.True(first == enough, $"A client stopped before the kill:\n{broker.Output}");
        await broker.KillAsync();
        await Patience.Wait(Task.WhenAll(load));
    }

    private async Task ProduceAsync(FibrilClient client, int producer)
    {
        Publisher publisher = client.CreatePublisher(Topic);
        var window = new Queue<(long Number, PublishConfirmation Confirmation)>();
        try
        {
            while (true)
            {
                if (window.Count == Window) await ConfirmOldestAsync();
                long number = _nextNumbers[producer]++;
                window.Enqueue((number, await publisher.BeginPublishAsync(DeliveryLedger.PayloadOf(producer, number))));
            }
        }
        catch (FibrilConnectionException)
        {
            while (window.Count > 0)
            {
                try
                {
                    await ConfirmOldestAsync();
                }
                catch (FibrilConnectionException)
                {
                    // Not confirmed: it may be stored, and may not.
                }
            }
        }

        async Task ConfirmOldestAsync()
        {
            (long number, PublishConfirmation confirmation) = window.Dequeue();
            _ledger.Confirm(producer, number, await confirmation);
        }
    }

    private async Task ConsumeAsync(FibrilClient client, Random random)
    {
        try
        {
            await using Subscription subscription = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 64, OwnConnection = true });
            await foreach (ReceivedMessage message in subscription)
            {
                _ledger.Receive(message);
                if (random.Next(50) == 0) await message.RetryAsync();
                else await message.CompleteAsync();
            }
        }
        catch (FibrilConnectionException)
        {
            // The broker was killed.
        }
    }
}
