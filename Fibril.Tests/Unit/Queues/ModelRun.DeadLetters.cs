using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Policies and limits change, the target is there or not, and somebody sees everything that arrives in it.
internal sealed partial class ModelRun
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly DeadLetterTargets _host = new();
    private readonly Dictionary<long, DeadLetter> _arrived = [];
    private readonly HashSet<long> _unsettledInTarget = [];
    private readonly List<DeadLetter> _unjudged = [];
    private Consumer _observer = null!;
    private int _settledByObserver;
    private bool _isBlocked;
    private DateTimeOffset _copiesOwedFrom;

    /// <summary>True while the target does not take copies, or did not a short time ago.</summary>
    private bool CopiesMayWait => _isBlocked || _time.GetUtcNow() < _copiesOwedFrom;

    private void Declare()
    {
        DeadLetterPolicy? policy = _random.Next(6) switch
        {
            0 => null,
            1 => DeadLetterPolicy.Discard,
            < 4 => DeadLetterPolicy.Global,
            _ => DeadLetterScenario.ToTarget,
        };
        _settings = new QueueSettings(_random.Next(3) == 0 ? null : _random.Next(0, 4), null, policy)
        {
            MaxMessages = _random.Next(3) == 0 ? _random.Next(3, 30) : null,
            MaxBytes = _random.Next(4) == 0 ? _random.Next(1000, 20_000) : null,
            Overflow = (OverflowPolicy)_random.Next(2),
        };
        _doing = $"declare {_settings}";
        ApplySettings();
    }

    /// <summary>Another global target, or none, or another policy of the target.</summary>
    private void ChangeRoute()
    {
        _host.Global = _random.Next(5) switch
        {
            0 => null,
            1 => PartitionHarness.Id.Queue,
            _ => DeadLetterScenario.TargetId.Queue,
        };
        bool leadsBack = _random.Next(3) == 0;
        _doing = $"route to {_host.Global}{(leadsBack ? ", which leads back" : "")}";
        if (leadsBack) _host.Policies[DeadLetterScenario.TargetId.Queue] = DeadLetterPolicy.Custom("orders", null);
        else _host.Policies.Remove(DeadLetterScenario.TargetId.Queue);
        ApplySettings();
    }

    private void ApplySettings()
    {
        _reference.MaxRetries = _settings.MaxRetries;
        (_reference.MaxMessages, _reference.MaxBytes, _reference.Overflow) = (_settings.MaxMessages, _settings.MaxBytes, _settings.Overflow);
        _reference.Route(_settings.DeadLetterPolicy, _host.Global, _host.Policies.ContainsKey(DeadLetterScenario.TargetId.Queue));
        _source.Settings.Refresh(() => _settings);
        _source.Partition.DeadLetterRouteChanged();
        _operator.Run();
    }

    /// <summary>The target cannot be opened, or can be again.</summary>
    private void BlockTarget()
    {
        _isBlocked = !_isBlocked && _random.Next(2) == 0;
        _doing = $"the target {(_isBlocked ? "cannot" : "can")} be opened";
        _host.OnOpen = () =>
        {
            if (_isBlocked) throw new IOException("not now");
        };
    }

    /// <summary>A write or a sync of the target fails while copies are made: they may be there, and may not.</summary>
    private void FailTarget()
    {
        _doing = "fail a write or a sync of the target";
        FailNext(_target.Directory, () =>
        {
            PostSettlesOfSome();
            _operator.Run();
        });
        Assert.Null(_target.Partition.OutageText);
        _copiesOwedFrom = _time.GetUtcNow() + LongestPause;
        _reference.RepeatCopies();
    }

    private void ObserveTarget()
    {
        _settledByObserver = 0;
        _observer = new Consumer(_target.Partition, int.MaxValue, autoAck: false) { OnRecord = (in record) => Arrived(DeadLetter.Of(record)) };
        Assert.True(_target.Partition.TryPost(new SubscribeCommand(_observer.Subscription)));
    }

    private void Arrived(DeadLetter copy)
    {
        _unsettledInTarget.Remove(copy.Offset);
        if (_arrived.TryAdd(copy.Offset, copy))
        {
            _unjudged.Add(copy);
            return;
        }

        Assert.Equal(_arrived[copy.Offset].Text, copy.Text);
        Assert.Equal(_arrived[copy.Offset].Headers, copy.Headers);
    }

    private void JudgeCopies()
    {
        foreach (DeadLetter copy in _unjudged) _reference.Copied(copy, NowMs);
        _unjudged.Clear();
        if (_isBlocked) _copiesOwedFrom = _time.GetUtcNow() + LongestPause;
        if (_random.Next(4) == 0) SettleCopies();
    }

    /// <summary>So that the target does not grow for ever.</summary>
    private void SettleCopies()
    {
        if (_settledByObserver == _observer.Deliveries.Count) return;
        SettleCommand command = SettleCommand.Rent(_target.Partition, _observer.Subscription, receivedAt: 0);
        for (; _settledByObserver < _observer.Deliveries.Count; _settledByObserver++)
            command.Add(_observer.Deliveries[_settledByObserver].Tag, SettleKind.Complete);
        Assert.True(_target.Partition.TryPost(command));
        _operator.Run();
    }

    /// <summary>What was seen in the target and not settled will be seen there again by whoever comes next.</summary>
    private void ExpectCopiesAgain() =>
        _unsettledInTarget.UnionWith(_observer.Deliveries.Skip(_settledByObserver).Select(static delivery => delivery.Offset));
}
