using System.Globalization;
using Fibril.Broker.Queues;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>One session whose connections break a thousand times while messages flow.</summary>
public sealed class SessionCutTests
{
    private const int PartitionCount = 2;
    private const int Prefetch = 16;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(30);

    [Fact] // M-33, F-11: by reset, by half-close, by a peer that hangs; resumed each time
    public async Task However_often_and_however_a_connection_breaks_nothing_is_lost_settled_twice_or_left_behind()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        try
        {
            await CutAsync(new Random(seed), cuts: TestScale.Iterations(200));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
        }
    }

    private static async Task CutAsync(Random random, int cuts)
    {
        await using SessionHarness broker = SessionHarness.WithoutPushes(static options => options.OutputBufferBytes = 64 << 10);
        broker.Resume.ReconnectGrace = Grace;
        RawPeer publisher = await broker.ConnectAsync();
        await publisher.DeclareAsync(count: PartitionCount);
        var consumer = new CutConsumer(broker, random);
        await consumer.BeginAsync();
        int published = 0;
        for (int cut = 0; cut < cuts; cut++)
        {
            int messages = random.Next(1, 12);
            for (int i = 0; i < messages; i++, published++)
            {
                // Now and then one that fills the output, so that a cut finds deliveries written and not sent.
                string text = published.ToString(CultureInfo.InvariantCulture) + (random.Next(8) == 0 ? new string(' ', 30_000) : "");
                await publisher.PublishAsync(new TestPublish(Partition: (uint)random.Next(PartitionCount)) { Text = text });
            }

            await consumer.WorkAsync(random.Next(0, messages + 2));
            await consumer.CutAndResumeAsync();
        }

        await consumer.FinishAsync(published);
        Assert.Equal(cuts, broker.Sessions.Counters.CountOf(ResumeOutcome.Resumed));
        Assert.Equal(0, broker.Sessions.Counters.CountOf(ResumeOutcome.NotFound));

        // Nothing stays behind: no connection, session, lease, hold on a partition, or memory for messages.
        await consumer.LeaveAsync();
        await publisher.CloseAsync();
        broker.Advance(Grace * 2);
        await broker.WhenIdleAsync();
        Assert.Equal(0, broker.Connections.Count);
        Assert.Empty(broker.Sessions.All);
        foreach (QueuePartition partition in broker.Queues.Loaded.ToArray())
        {
            Assert.Equal(0, partition.ActiveCount);
            Assert.Equal(Fibril.Broker.Channels.Slots.UnloadOutcome.Unloaded, await Patience.Wait(broker.Queues.UnloadAsync(partition.Id)));
        }

        Assert.True(broker.TailCache.TryTake(SessionHarness.TailCacheBytes));
    }

    /// <summary>Reads, acknowledges, loses its connection, and knows what must never come again.</summary>
    private sealed class CutConsumer(SessionHarness broker, Random random)
    {
        private readonly HashSet<string> _seen = [];
        private readonly HashSet<string> _settled = [];
        private readonly Dictionary<uint, SubscribeOkMessage> _subscriptions = [];
        private readonly List<(ReceivedDelivery Delivery, DateTimeOffset Since)> _held = [];
        private readonly List<RawPeer> _superseded = [];
        private RawPeer _peer = null!;

        public async Task BeginAsync()
        {
            _peer = await broker.ConnectAsync();
            await SubscribeAsync();
        }

        /// <summary>Takes what has come, and settles up to <paramref name="count"/> of what it holds.</summary>
        /// <returns>How many have come.</returns>
        public async Task<int> WorkAsync(int count)
        {
            List<ReceivedDelivery> deliveries = await _peer.DrainDeliveriesAsync();
            deliveries.ForEach(Take);
            for (; count > 0 && _held.Count > 0; count--)
            {
                int index = random.Next(_held.Count);
                (ReceivedDelivery settled, DateTimeOffset since) = _held[index];
                _held.RemoveAt(index);
                if (random.Next(10) == 0)
                {
                    // Sent, and perhaps cut before the broker reads it: it may come again.
                    await _peer.AckAsync(settled.PushId, settled.Topic, settled.Group, settled.Partition, settled.Tag);
                    continue;
                }

                // Through the connection of today, or an older one of the same session that is still open (STL-7).
                RawPeer through = _superseded.Count > 0 && random.Next(3) == 0 ? _superseded[random.Next(_superseded.Count)] : _peer;
                await through.AckAsync(settled);
                if (broker.Time.GetUtcNow() - since < LeaseTime) _settled.Add(Key(settled)); // later its tag is dead
            }

            return deliveries.Count;
        }

        public async Task CutAndResumeAsync()
        {
            ResumeIdentity identity = _peer.Identity;
            RawPeer old = _peer;
            switch (random.Next(4))
            {
                case 0:
                    await old.ResetAsync();
                    break;
                case 1:
                    await old.CloseAsync();
                    break;
                case 2:
                    old.StopReading(); // hangs, and the client gives up on it
                    _superseded.Add(old);
                    break;
                default:
                    _superseded.Add(old); // the client connects anew before it closes the old one
                    break;
            }

            broker.Advance(TimeSpan.FromMilliseconds(random.Next(0, (int)Grace.TotalMilliseconds)));
            _peer = await broker.ResumeAsync(identity);
            if (random.Next(2) == 0) await SubscribeAsync();
            else await ReconcileAsync();
            while (_superseded.Count > random.Next(3))
            {
                RawPeer ended = _superseded[0];
                _superseded.RemoveAt(0);
                await ended.ResetAsync();
            }
        }

        /// <summary>What was written into a broken connection comes when its lease is over: until there is nothing more, everything is settled.</summary>
        public async Task FinishAsync(int published)
        {
            for (int rounds = 0; rounds < 3; rounds++)
            {
                while (await WorkAsync(int.MaxValue) > 0)
                {
                    // There is room for more now.
                }

                await broker.WhenIdleAsync();
                broker.Advance(LeaseTime);
                _held.Clear();
            }

            while (await WorkAsync(int.MaxValue) > 0)
            {
                // What was acknowledged into a cut comes a last time.
            }

            Assert.Equal(published, _seen.Count);
            Assert.DoesNotContain(broker.Queues.Loaded, static partition => partition.ActiveCount > 0);
        }

        public async Task LeaveAsync()
        {
            foreach (RawPeer superseded in _superseded) await superseded.ResetAsync();
            await _peer.CloseAsync();
        }

        private void Take(ReceivedDelivery delivery)
        {
            string key = Key(delivery);
            _seen.Add(key);
            if (_settled.Contains(key)) Assert.Fail($"Message {key} was settled, and came again.");
            _held.RemoveAll(held => Key(held.Delivery) == key); // an older lease of it is over
            _held.Add((delivery, broker.Time.GetUtcNow()));
        }

        private static string Key(ReceivedDelivery delivery) => delivery.Text.TrimEnd();

        private async Task SubscribeAsync()
        {
            for (uint partition = 0; partition < PartitionCount; partition++)
            {
                ulong id = _peer.NewId();
                await _peer.SendAsync(id, RawPeer.Subscription(partition: partition, prefetch: Prefetch));
                _subscriptions[partition] = await ExpectReplyAsync<SubscribeOkMessage>(id);
            }
        }

        private async Task ReconcileAsync()
        {
            ulong id = _peer.NewId();
            await _peer.SendAsync(id, new ReconcileClientMessage(ReconcilePolicy.Conservative, [.. _subscriptions.Values.Select(static held =>
                new SubscriptionDescriptor(held.SubscriptionId, held.Topic, held.Partition, held.Group, AutoAck: false, Prefetch, null, null, null))]));
            ReconcileResultMessage result = await _peer.ExpectAsync<ReconcileResultMessage>(id);
            Assert.All(result.Verdicts, static verdict => Assert.Equal(CloseReason.Matched, verdict.Code));
        }

        /// <summary>The reply, perhaps behind deliveries of a partition that was subscribed to before.</summary>
        private async Task<T> ExpectReplyAsync<T>(ulong id) where T : IWireMessage<T>
        {
            ReceivedFrame frame;
            while ((frame = await _peer.ReadAsync("a reply")).OpCode == OpCode.Deliver) Take(ReceivedDelivery.From(frame));
            Assert.Equal((T.OpCode, id), (frame.OpCode, frame.RequestId));
            return frame.Read<T>();
        }
    }
}
