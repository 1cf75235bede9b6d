using System.Collections.Concurrent;
using System.Threading.Channels;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.State;
using Fibril.Broker.Queues.Storage;
using Fibril.Protocol;

namespace Fibril.Broker.Queues;

// One turn, in this order: accept publishes and get the disk going; answer for what became durable; settle; expire; deliver; write down
// what happened; send. Each step is in a file of its own. Everything but the members that say otherwise runs on the loop.
//
// Publishes and commands wait in two bounded lanes, so that a stalled disk fills the first and consumers keep settling through the
// second (M-67). They commute: a publish only adds messages, a settle only ends deliveries of messages that are there already.

/// <summary>One partition of a work queue: takes messages in, makes them durable, leases them to consumers, and settles them.</summary>
internal sealed partial class QueuePartition : PartitionLoop, ILogObserver, IPublishTarget, ISlotPartition
{
    private const int CommandLaneCapacity = 1024;
    private const int CommandsPerTurn = 256;

    private readonly QueueEnvironment _environment;
    private readonly string _directory;
    private readonly PublishLane _publishes = new(MaxUnwrittenMessageBytes);
    private readonly Channel<QueueCommand> _commands = Channel.CreateBounded<QueueCommand>(CommandLaneCapacity);
    private readonly ConcurrentQueue<QueueSubscription> _signals = new();
    private readonly QueueEventBatch _happened = new();
    private readonly QueueState _state;
    private readonly DeadlineScheduler.Entry _deadline;
    private readonly List<ISessionOutput> _unsent = [];
    private SegmentedLog _messages = null!;
    private SegmentedLog _events = null!;
    private readonly QueueCell _cell;
    private string? _parkedBecause;
    private Moment _now;

    private QueuePartition(
        QueueEnvironment environment, PartitionId id, string directory, QueueCell cell, IPartitionHost host)
        : base(environment.Work)
    {
        _environment = environment;
        _directory = directory;
        _cell = cell;
        _host = host;
        _cache = new RecordCache(environment.TailCache);
        _state = new QueueState(_happened);
        _deadline = environment.Deadlines.Register(this);
        _readWork = new ReadWork(this);
        Id = id;
    }

    public PartitionId Id { get; }

    /// <summary>What the queue was declared with. Thread-safe; a change applies to later decisions (M-45).</summary>
    public QueueSettings Settings => _cell.Settings;

    /// <summary>Why the partition serves nobody, as the text of an error; null while it serves. Thread-safe.</summary>
    public string? ParkedBecause => Volatile.Read(ref _parkedBecause);

    /// <summary>The damage that the partition is parked for; null for another reason. Valid once <see cref="ParkedBecause"/> is set.</summary>
    public LogDamagedException? Damage { get; private set; }

    /// <summary>Hands over a batch; false when the lane is full, and the caller keeps it. Thread-safe.</summary>
    public bool TryPost(PublishBatch batch)
    {
        if (!_publishes.TryWrite(batch)) return false;
        Wake(mayRunHere: true);
        return true;
    }

    /// <summary>Hands over a batch, waiting for room in the lane. Thread-safe.</summary>
    public async ValueTask PostAsync(PublishBatch batch, CancellationToken cancellationToken)
    {
        await _publishes.WriteAsync(batch, cancellationToken);
        Wake(mayRunHere: true);
    }

    /// <summary>Hands over a command; false when the lane is full, and the caller keeps it. Thread-safe.</summary>
    public bool TryPost(QueueCommand command)
    {
        if (!_commands.Writer.TryWrite(command)) return false;
        Wake(mayRunHere: true);
        return true;
    }

    /// <summary>Hands over a command, waiting for room in the lane. Thread-safe.</summary>
    public async ValueTask PostAsync(QueueCommand command, CancellationToken cancellationToken)
    {
        await _commands.Writer.WriteAsync(command, cancellationToken);
        Wake(mayRunHere: true);
    }

    /// <summary>Says that a subscription's output has room again, or that deliveries of it were sent. Thread-safe.</summary>
    public void Signal(QueueSubscription subscription, bool mayRunHere)
    {
        if (!subscription.Signal()) return;
        _signals.Enqueue(subscription);
        Wake(mayRunHere);
    }

