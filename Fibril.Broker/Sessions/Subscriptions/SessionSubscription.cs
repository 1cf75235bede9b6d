using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Sessions.Output;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Subscriptions;

/// <summary>One queue subscription of a session: the bridge between its partition and whichever connection the session has.</summary>
/// <remarks>
/// Without a feed it gets no deliveries: while its session has no connection, and after a resume until the client says that it still wants
/// it (RES-6). Its leases stay meanwhile. How it ends is remembered until the client can be told.
/// </remarks>
internal sealed class SessionSubscription : IDeliverySink
{
    private static readonly SubscriptionClosedMessage NothingToTell = new(0, CloseReason.Unspecified, "");

    private readonly Action? _ended;
    private readonly Action<SessionSubscription> _closed;
    private DeliveryFeed? _feed;
    private SubscriptionClosedMessage? _notice;
    private bool _isTold;

    /// <param name="lease">What it subscribes to; ended when the subscription is forgotten.</param>
    /// <param name="id">Its number in the session.</param>
    /// <param name="request">What the client asked for.</param>
    /// <param name="memberId">The cohort member it belongs to; null for one that competes.</param>
    /// <param name="holder">Who it is, for operators.</param>
    /// <param name="ended">Called once, when it ends, on whichever side and thread.</param>
    /// <param name="closed">Called behind that when its partition has ended it, on the partition's loop.</param>
    public SessionSubscription(
        PartitionLease<QueuePartition> lease, ulong id, SubscribeMessage request, Guid? memberId, string holder, Action? ended,
        Action<SessionSubscription> closed)
    {
        _ended = ended;
        _closed = closed;
        Lease = lease;
        Id = id;
        Request = request;
        Prefetch = Math.Max(1, request.Prefetch);
        Queue = new QueueSubscription(this, (int)Math.Min(Prefetch, int.MaxValue), request.AutoAck, holder) { MemberId = memberId };
        Frame = new DeliveryFrame(id, request.Topic, request.Group, request.Partition);
    }

    /// <summary>Unique in the session, at least 1, never used again .</summary>
    public ulong Id { get; }

    /// <summary>When it began, by the timer clock.</summary>
    public required long StartedAt { get; init; }

    public PartitionLease<QueuePartition> Lease { get; }

    public QueuePartition Partition => Lease.Partition;

    /// <summary>What the client asked for, in its own spelling .</summary>
    public SubscribeMessage Request { get; }

    /// <summary>The prefetch in force: the one asked for, at least 1 .</summary>
    public uint Prefetch { get; }

    /// <summary>The partition's side of the subscription.</summary>
    public QueueSubscription Queue { get; }

    public DeliveryFrame Frame { get; }

    /// <summary>True while deliveries go to a connection. Thread-safe.</summary>
    public bool IsClaimed => Volatile.Read(ref _feed) is not null;

    /// <summary>True when the subscription has ended, on whichever side: it gets no more deliveries. Thread-safe.</summary>
    public bool IsClosed => Volatile.Read(ref _notice) is not null;

    public bool TryDeliver(in Record record, ulong tag, int retries) =>
        Volatile.Read(ref _feed) is { } feed && feed.TryDeliver(record, tag, retries);

    public void Flush() => Volatile.Read(ref _feed)?.Output.Flush();

    /// <summary>Ends the subscription without a word. Deliveries written from then on are refused. Thread-safe.</summary>
    public void Close() => TryClose(NothingToTell);

    /// <summary>Ends the subscription and tells the client why, as soon as it has a connection that knows the subscription.</summary>
    public void Closed(CloseReason reason, string text)
    {
        if (!TryClose(new SubscriptionClosedMessage(Id, reason, text))) return;
        Tell();
        _closed(this);
    }

    /// <summary>From now on deliveries go to this connection. The caller sees to it that the client knows the subscription's id .</summary>
    public void Claim(FrameOutput output)
    {
        // Whoever comes second, this or the end, sees the other: that one tells.
        Interlocked.Exchange(ref _feed, new DeliveryFeed(output, this));
        Tell();
        SignalRoom();
    }

    /// <summary>True when the subscription has ended and the client is to be told why. Thread-safe.</summary>
    public bool IsUntold => Volatile.Read(ref _notice) is { } notice && !ReferenceEquals(notice, NothingToTell) && !Volatile.Read(ref _isTold);

    /// <summary>Why the subscription has ended, for one who tells the client; null while it goes on, and when it was told. Thread-safe.</summary>
    public SubscriptionClosedMessage? TakeNotice() =>
        IsUntold && !Interlocked.Exchange(ref _isTold, true) ? Volatile.Read(ref _notice) : null;

    /// <summary>From now on there are no deliveries, until somebody claims it. An auto-ack subscription gives back what was not sent.</summary>
    public async ValueTask DetachAsync()
    {
        if (Interlocked.Exchange(ref _feed, null) is not { } feed) return;
        feed.Stop();
        if (Queue.AutoAck) await Partition.PostAsync(new ReturnUnsentCommand(Queue), CancellationToken.None);
    }

    private bool TryClose(SubscriptionClosedMessage notice)
    {
        if (Interlocked.CompareExchange(ref _notice, notice, null) is not null) return false;
        _ended?.Invoke();
        return true;
    }

    private void Tell()
    {
        if (Volatile.Read(ref _feed) is { } feed && TakeNotice() is { } notice) feed.Output.Push(notice);
    }

    internal void SignalRoom() => Partition.Signal(Queue, mayRunHere: false);
}
