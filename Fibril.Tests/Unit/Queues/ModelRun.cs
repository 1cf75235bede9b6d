using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Queues;

/// <summary>One random history of one partition and of the one that takes its dead letters.</summary>
internal sealed partial class ModelRun : IDisposable
{
    private const long LeaseMs = 30_000;

    // Past the interval after which settlements are synced.
    private static readonly TimeSpan SyncTime = TimeSpan.FromMilliseconds(60);

    private readonly int _seed;
    private readonly Random _random;
    private readonly FakeTimeProvider _time = new();
    private readonly ReferenceQueue _reference;
    private readonly Operator _operator;
    private QueueSettings _settings = QueueSettings.Default;
    private PartitionHarness _source = null!;
    private PartitionHarness _target = null!;
    private int _operation;
    private string _doing = "";

    public ModelRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _reference = new ReferenceQueue(() => NowMs, LeaseMs);
        _operator = new Operator(() => [_source, _target], _time, _random);
        Open(new SimulatedFileSystem());
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

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

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    private void RunOne()
    {
        Action work = _random.Next(120) switch
        {
            < 30 => Publish,
            < 38 => Subscribe,
            < 42 => Unsubscribe,
            < 72 => SettleOne,
            < 77 => RenewSome,
            < 89 => Advance,
            < 94 => ChangeRoom,
            < 99 => Declare,
            < 102 => ChangeRoute,
            < 105 => BlockTarget,
            < 107 => Purge,
            < 112 => RemoveSome,
            < 114 => FailTarget,
            < 116 => FailStorage,
            _ => Restart,
        };
        _doing = "";
        work();
        AssertAtRest();
    }

    private void Advance()
    {
        int ms = _random.Next(10) == 0 ? _random.Next(20_000, 40_000) : _random.Next(1, 400);
        _doing = $"advance {ms} ms";
        Advance(TimeSpan.FromMilliseconds(ms));
    }

    private void Advance(TimeSpan time)
    {
        _time.Advance(time);
        _reference.Settle();
        _operator.Run();
    }

    private void Open(SimulatedFileSystem disk)
    {
        _target = new PartitionHarness(disk, _time, host: _host, id: DeadLetterScenario.TargetId, order: new Random(_random.Next()));
        _host.Add(_target.Partition);
        ObserveTarget();
        _source = new PartitionHarness(
            disk, _time, settings: _settings, order: new Random(_random.Next()), borrowedFlushes: _random.Next(2), host: _host);
        _host.Add(_source.Partition);
        _source.Publisher.OnConfirmed = AdmitConfirmed;
        _source.OnPost = sizes => _accepted = _reference.Offer([.. sizes.Where((_, i) => !_isRepeat[i])]);
        _operator.Run();
    }

    private void AssertAtRest(bool looksAtAll = false)
    {
        _operator.Run();

        // A step that the reference refused has parked the partition: its text is the reason.
        Assert.True(_source.Partition.ParkedBecause is null, _source.Partition.ParkedBecause);
        Assert.True(_target.Partition.ParkedBecause is null, _target.Partition.ParkedBecause);
        Assert.Empty(_source.Publisher.Failed);
        foreach (Consumer consumer in _reference.Consumers.Where(static consumer => consumer.Subscription.AutoAck && consumer.SendsAtOnce))
            _reference.SettleSent(consumer);
        _reference.Settle();
        JudgeCopies();
        if (looksAtAll || _source.Partition.PendingDeadLetters > 0 || _random.Next(10) == 0) _reference.Adopt(Look().Active, CopiesMayWait);
        else _reference.FinishPending();
        Assert.Equal(_reference.ActiveCount, _source.Partition.ActiveCount);
        Assert.Equal(_reference.PendingCount, _source.Partition.PendingDeadLetters);
        Assert.Equal(_reference.AwaitsTarget, _source.Partition.AwaitsDeadLetterTarget);
        _reference.AssertNothingIsOwed();
    }

    /// <summary>What the engine says of its messages, and how many there have been.</summary>
    private (Dictionary<long, MessageState> Active, long End) Look()
    {
        InspectionSlice slice = _operator.Await(() =>
            _source.Partition.AskAsync(static partition => partition.Find(0, int.MaxValue - 1, StatusFilter.Active)));
        return (slice.States.ToDictionary(static state => state.Offset), slice.EndOffset);
    }

    /// <summary>In the end every message that is not settled is delivered and completed, and nothing comes after that.</summary>
    private void ConsumeEverything()
    {
        RemoveConsumers(static _ => true);
        AssertAtRest(); // by the policy that was
        _isBlocked = false;
        _settings = new QueueSettings(null, null, DeadLetterScenario.ToTarget);
        ApplySettings();
        Advance(TimeSpan.FromSeconds(31)); // every delay is over, and every pause
        AssertAtRest(looksAtAll: true);
        var last = new Consumer(_source.Partition, int.MaxValue, autoAck: false);
        last.OnDelivery = delivery => Delivered(last, delivery);
        _reference.Consumers.Add(last);
        Assert.True(_source.Partition.TryPost(new SubscribeCommand(last.Subscription)));
        _operator.Run();
        foreach (TestDelivery delivery in last.Deliveries.ToArray())
        {
            _reference.Complete(last, delivery.Tag);
            _source.Settle(last, delivery.Tag, SettleKind.Complete);
        }

        AssertAtRest(looksAtAll: true);
        Assert.Equal(0, _reference.ActiveCount);
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
