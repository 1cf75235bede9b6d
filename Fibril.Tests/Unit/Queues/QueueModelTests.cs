using System.Text;
using Fibril.Broker.Queues;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Random operations on the real partition, with restarts in between, each step judged by the naive reference.</summary>
public sealed class QueueModelTests
{
    private const int OperationsPerSeed = 300;

    // What the reference insists on: M-1 to M-3, M-11, M-14, M-15, M-20, M-21, M-23, M-24, M-26, M-30 to M-34, M-36, M-40 to M-47, M-50, M-51,
    // M-60, M-62, M-63, M-66, M-70, M-71, D-2, D-6, D-7, D-12 to D-14, D-18, S-2, S-4, S-7.
    [Fact]
    public void The_engine_takes_only_steps_that_the_reference_allows_and_owes_none_at_rest()
    {
        for (int seed = 1; seed <= TestScale.Iterations(150); seed++)
        {
            using var run = new ModelRun(seed);
            run.Run(OperationsPerSeed);
        }
    }
}

/// <summary>One random history of one partition.</summary>
internal sealed class ModelRun : IDisposable
{
    private const long LeaseMs = 30_000;

    private readonly int _seed;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly ReferenceQueue _reference;
    private readonly List<(Consumer Consumer, TestDelivery Delivery)> _everDelivered = [];
    private readonly Dictionary<ulong, ReferenceMessage> _unanswered = [];
    private QueueSettings _settings = QueueSettings.Default;
    private PartitionHarness _harness;
    private int _operation;
    private string _doing = "";

