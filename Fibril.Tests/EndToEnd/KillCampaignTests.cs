using Fibril.Client;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>
/// Kill -9 under mixed load, round after round on one data directory: publishes, delays, times to live, completions, retries, failures and
/// dead letters (F-31, F-45, F-46). FIBRIL_TEST_SCALE multiplies the rounds. What a kill cannot show, data
/// that the operating system had and the disk had not, is what <see cref="Storage.CrashPointTests"/> are about.
/// </summary>
public sealed class KillCampaignTests(ITestOutputHelper output) : IDisposable
{
    private const string Topic = "campaign";
    private const string DeadTopic = "campaign.dead";
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

    [Fact] // S-7, M-55, Z-5, F-31, F-45, F-46, D-48
    public async Task Nothing_confirmed_is_lost_altered_or_settled_in_vain_however_often_the_broker_is_killed()
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
        await using FibrilClient client = await broker.ConnectForItsLifeAsync();
        await using FibrilClient burying = await broker.ConnectForItsLifeAsync();
        Task consuming = DrainAsync(client, Topic, _ledger.Receive);
        Task buried = DrainAsync(burying, DeadTopic, _ledger.ReceiveDead);
        await WhileSomethingArrivesAsync();
        await client.DisposeAsync();
        await burying.DisposeAsync();
        await Patience.Wait(Task.WhenAll(consuming, buried));

        output.WriteLine($"seed {seed}, in the end: {_ledger}");
        Assert.Empty(_ledger.Wrong);
        Assert.True(_ledger.MissingCount == 0, $"seed {seed}: {_ledger}");
    }

    /// <summary>Waits until nothing is missing, or for as long as ever less is.</summary>
    private async Task WhileSomethingArrivesAsync()
    {
        for (int missing = _ledger.MissingCount; missing > 0;)
        {
            using var limit = new CancellationTokenSource(Patience.Limit);
            while (_ledger.MissingCount == missing && !limit.IsCancellationRequested) await Task.Delay(100, TestContext.Current.CancellationToken);
            int left = _ledger.MissingCount;
            if (left == missing) return;
            missing = left;
        }
    }

    private Task<BrokerProcess> StartAsync() => BrokerProcess.StartAsync(_directory.PathOf("data"), SmallSegments);

    private async Task RunUntilKilledAsync(int confirmedCount, int consumerCount, int seed)
    {
        await using BrokerProcess broker = await StartAsync();
        await using FibrilClient publishing = await broker.ConnectForItsLifeAsync();
        await publishing.DeclareQueueAsync(Topic, new QueueDeclaration
        {
            PartitionCount = 3,
            MaxRetries = 1_000_000,
            DeadLetterPolicy = DeadLetterPolicy.Custom(DeadTopic, null),
        });
        await using FibrilClient consuming = await broker.ConnectForItsLifeAsync();
        Task enough = _ledger.WhenConfirmedAsync(confirmedCount);
        var load = new List<Task>();
        for (int producer = 0; producer < ProducerCount; producer++) load.Add(ProduceAsync(publishing, producer));
        for (int consumer = 0; consumer < consumerCount; consumer++) load.Add(ConsumeAsync(consuming, new Random(seed + consumer)));

        Task first = await Patience.Wait(Task.WhenAny([enough, .. load]));
        Assert.True(first == enough, $"A client stopped before the kill:\n{broker.Output}");
        _ledger.NoteKill();
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
                window.Enqueue((number, await publisher.BeginPublishAsync(DeliveryLedger.PayloadOf(producer, number), PropertiesOf(number))));
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

    /// <summary>A few messages wait, and a few live for a short time only.</summary>
    private static MessageProperties? PropertiesOf(long number) => (number % 40) switch
    {
        0 => new MessageProperties { Delay = TimeSpan.FromMilliseconds(number % 700) },
        1 => new MessageProperties { TimeToLive = TimeSpan.FromMilliseconds(50 + (number % 900)) },
        _ => null,
    };

    /// <summary>Takes and completes everything that comes, until the client goes.</summary>
    private static async Task DrainAsync(FibrilClient client, string topic, Action<ReceivedMessage> receive)
    {
        try
        {
            await using Subscription subscription = await client.SubscribeAsync(topic, new SubscribeOptions { Prefetch = 1000 });
            await foreach (ReceivedMessage message in subscription)
            {
                receive(message);
                await message.CompleteAsync();
            }
        }
        catch (FibrilConnectionException)
        {
            // It has gone.
        }
    }

    private async Task ConsumeAsync(FibrilClient client, Random random)
    {
        int life = _ledger.Life;
        try
        {
            await using Subscription subscription = await client.SubscribeAsync(Topic, new SubscribeOptions { Prefetch = 64, OwnConnection = true });
            await foreach (ReceivedMessage message in subscription)
            {
                _ledger.Receive(message);
                switch (random.Next(50))
                {
                    case 0:
                        await message.RetryAsync();
                        break;
                    case 1:
                        await message.RetryAfterAsync(TimeSpan.FromMilliseconds(random.Next(500)));
                        break;
                    case 2:
                        await message.FailAsync();
                        _ledger.Settle(message, LedgerFate.Failed, life);
                        break;
                    default:
                        await message.CompleteAsync();
                        _ledger.Settle(message, LedgerFate.Completed, life);
                        break;
                }
            }
        }
        catch (FibrilConnectionException)
        {
            // The broker was killed.
        }
    }
}