    protected override void FlushRanHere(IFlushJob job, bool hasMore)
    {
        _environment.BorrowedFlushes.Return();
        if (hasMore) _environment.Log.Flusher.Schedule(job);
    }

    void ILogObserver.LogAdvanced(bool flushThreadIsBusy) => Wake(mayRunHere: !flushThreadIsBusy);

    void ILogObserver.FilesNotRemoved(Exception failure) => _environment.Logger.FilesNotRemoved(Id, failure);

    protected override bool Turn()
    {
        _now = Moment.Of(_environment.Time);
        try
        {
            bool more = _parkedBecause is not null ? RefuseAll() : _outage is { } outage ? ServeOutage(outage) : Serve();
            if (_parkedBecause is null) ShowGauges();
            Send();
            return more;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            bool isFirst = _parkedBecause is null;
            Park($"it met a fault that it does not know: {broken.Message}", broken);
            return isFirst;
        }
    }

    private bool Serve()
    {
        ApplyPolicy();
        ApplyPlan();
        AcceptPublishes();
        bool moreCommands = ApplySignalsAndCommands();
        CompletePublishes();
        if (BeginOutageOnLogFault()) return true;

        FinishRead();
        FinishSnapshot();
        FinishCompaction();
        AskAgain();
        if (_outage is not null) return true;
        bool moreDue = ExpireWhatIsDue();
        bool moreToCopy = AdvanceDeadLetters();
        bool moreToDeliver = Deliver();
        Volatile.Write(ref _pendingDeadLetters, _state.PendingCount);
        Volatile.Write(ref _activeCount, _state.ActiveCount);
        WriteEvents();
        AdvanceEventWaits();
        AdvanceSnapshot();
        AdvanceStop();

        _deadline.WakeBy(NextDeadline());
        return moreCommands || moreDue || moreToCopy || moreToDeliver || (HasRoomForPublish && !_publishes.IsEmpty);
    }

    private bool ApplySignalsAndCommands()
    {
        while (_signals.TryDequeue(out QueueSubscription? subscription)) ApplySignal(subscription);

        // A disk that takes no events must not let settlements pile up in memory instead.
        int count = 0;
        while (count++ < CommandsPerTurn && _events.UnwrittenBytes < MaxUnwrittenEventBytes && _commands.Reader.TryRead(out QueueCommand? command))
            command.Apply(this);

        return count > CommandsPerTurn;
    }

    private void MarkUnsent(ISessionOutput output)
    {
        if (!_unsent.Contains(output)) _unsent.Add(output);
    }

    private void Send()
    {
        foreach (ISessionOutput output in _unsent) output.Flush();
        _unsent.Clear();
    }

    /// <summary>Fail-stop: keeps the first fault and refuses everything from now on.</summary>
    private void Park(string because, Exception fault)
    {
        if (_parkedBecause is not null) return;
        string trace = FaultTrace.New();
        string text = $"Partition {Id} is out of service because {because.TrimEnd('.')}. {FaultTrace.Sentence(trace)} "
            + (fault is LogDamagedException
                ? "It is quarantined until an operator repairs it or restores its files."
                : "Its confirmed messages are safe on disk; restart the broker to recover it, and look at its log first.");
        Damage = fault as LogDamagedException;
        Volatile.Write(ref _parkedBecause, text);
        _environment.Logger.PartitionParked(Id, because, trace, fault);
        FailPublishes(ErrorCode.ServerFault, text);
        CloseSubscriptions(CloseReason.ServerError, text);
        if (Damage is { } damage) _host.Damaged(Id, damage);
    }

    private bool RefuseAll()
    {
        CompletePublishes();
        FailPublishes(ErrorCode.ServerFault, _parkedBecause!);
        while (_signals.TryDequeue(out _))
        {
            // Nothing is delivered any more.
        }

        int count = 0;
        while (count++ < CommandsPerTurn && _commands.Reader.TryRead(out QueueCommand? command)) command.Apply(this);
        DiscardRead();
        DiscardCopies();
        AnswerEventWaits();
        AbandonSnapshot();
        AbandonCompaction();
        AskAgain();
        AdvanceStop();
        return count > CommandsPerTurn;
    }
}
