using Fibril.Client.Connection;
using Fibril.Client.Consuming;

namespace Fibril.Client;

/// <summary>
/// The messages of one queue or the records of one stream, from all partitions, as one sequence. Made by <see cref="FibrilClient.SubscribeAsync"/>
/// and <see cref="FibrilClient.SubscribeStreamAsync"/>.
/// </summary>
/// <remarks>
/// <para>
/// One reader at a time; a later one goes on where the last one stopped. Order is kept within a partition. A supervised subscription, which is
/// the default, survives lost connections, brokers that restart and partitions that move: it subscribes again by itself, and the sequence goes on.
/// What was delivered and not settled before comes again; settling the earlier delivery fails with <see cref="FibrilStaleDeliveryException"/>
/// unless the broker kept the session.
/// </para>
/// <para>
/// The sequence ends without an error when the subscription or the client is disposed, and otherwise with the one error that
/// <see cref="Completion"/> has too, behind everything that had arrived: <see cref="FibrilSubscriptionClosedException"/> when the broker ended
/// it, <see cref="FibrilConnectionException"/> when the connection is lost for good, <see cref="FibrilServerException"/> when a broker refused to
/// take it back.
/// </para>
/// <para>
/// A reader so slow that messages wait here longer than their lease will not see those: the broker has given them to someone else.
/// </para>
/// </remarks>
public sealed class Subscription : IAsyncEnumerable<ReceivedMessage>, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly DeliveryQueue _deliveries;
    private readonly FanIn _fanIn;
    private readonly ClientContext _context;
    private readonly Action<Subscription> _forget;
    private readonly TaskCompletionSource<SubscriptionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _disposal;
    private int _isRead;

    internal Subscription(SubscriptionServices services, SubscriptionSpec spec, Action<Subscription> forget)
    {
        _deliveries = new DeliveryQueue(capacity: 0, canDrop: spec.IsLeased);
        _fanIn = new FanIn(services, spec, _deliveries, End);
        _context = services.Context;
        _forget = forget;
    }

    /// <summary>Topic of the queue or stream.</summary>
    public string Topic => _fanIn.Spec.Channel.Topic;

    /// <summary>Namespace of the queue; null for none.</summary>
    public string? Group => _fanIn.Spec.Channel.Group;

    /// <summary>What is received from.</summary>
    public ChannelKind Kind => _fanIn.Spec.Kind;

    /// <summary>Partitions that the subscription receives from; follows a live grow or shrink within seconds.</summary>
    public int PartitionCount => _fanIn.PartitionCount;

    /// <summary>Completes when no more messages will arrive, and says why. What has arrived can still be read. Never fails.</summary>
    public Task<SubscriptionEnd> Completion => _completion.Task;

    /// <summary>True while its own connection is not read, because what has arrived was not read.</summary>
    internal bool HoldsUpItsConnection => _fanIn.HoldsUpItsConnections;

    /// <summary>Starts reading.</summary>
    /// <param name="cancellationToken">Ends the waiting for the next message with <see cref="OperationCanceledException"/>; loses none.</param>
    /// <exception cref="InvalidOperationException">Another reader has not stopped yet.</exception>
    public IAsyncEnumerator<ReceivedMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _isRead, 1) == 0
            ? new DeliveryReader(_deliveries, _context, () => Volatile.Write(ref _isRead, 0), cancellationToken)
            : throw new InvalidOperationException("This subscription is being read already; one reader at a time.");

    /// <summary>Ends the sequence and forgets what had arrived and was not read. Can be called again.</summary>
    /// <remarks>
    /// The protocol cannot unsubscribe. Unless the subscription has a connection of its own, the broker keeps up to the prefetch of messages
    /// assigned to it, lease after lease, until the client is disposed, reconnects, or subscribes to the queue again. Messages that were read can
    /// still be settled while the connection lasts.
    /// </remarks>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync());
    }

    /// <summary>Attaches to all partitions that are known.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await _fanIn.StartAsync(cancellationToken).ConfigureAwait(false);
        _deliveries.Open();
    }

    private void End(FibrilException? cause)
    {
        _deliveries.End(cause);
        _completion.TrySetResult(new SubscriptionEnd(cause));
    }

    private async Task CloseAsync()
    {
        _deliveries.Close();
        _forget(this);
        await _fanIn.DisposeAsync().ConfigureAwait(false);
    }
}
