using System.Collections.Concurrent;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Broker.Queues;

/// <summary>Something a session asks of a partition, carried out on its loop.</summary>
internal abstract class QueueCommand
{
    public abstract void Apply(QueuePartition partition);
}

/// <summary>Adds a consumer. Its SUBSCRIBE_OK is queued before this is posted .</summary>
/// <param name="subscription">The consumer.</param>
/// <param name="replaces">A subscription of the same session, whose leases it takes over; null for none .</param>
internal sealed class SubscribeCommand(QueueSubscription subscription, QueueSubscription? replaces = null) : QueueCommand
{
    public override void Apply(QueuePartition partition) => partition.Subscribe(subscription, replaces);
}

/// <summary>An auto-ack consumer has lost its connection: what was sent is settled, and the rest goes back to the others.</summary>
internal sealed class ReturnUnsentCommand(QueueSubscription subscription) : QueueCommand
{
    public override void Apply(QueuePartition partition) => partition.ReturnUnsent(subscription);
}

/// <summary>Ends a consumer: what it holds goes back to the others.</summary>
internal sealed class UnsubscribeCommand(QueueSubscription subscription) : QueueCommand
{
    public override void Apply(QueuePartition partition) => partition.Unsubscribe(subscription);
}

/// <summary>What a settle frame asks for.</summary>
internal enum SettleKind : byte
{
    Complete,
    Fail,
    Retry,
}

/// <summary>Settles a run of deliveries of one subscription. Pooled: returns itself when it was carried out.</summary>
internal sealed class SettleCommand : QueueCommand
{
    private static readonly ConcurrentQueue<SettleCommand> Pool = new();

    private readonly List<Entry> _entries = [];
    private QueueSubscription _subscription = null!;

    private SettleCommand()
    {
    }

    /// <summary>Where the deliveries came from, and the command goes.</summary>
    public QueuePartition Partition { get; private set; } = null!;

    public static SettleCommand Rent(QueuePartition partition, QueueSubscription subscription, long receivedAt)
    {
        if (!Pool.TryDequeue(out SettleCommand? command)) command = new SettleCommand();
        command.Partition = partition;
        command._subscription = subscription;
        command.ReceivedAt = receivedAt;
        return command;
    }

    /// <summary>Number of deliveries collected so far.</summary>
    public int Count => _entries.Count;

    /// <summary>When the first of them was received, as a timestamp of the partition's clock.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Adds a delivery; <paramref name="notBefore"/> is in Unix milliseconds and matters for a retry only.</summary>
    public void Add(ulong tag, SettleKind kind, long notBefore = 0) => _entries.Add(new Entry(tag, kind, notBefore));

    public override void Apply(QueuePartition partition)
    {
        foreach (Entry entry in _entries) partition.Settle(_subscription, entry.Tag, entry.Kind, entry.NotBefore);
        partition.NoteSettled(ReceivedAt);
        _entries.Clear();
        _subscription = null!;
        Partition = null!;
        Pool.Enqueue(this);
    }

    private readonly record struct Entry(ulong Tag, SettleKind Kind, long NotBefore);
}
