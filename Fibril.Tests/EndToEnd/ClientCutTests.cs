using System.Buffers.Binary;
using System.Net;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Testing;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>The real client whose real sockets break again and again at any moment while messages flow.</summary>
public sealed class ClientCutTests
{
    private const int PartitionCount = 3;
    private const int SettledTogether = 20;
    private const int InFlight = 64;

    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    [Fact] // F-10, R-12, R-14, R-20, X-9, M-33: by reset, half-close and stall
    public async Task However_often_a_socket_breaks_under_load_nothing_is_lost_settled_twice_or_left_behind()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using FibrilTestBroker broker = await FibrilTestBroker.StartAsync();
        int cuts = TestScale.Iterations(40);
        await using (var relay = new CuttableRelay(new IPEndPoint(IPAddress.Loopback, broker.Port)))
        {
            await using FibrilClient publishing = await broker.ConnectAsync();
            await publishing.DeclareQueueAsync("orders", new QueueDeclaration { PartitionCount = PartitionCount });
            FibrilClient consuming = await FibrilClient.ConnectAsync(new FibrilClientOptions { Host = "127.0.0.1", Port = relay.Port });
            Subscription orders = await consuming.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 32 });
            using var run = new Run();
            using var enough = new CancellationTokenSource();
            Task publishingAll = run.PublishAsync(publishing.CreatePublisher("orders"), enough.Token);
            Task consumingAll = run.ConsumeAsync(consuming, orders);

            await run.CutAsync(relay, consuming, new Random(seed), cuts);
            await enough.CancelAsync();
            await Patience.Wait(publishingAll);
            while (await broker.CountMessagesAsync("orders") > 0)
            {
                // What was written into a broken connection comes again when its lease is over.
                await broker.AdvanceAsync(LeaseTime);
                await Patience.Wait(run.SettleAllAsync(consuming));
            }

            await orders.DisposeAsync();
            await Patience.Wait(consumingAll);
            await consuming.DisposeAsync();
            TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} breaks, {run.Published} messages");
            Assert.Equal(run.Published, run.SeenCount);
            Assert.Empty(run.Wrong);
            Assert.InRange(broker.Core.Sessions.Sessions.Counters.CountOf(ResumeOutcome.Resumed), cuts, long.MaxValue);
            Assert.Equal(0, broker.Core.Sessions.Sessions.Counters.CountOf(ResumeOutcome.NotFound));
            relay.Cut(); // what stalls
            await Patience.Until(() => relay.SocketCount == 0);
        }

        await AssertNothingIsLeftAsync(broker);
    }

    private static async Task AssertNothingIsLeftAsync(FibrilTestBroker broker)
    {
        await Patience.Until(() => broker.Core.Connections.Count == 0);
        await Patience.Until(async () =>
        {
            await broker.AdvanceAsync(TimeSpan.FromMinutes(1)); // the time of grace
            return broker.Core.Sessions.Sessions.All.Count == 0;
        });
        foreach (QueuePartition partition in broker.Core.Queues.Loaded.ToArray())
        {
            Assert.Equal(0, partition.ActiveCount);
            Assert.Equal(UnloadOutcome.Unloaded, await Patience.Wait(broker.Core.Queues.UnloadAsync(partition.Id)));
        }
    }

    /// <summary>Numbers what is published, and knows which of them are settled for good.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly HashSet<int> _seen = [];
        private readonly HashSet<int> _settled = [];
        private readonly SemaphoreSlim _settling = new(1, 1);
        private List<int> _completed = [];
        private int _breaks; // odd from a break to the end of its resume
        private int _breaksBeforeCompletions;

        public int Published { get; private set; }

        public List<string> Wrong { get; } = [];

        public int SeenCount
        {
            get
            {
                lock (_gate) return _seen.Count;
            }
        }

        public void Dispose() => _settling.Dispose();

        public async Task PublishAsync(Publisher publisher, CancellationToken enough)
        {
            var waiting = new Queue<Task>();
            while (!enough.IsCancellationRequested)
            {
                byte[] payload = new byte[100];
                BinaryPrimitives.WriteInt32LittleEndian(payload, Published++);
                waiting.Enqueue(publisher.PublishAsync(payload, cancellationToken: CancellationToken.None).AsTask());
                if (waiting.Count == InFlight) await waiting.Dequeue();
            }

            await Task.WhenAll(waiting);
        }

        public async Task ConsumeAsync(FibrilClient client, Subscription subscription)
        {
            await foreach (ReceivedMessage message in subscription)
            {
                int number = BinaryPrimitives.ReadInt32LittleEndian(message.Payload.Span);
                lock (_gate)
                {
                    _seen.Add(number);
                    if (_settled.Contains(number)) Wrong.Add($"message {number} was settled, and came again");
                }

                await _settling.WaitAsync();
                try
                {
                    if (_completed.Count == 0) _breaksBeforeCompletions = Volatile.Read(ref _breaks);
                    await message.CompleteAsync();
                    _completed.Add(number);
                    if (_completed.Count >= SettledTogether) await FenceAsync(client);
                }
                catch (FibrilException)
                {
                    // Its connection is gone; the message is not settled, and comes again.
                }
                finally
                {
                    _settling.Release();
                }
            }
        }

        /// <summary>Makes sure that the broker has every completion so far, or learns that it may not.</summary>
        public async Task SettleAllAsync(FibrilClient client)
        {
            await _settling.WaitAsync();
            try
            {
                await FenceAsync(client);
            }
            catch (FibrilException)
            {
                // Then they may come again.
            }
            finally
            {
                _settling.Release();
            }
        }

        public async Task CutAsync(CuttableRelay relay, FibrilClient client, Random random, int cuts)
        {
            await using IAsyncEnumerator<FibrilClientEvent> events = client.WatchEventsAsync().GetAsyncEnumerator();
            for (int cut = 0; cut < cuts; cut++)
            {
                for (int spins = random.Next(3000); spins > 0; spins--) await Task.Yield();
                Interlocked.Increment(ref _breaks);
                var kind = (CutKind)random.Next(3);
                relay.Cut(kind);

                // Of a stall nobody would learn before the heartbeat does: this client gives up on the connection.
                if (kind == CutKind.Stall) Assert.Equal(ResumeOutcome.Resumed, await Patience.Wait(client.ReconnectAsync()));
                await ResumedAsync(events);
                Interlocked.Increment(ref _breaks);
            }

            // From here on time passes, and leases run out under what waits in the client: its settlements prove nothing.
            Interlocked.Increment(ref _breaks);
        }

        private static async Task ResumedAsync(IAsyncEnumerator<FibrilClientEvent> events)
        {
            while (await Patience.Wait(events.MoveNextAsync()))
            {
                if (events.Current is not BrokerReconnected back) continue;
                Assert.Equal(ResumeOutcome.Resumed, back.Outcome);
                return;
            }
        }

        /// <summary>Settlements go before the ping on one connection: with no break since the first of them, the broker has them all.</summary>
        private async Task FenceAsync(FibrilClient client)
        {
            List<int> completed = _completed;
            _completed = [];
            await client.PingAsync();
            if (_breaksBeforeCompletions % 2 != 0 || Volatile.Read(ref _breaks) != _breaksBeforeCompletions) return;
            lock (_gate) _settled.UnionWith(completed);
        }
    }
}
