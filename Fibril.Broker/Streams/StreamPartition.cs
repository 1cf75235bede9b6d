using System.Collections.Concurrent;
using System.Threading.Channels;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// One turn, in this order: accept publishes and get the disk going; answer for what the disk has; look at what readers have acknowledged;
// deliver; write cursors down; drop what need not be kept; send. Each step is in a file of its own. Everything but the members that say
// otherwise runs on the loop.

/// <summary>One partition of a stream: takes records in, makes them as durable as its tier says, and shows each of them to every reader.</summary>
internal sealed partial class StreamPartition : PartitionLoop, ILogObserver, IPublishTarget, ISlotPartition
{
    private const int CommandLaneCapacity = 1024;
    private const int CommandsPerTurn = 256;

    private readonly StreamEnvironment _environment;
    private readonly string _directory;
    private readonly StreamCell _settings;
    private readonly IStreamHost _host;
    private readonly Durability _tier;
    private readonly PublishLane _publishes = new(MaxUnwrittenBytes);
    private readonly Channel<StreamCommand> _commands = Channel.CreateBounded<StreamCommand>(CommandLaneCapacity);
    private readonly ConcurrentQueue<StreamSubscription> _signals = new();
    private readonly DeadlineScheduler.Entry _deadline;
    private readonly List<ISessionOutput> _unsent = [];
    private SegmentedLog _log = null!;
    private SegmentedLog _events = null!;
    private string? _parkedBecause;
    private Moment _now;

    private StreamPartition(
        StreamEnvironment environment, PartitionId id, string directory, StreamCell settings, IStreamHost host)
        : base(environment.Work)
    {
        _environment = environment;
        _directory = directory;
        _settings = settings;
        _host = host;
        _tier = settings.Value.Tier;
        _deadline = environment.Deadlines.Register(this);
        var template = new DeliverTemplate(id, isSpeculative: _tier == Durability.Speculative);
        _live = new LiveRing(template, environment.TailCache, environment.Options.LiveBytes);
        _catchUp = new CatchUpImages(template);
        _readWork = new ReadWork(this);
        Id = id;
    }

    public PartitionId Id { get; }

    /// <summary>What the stream was declared with. Thread-safe.</summary>
    public StreamSettings Settings => _settings.Value;

    /// <summary>Why the partition serves nobody, as the text of an error; null while it serves. Thread-safe.</summary>
    public string? ParkedBecause => Volatile.Read(ref _parkedBecause);

    /// <summary>The damage that the partition is parked for; null for another reason. Valid once <see cref="ParkedBecause"/> is set.</summary>
    public LogDamagedException? Damage { get; private set; }

    /// <summary>Why it answers no question now; null when it does. Thread-safe.</summary>
    internal string? NotServingBecause => ParkedBecause ?? OutageText;

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
    public bool TryPost(StreamCommand command)
    {
        if (!_commands.Writer.TryWrite(command)) return false;
        Wake(mayRunHere: true);
        return true;
    }

    /// <summary>Hands over a command, waiting for room in the lane. Thread-safe.</summary>
    public async ValueTask PostAsync(StreamCommand command, CancellationToken cancellationToken)
    {
        await _commands.Writer.WriteAsync(command, cancellationToken);
        Wake(mayRunHere: true);
    }

    /// <summary>Notes that a reader has processed a record, and by that all before it (P-17). What was not delivered is ignored. Thread-safe.</summary>
    public void Acknowledge(StreamSubscription subscription, long offset)
    {
        if (subscription.NoteAcked(offset)) Signal(subscription, mayRunHere: false);
    }

    /// <summary>Says that there is something new about a subscription: room in its output, records sent or acknowledged. Thread-safe.</summary>
    public void Signal(StreamSubscription subscription, bool mayRunHere)
    {
        if (!subscription.Signal()) return;
        _signals.Enqueue(subscription);
        Wake(mayRunHere);
    }

    /// <summary>The settings were changed: looks at what need not be kept any more. Thread-safe.</summary>
    public void SettingsChanged()
    {
        Volatile.Write(ref _settingsChanged, true);
        Wake(mayRunHere: false);
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
        AcceptPublishes();
        bool moreCommands = ApplySignalsAndCommands();
        CompletePublishes();
        if (BeginOutageOnLogFault()) return true;

        FinishRead();
        FinishSearches();
        FinishSnapshot();
        if (_parkedBecause is not null) return true;
        bool moreToDeliver = Deliver();
        AdvanceSync();
        AdvanceRetention();
        AdvanceCursors();
        AdvanceSnapshot();
        AdvanceStop();

        _deadline.WakeBy(NextDeadline());
        return moreCommands || moreToDeliver || (HasRoomForPublish && !_publishes.IsEmpty);
    }

    private bool ApplySignalsAndCommands()
    {
        while (_signals.TryDequeue(out StreamSubscription? subscription)) ApplySignal(subscription);

        int count = 0;
        while (count++ < CommandsPerTurn && _commands.Reader.TryRead(out StreamCommand? command)) command.Apply(this);
        return count > CommandsPerTurn;
    }

    private long NextDeadline() => Math.Min(Math.Min(Upcoming(_syncDue), Upcoming(_cursorsDue)), Math.Min(Upcoming(_retentionDue), Upcoming(_readAgainAt)));

    /// <summary>A time to wake up at. What is due and could not be done waits for something that wakes the loop when it ends.</summary>
    private long Upcoming(long due) => due > _now.Timestamp ? due : long.MaxValue;

    private long After(TimeSpan interval) =>
        _now.Timestamp + (long)(interval.TotalSeconds * _environment.Time.TimestampFrequency);

    private void MarkUnsent(ISessionOutput output)
    {
        if (!_unsent.Contains(output)) _unsent.Add(output);
    }

    private void Send()
    {
        foreach (ISessionOutput output in _unsent) output.Flush();
        _unsent.Clear();
        FlushDeliveries();
    }

    /// <summary>Fail-stop: keeps the first fault and refuses everything from now on.</summary>
    private void Park(string because, Exception fault)
    {
        if (_parkedBecause is not null) return;
        string trace = FaultTrace.New();
        string text = $"Partition {Id} is out of service because {because.TrimEnd('.')}. {FaultTrace.Sentence(trace)} "
            + (fault is LogDamagedException
                ? "It is quarantined until an operator repairs it or restores its files."
                : "Its confirmed records are safe on disk; restart the broker to recover it, and look at its log first.");
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
            // Nothing is delivered any more, and cursors stay where they are written down.
        }

        int count = 0;
        while (count++ < CommandsPerTurn && _commands.Reader.TryRead(out StreamCommand? command)) command.Apply(this);
        DiscardRead();
        DiscardSearches();
        AbandonSnapshot();
        AdvanceStop();
        return count > CommandsPerTurn;
    }
}
