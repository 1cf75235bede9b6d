using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;

namespace Fibril.Client;

/// <summary>The messages of one queue, from all its partitions, as one sequence. Made by <see cref="FibrilClient.SubscribeAsync"/>.</summary>
/// <remarks>
/// <para>
/// One reader at a time; a later one goes on where the last one stopped. Order is kept within a partition. The sequence ends without an
/// error when the subscription or the client is disposed, with <see cref="FibrilSubscriptionClosedException"/> when the broker ends it, and
/// with <see cref="FibrilConnectionException"/> when the connection is lost; in the last two cases behind everything that had arrived.
/// </para>
/// <para>
/// A reader so slow that messages wait here longer than their lease will not see those: the broker has given them to someone else.
/// </para>
/// </remarks>
public sealed class Subscription : IAsyncEnumerable<ReceivedMessage>, IAsyncDisposable
{
    private readonly QueueAddress _queue;
    private readonly DeliveryQueue _deliveries;
    private readonly IReadOnlyList<SubscriptionLeg> _legs;
    private readonly FibrilConnection? _ownConnection;
    private readonly Action<Subscription> _forget;
    private int _isRead;
    private int _isDisposed;

    internal Subscription(
        QueueAddress queue,
        DeliveryQueue deliveries,
        IReadOnlyList<SubscriptionLeg> legs,
        FibrilConnection? ownConnection,
        Action<Subscription> forget)
    {
        _queue = queue;
        _deliveries = deliveries;
        _legs = legs;
        _ownConnection = ownConnection;
        _forget = forget;
    }

    /// <summary>Topic of the queue.</summary>
    public string Topic => _queue.Topic;

    /// <summary>Namespace of the queue; null for none.</summary>
    public string? Group => _queue.Group;

    /// <summary>Partitions that the subscription receives from: those known when it was made.</summary>
    public int PartitionCount => _legs.Count;

    /// <summary>True while its own connection is not read, because what has arrived was not read.</summary>
    internal bool HoldsUpItsConnection => _ownConnection is { WaitsForReader: true };

    /// <summary>Starts reading.</summary>
    /// <param name="cancellationToken">Ends the waiting for the next message with <see cref="OperationCanceledException"/>; loses none.</param>
    /// <exception cref="InvalidOperationException">Another reader has not stopped yet.</exception>
    public IAsyncEnumerator<ReceivedMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _isRead, 1) == 0
            ? new Reader(this, cancellationToken)
            : throw new InvalidOperationException("This subscription is being read already; one reader at a time.");

    /// <summary>Ends the sequence and forgets what had arrived and was not read. Can be called again.</summary>
    /// <remarks>
    /// The protocol cannot unsubscribe. Unless the subscription has a connection of its own, the broker keeps up to the prefetch of messages
    /// assigned to it, lease after lease, until the client is disposed or subscribes to the queue again. Messages that were read can still be
    /// settled while the connection lasts.
    /// </remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _deliveries.Close();
            foreach (SubscriptionLeg leg in _legs) leg.Connection.Abandon(leg);
            _forget(this);
        }

        if (_ownConnection is not null) await _ownConnection.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Reader(Subscription subscription, CancellationToken cancellationToken) : IAsyncEnumerator<ReceivedMessage>
    {
        private bool _hasStopped;

        public ReceivedMessage Current => subscription._deliveries.Current!;

        public ValueTask<bool> MoveNextAsync() => subscription._deliveries.MoveNextAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            if (!_hasStopped) Volatile.Write(ref subscription._isRead, 0);
            _hasStopped = true;
            return ValueTask.CompletedTask;
        }
    }
}