    public ModelRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _reference = new ReferenceQueue(() => _time.GetUtcNow().ToUnixTimeMilliseconds(), LeaseMs);
        _harness = Open(new SimulatedFileSystem());
    }

    public void Run(int operations)
    {
        try
        {
            for (_operation = 0; _operation < operations; _operation++) RunOne();
            _doing = "consume what is left";
            ConsumeEverything();
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"Seed {_seed}, operation {_operation} ({_doing}): {failure.Message}\n{failure.StackTrace}");
        }
    }

    public void Dispose() => _harness.Dispose();

    private void RunOne()
    {
        switch (_random.Next(102))
        {
            case < 30:
                Publish(answered: true);
                break;
            case < 38:
                Subscribe();
                break;
            case < 43:
                Unsubscribe();
                break;
            case < 70:
                SettleOne();
                break;
            case < 75:
                RenewSome();
                break;
            case < 87:
                Advance();
                break;
            case < 92:
                ChangeRoom();
                break;
            case < 95:
                Declare();
                break;
            case >= 100:
                FailStorage();
                break;
            default:
                Restart();
                break;
        }

        AssertAtRest();
    }

    private void Publish(bool answered)
    {
        _doing = "publish";
        var messages = new TestMessage[_random.Next(1, 6)];
        for (int i = 0; i < messages.Length; i++)
        {
            byte[] payload = Encoding.ASCII.GetBytes($"{_seed}/{_operation}/{i}".PadRight(_random.Next(12) == 0 ? _random.Next(6000) : 20, '.'));
            long notBefore = _random.Next(6) == 0 ? _harness.NowMs + _random.Next(-50, 2000) : 0;
            long? deadline = _random.Next(6) == 0 ? _harness.NowMs + _random.Next(0, 3000) : null;
            messages[i] = new TestMessage(payload, Math.Max(0, notBefore), deadline);
            _unanswered[_harness.NextRequestId + (ulong)i] = new ReferenceMessage(payload, messages[i].NotBefore, deadline);
        }

        _harness.Post(messages);
        if (!answered) return;
        _harness.Run();
        Assert.Empty(_unanswered);
    }

    private void Subscribe()
    {
        if (_reference.Consumers.Count >= 5) return;
        bool autoAck = _random.Next(4) == 0;
        _doing = autoAck ? "subscribe with auto-ack" : "subscribe";
        var consumer = new Consumer(_harness.Partition, _random.Next(1, 8), autoAck) { SendsAtOnce = _random.Next(3) > 0 };
        consumer.OnDelivery = delivery =>
        {
            LearnFrom(delivery);
            _reference.Settle();
            _reference.Deliver(consumer, delivery);
            _everDelivered.Add((consumer, delivery));
        };
        _reference.Consumers.Add(consumer);
        Assert.True(_harness.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        _harness.Run();
    }

    private void Unsubscribe()
    {
        if (_reference.Consumers.Count == 0) return;
        _doing = "unsubscribe";
        Consumer consumer = Pick(_reference.Consumers);
        _reference.Release(consumer);
        _harness.Unsubscribe(consumer);
    }

    /// <summary>Mostly a living tag by its holder; sometimes one that is dead, or somebody else's.</summary>
    private void SettleOne()
    {
        if (_everDelivered.Count == 0 || _reference.Consumers.Count == 0) return;
        (Consumer by, TestDelivery delivery) = _random.Next(5) == 0
            ? Pick(_everDelivered)
            : _everDelivered[_everDelivered.Count - 1 - _random.Next(Math.Min(8, _everDelivered.Count))];
        if (_random.Next(10) == 0) by = Pick(_reference.Consumers);
        if (by.Subscription.AutoAck || !_reference.Consumers.Contains(by)) return;
        int choice = _random.Next(10);
        long notBefore = choice == 9 ? _harness.NowMs + _random.Next(-100, 1500) : 0;
        SettleKind kind = choice < 6 ? SettleKind.Complete : choice == 6 ? SettleKind.Fail : SettleKind.Retry;
        _doing = $"{kind} offset {delivery.Offset}, tag {delivery.Tag}";
        if (kind == SettleKind.Retry) _reference.Retry(by, delivery.Tag, notBefore);
        else _reference.Complete(by, delivery.Tag);
        _harness.Settle(by, delivery.Tag, kind, notBefore);
    }

    /// <summary>Living tags of a consumer, dead ones and those of others, in one request (L-19).</summary>
    private void RenewSome()
    {
        if (_everDelivered.Count == 0 || _reference.Consumers.Count == 0) return;
        Consumer by = Pick(_reference.Consumers);
        ulong[] tags = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _everDelivered[^(1 + _random.Next(Math.Min(12, _everDelivered.Count)))].Delivery.Tag)];
        _doing = $"renew tags {string.Join(", ", tags)}";
        ulong[] dead = [.. tags.Where(tag => !_reference.Renew(by, tag))];
        Assert.Equal(dead, _harness.Renew(by, _random.Next(1, 4), tags).DeadTags);
    }

    private void Advance()
    {
        int ms = _random.Next(10) == 0 ? _random.Next(20_000, 40_000) : _random.Next(1, 400);
        _doing = $"advance {ms} ms";
        _time.Advance(TimeSpan.FromMilliseconds(ms));
        _reference.Settle();
        _harness.Run();
    }

    private void ChangeRoom()
    {
        if (_reference.Consumers.Count == 0) return;
        Consumer consumer = Pick(_reference.Consumers);
        int room = _random.Next(3) == 0 ? 0 : _random.Next(1, 20);
        _doing = $"output with room for {room}";
        consumer.MakeRoom(room);
        if (consumer.Subscription.AutoAck && !consumer.SendsAtOnce && _random.Next(2) == 0)
        {
            _reference.SettleSent(consumer);
            consumer.Send();
        }

        _harness.Run();
    }

    private void Declare()
    {
        _doing = "declare";
        _settings = new QueueSettings(_random.Next(3) == 0 ? null : _random.Next(0, 4), null, null);
        _reference.MaxRetries = _settings.MaxRetries;
        _harness.Settings.Refresh(() => _settings);
    }

    /// <summary>A stop, a kill or a power loss; the last two sometimes with publishes that nobody was answered for.</summary>
    private void Restart()
    {
        int kind = _random.Next(3);
        _doing = kind == 0 ? "stop and start" : kind == 1 ? "kill and start" : "lose power and start";

        // Whether a kill came before or after a settlement that a consumer makes by itself cannot be seen from outside.
        RemoveConsumers(static consumer => consumer.Subscription.AutoAck);
        if (kind == 2)
        {
            // Past the interval after which settlements are synced; what happens to younger ones is the crash-point test's matter.
            _time.Advance(TimeSpan.FromMilliseconds(60));
            _reference.Settle();
            _harness.Run();
        }

        if (kind == 0) _harness.Stop();
        else if (_random.Next(2) == 0) PublishAndDoNotWait();

        SimulatedFileSystem disk = kind == 1 ? _harness.Disk.AfterKill() : _harness.Disk.AfterPowerLoss();
        if (_random.Next(3) == 0 && SnapshotDamage.FlipBitOfNewest(disk, _harness.Directory, _random) is not null) _doing += ", the newest snapshot damaged"; // F-39
        _harness.Dispose();
        _time.Advance(TimeSpan.FromMilliseconds(1)); // no process starts in no time
        _reference.Restart();
        _harness = Open(disk);
        LearnWhatSurvived();
    }

    /// <summary>
    /// One write or sync fails while messages are published; the partition opens its files again, and nobody who holds a lease notices.
    /// </summary>
    private void FailStorage()
    {
        _doing = "fail a write or a sync";
        DiskOperationKind kind = _random.Next(2) == 0 ? DiskOperationKind.Sync : DiskOperationKind.Write;
        int skipped = _random.Next(4);
        SimulatedFileSystem disk = _harness.Disk;
        disk.BeforeOperation = operation =>
        {
            if (operation.Kind != kind || !operation.Path.EndsWith(".log", StringComparison.Ordinal) || skipped-- > 0) return;
            disk.BeforeOperation = null;
            throw DiskFaults.InputOutputError();
        };
        Publish(answered: false);
        _time.Advance(TimeSpan.FromMilliseconds(60)); // the sync of settlements may be the one
        _reference.Settle();
        _harness.Run();
        disk.BeforeOperation = null;
        Assert.Null(_harness.Partition.OutageText);
        _harness.Publisher.Failed.Clear();
        LearnWhatSurvived();
    }

    private void RemoveConsumers(Func<Consumer, bool> which)
    {
        Consumer[] leaving = [.. _reference.Consumers.Where(which)];
        foreach (Consumer consumer in leaving) consumer.Room = 0;
        foreach (Consumer consumer in leaving)
        {
            _reference.Release(consumer);
            _harness.Unsubscribe(consumer);
        }
    }

    private void PublishAndDoNotWait()
    {
        Publish(answered: false);
        for (int steps = _random.Next(4); steps > 0 && _harness.Step(); steps--)
        {
            // As far as the broker got.
        }
    }

    /// <summary>Unanswered messages may have survived, whole and in order, from the first on (S-7); the offset of a new one tells how many.</summary>
    private void LearnWhatSurvived()
    {
        ReferenceMessage[] unanswered = [.. _unanswered.OrderBy(static pair => pair.Key).Select(static pair => pair.Value)];
        _unanswered.Clear();
        _harness.Publisher.OnConfirmed = (_, offset) =>
        {
            int survived = (int)offset - _reference.Count;
            Assert.InRange(survived, 0, unanswered.Length);
            foreach (ReferenceMessage message in unanswered[..survived]) _reference.Admit(message);
            _reference.Admit(new ReferenceMessage("probe"u8.ToArray(), 0, null));
        };
        _harness.Publish(TestMessage.Of("probe"));
        _harness.Publisher.OnConfirmed = AdmitConfirmed;
    }

    /// <summary>A delivery of a message that nobody was answered for says that it has survived, and all before it.</summary>
    private void LearnFrom(TestDelivery delivery)
    {
        while (delivery.Offset >= _reference.Count && _unanswered.Count > 0)
        {
            ulong first = _unanswered.Keys.Min();
            _unanswered.Remove(first, out ReferenceMessage? survivor);
            _reference.Admit(survivor!);
        }
    }

    private PartitionHarness Open(SimulatedFileSystem disk)
    {
        var harness = new PartitionHarness(disk, _time, settings: _settings, order: new Random(_random.Next()), borrowedFlushes: _random.Next(2));
        harness.Publisher.OnConfirmed = AdmitConfirmed;
        return harness;
    }

    private void AdmitConfirmed(ulong requestId, long offset)
    {
        Assert.Equal(_reference.Count, offset); // S-2, PUB-7
        Assert.True(_unanswered.Remove(requestId, out ReferenceMessage? message));
        _reference.Admit(message);
    }

    private void AssertAtRest()
    {
        // A step that the reference refused has parked the partition: its text is the reason.
        Assert.True(_harness.Partition.ParkedBecause is null, _harness.Partition.ParkedBecause);
        Assert.Empty(_harness.Publisher.Failed);
        foreach (Consumer consumer in _reference.Consumers.Where(static consumer => consumer.Subscription.AutoAck && consumer.SendsAtOnce))
            _reference.SettleSent(consumer);
        _reference.Settle();
        _reference.AssertNothingIsOwed();
    }

    /// <summary>In the end every message that is not settled is delivered and completed, and nothing comes after that.</summary>
    private void ConsumeEverything()
    {
        RemoveConsumers(static _ => true);
        var last = new Consumer(_harness.Partition, int.MaxValue, autoAck: false);
        last.OnDelivery = delivery =>
        {
            _reference.Settle();
            _reference.Deliver(last, delivery);
        };
        _reference.Consumers.Add(last);
        Assert.True(_harness.Partition.TryPost(new SubscribeCommand(last.Subscription)));
        _time.Advance(TimeSpan.FromSeconds(20)); // every delay is over, no lease is
        _reference.Settle();
        _harness.Run();
        foreach (TestDelivery delivery in last.Deliveries.ToArray())
        {
            _reference.Complete(last, delivery.Tag);
            _harness.Settle(last, delivery.Tag, SettleKind.Complete);
        }

        AssertAtRest();
        Assert.Empty(_reference.Leased);
    }

    private T Pick<T>(List<T> from) => from[_random.Next(from.Count)];
}
