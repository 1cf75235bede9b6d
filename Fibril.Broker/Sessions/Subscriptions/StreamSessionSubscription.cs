using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Sessions.Output;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Subscriptions;

/// <summary>One stream subscription of a session: the bridge between its partition and the connection that asked for it.</summary>
/// <remarks>
/// It ends with that connection, or when the session moves on to another one (RES-7). It is remembered for a while all the same: what was
/// delivered through it may still be acknowledged.
/// </remarks>
internal sealed class StreamSessionSubscription : IStreamSink
{
    private readonly Action<StreamSessionSubscription> _closed;
    private StreamFeed? _feed;
    private int _isClosed;

    /// <param name="lease">What it subscribes to; ended when the subscription is forgotten.</param>
    /// <param name="id">Its number in the session.</param>
    /// <param name="slot">Tells its tags from those of the session's other subscriptions to the partition .</param>
    /// <param name="request">What the client asked for.</param>
    /// <param name="holder">Who it is, for operators.</param>
    /// <param name="closed">Called once when its partition ends it, on the partition's loop.</param>
    public StreamSessionSubscription(
        PartitionLease<StreamPartition> lease, ulong id, int slot, SubscribeStreamMessage request, string holder, Action<StreamSessionSubscription> closed)
    {
        _closed = closed;
        Lease = lease;
        Id = id;
        Slot = slot;
        Stream = new StreamSubscription(
            this, new StreamSubscriptionRequest(request.DurableName, request.Start, HeaderFilter.Of(request.Filter), request.AutoAck, holder));
    }

    /// <summary>Unique in the session over queues and streams, at least 1, never used again .</summary>
    public ulong Id { get; }

    /// <summary>When it began, by the timer clock.</summary>
    public required long StartedAt { get; init; }

    public int Slot { get; }

    public PartitionLease<StreamPartition> Lease { get; }

    public StreamPartition Partition => Lease.Partition;

    /// <summary>The partition's side of the subscription.</summary>
    public StreamSubscription Stream { get; }

    /// <summary>True when the subscription has ended, on whichever side: it gets no more deliveries. Thread-safe.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Moves the cursor past a record (STL-5). What an ephemeral or an auto-ack reader says changes nothing.</summary>
    public void Acknowledge(ulong tag)
    {
        if (Stream.Request is { AutoAck: false, DurableName: not null }) Partition.Acknowledge(Stream, StreamTags.OffsetOf(tag));
    }

    public int Deliver(DeliveryImage image, int first, int count) =>
        Volatile.Read(ref _feed) is { } feed ? feed.Output.Deliver(feed, image, first, count) : 0;

    public void Flush() => Volatile.Read(ref _feed)?.Output.Flush();

    /// <summary>From now on deliveries go to this connection. The caller sees to it that the client knows the subscription's id .</summary>
    public void Claim(FrameOutput output) => Volatile.Write(ref _feed, new StreamFeed(output, this));

    /// <summary>Ends the subscription and tells the client why.</summary>
    public void Closed(CloseReason reason, string text)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        Volatile.Read(ref _feed)?.Output.Push(new SubscriptionClosedMessage(Id, reason, text));
        _closed(this);
    }

    /// <summary>Ends the subscription; its cursor can still be moved by what it has delivered.</summary>
    public async ValueTask EndAsync()
    {
        Interlocked.Exchange(ref _isClosed, 1);
        if (Interlocked.Exchange(ref _feed, null) is not { } feed) return;
        feed.Stop();
        await Partition.PostAsync(new UnsubscribeStreamCommand(Stream), CancellationToken.None);
    }

    internal void SignalStream() => Partition.Signal(Stream, mayRunHere: false);
}
