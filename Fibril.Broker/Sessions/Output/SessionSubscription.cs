using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Delivery;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Output;

/// <summary>One queue subscription of a session: the bridge between its partition and its connection.</summary>
internal sealed class SessionSubscription : IDeliverySink
{
    private readonly FrameOutput _output;
    private ulong _writtenTag;
    private ulong _sendingTag;
    private bool _isListed;
    private int _isClosed;

    /// <param name="output">The connection's output.</param>
    /// <param name="lease">What it subscribes to; ended when the subscription is forgotten.</param>
    /// <param name="id">Its number in the session.</param>
    /// <param name="request">What the client asked for.</param>
    /// <param name="holder">Who it is, for operators.</param>
    public SessionSubscription(FrameOutput output, PartitionLease<QueuePartition> lease, ulong id, SubscribeMessage request, string holder)
    {
        _output = output;
        Lease = lease;
        Id = id;
        Request = request;
        Prefetch = Math.Max(1, request.Prefetch);
        Queue = new QueueSubscription(this, (int)Math.Min(Prefetch, int.MaxValue), request.AutoAck, holder);
        Frame = new DeliveryFrame(id, request.Topic, request.Group, request.Partition);
    }

    /// <summary>Unique in the session, at least 1, never used again .</summary>
    public ulong Id { get; }

    public PartitionLease<QueuePartition> Lease { get; }

    public QueuePartition Partition => Lease.Partition;

    /// <summary>What the client asked for, in its own spelling .</summary>
    public SubscribeMessage Request { get; }

    /// <summary>The prefetch in force: the one asked for, at least 1 .</summary>
    public uint Prefetch { get; }

    /// <summary>The partition's side of the subscription.</summary>
    public QueueSubscription Queue { get; }

    public DeliveryFrame Frame { get; }

    public bool TryDeliver(in Record record, ulong tag, int retries) => _output.TryDeliver(this, record, tag, retries);

    public void Flush() => _output.Flush();

    /// <summary>True when the subscription has ended, on whichever side: it gets no more deliveries. Thread-safe.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Ends the subscription; true for the one call that does. Deliveries written from then on are refused. Thread-safe.</summary>
    public bool TryClose() => Interlocked.Exchange(ref _isClosed, 1) == 0;

    public void Closed(CloseReason reason, string text)
    {
        if (TryClose()) _output.Push(new SubscriptionClosedMessage(Id, reason, text));
    }

    /// <summary>Under the output's lock: notes a delivery; true when the subscription must be told once it was sent.</summary>
    internal bool NoteWritten(ulong tag)
    {
        _writtenTag = tag;
        if (!Queue.AutoAck || _isListed) return false;
        return _isListed = true;
    }

    /// <summary>Under the output's lock: what was written until now is in the flush that starts.</summary>
    internal void NoteSending()
    {
        _sendingTag = _writtenTag;
        _isListed = false;
    }

    internal void NoteSent()
    {
        Queue.SentThrough = _sendingTag;
        Partition.Signal(Queue, mayRunHere: false);
    }

    internal void SignalRoom() => Partition.Signal(Queue, mayRunHere: false);
}
