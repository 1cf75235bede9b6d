using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client;

public sealed partial class FibrilClient
{
    /// <summary>Makes a publisher. Sends nothing.</summary>
    /// <param name="topic">Topic of the queue: 1 to 128 characters of <c>a-z 0-9 . _ -</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The topic or the group is no name; the message says why.</exception>
    public Publisher CreatePublisher(string topic, PublisherOptions? options = null)
    {
        options ??= new PublisherOptions();
        return new Publisher(this, QueueAddress.Create(topic, options.Group), options);
    }

    /// <summary>Receives from a queue, from every partition that is known.</summary>
    /// <param name="topic">Topic of the queue.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting for the broker.</param>
    /// <returns>A subscription to which the broker already delivers.</returns>
    /// <exception cref="ArgumentException">The topic or the group is no name; the message says why.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance a second subscription of this client to the queue.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public async Task<Subscription> SubscribeAsync(
        string topic, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? new SubscribeOptions()).Validated();
        QueueAddress queue = QueueAddress.Create(topic, options.Group);
        uint partitionCount = Routing.Find(queue).PartitionCount;
        FibrilConnection? own = null;
        if (options.AutoAck || options.OwnConnection)
        {
            ConnectionFor(queue, 0);
            own = await FibrilConnection.OpenAsync(_endpoint, _options, _topology, _logger, cancellationToken).ConfigureAwait(false);
        }

        var deliveries = new DeliveryQueue((int)Math.Min(int.MaxValue, (long)options.Prefetch * partitionCount), canDrop: !options.AutoAck);
        SubscriptionLeg[] legs = await AttachAsync(queue, partitionCount, options, deliveries, own, cancellationToken).ConfigureAwait(false);
        deliveries.Open();
        var subscription = new Subscription(queue, deliveries, legs, own, Forget);
        if (Remember(subscription)) return subscription;
        await subscription.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(FibrilClient));
    }

    /// <summary>Creates a queue, or changes what is given of an existing one.</summary>
    /// <param name="topic">Topic of the queue.</param>
    /// <param name="declaration">Null to leave everything to the broker.</param>
    /// <param name="cancellationToken">Gives up waiting for the broker.</param>
    /// <returns>The number of partitions that the queue has. Publishers use it from now on.</returns>
    /// <exception cref="ArgumentException">A name or a number is not allowed; the message says why.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance because the topic is a stream.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public async Task<int> DeclareQueueAsync(
        string topic, QueueDeclaration? declaration = null, CancellationToken cancellationToken = default)
    {
        declaration ??= new QueueDeclaration();
        QueueAddress queue = QueueAddress.Create(topic, declaration.Group);
        if (declaration.PartitionCount is < 1) throw TooSmall(nameof(QueueDeclaration.PartitionCount), declaration.PartitionCount, 1);
        if (declaration.MaxRetries is < 0) throw TooSmall(nameof(QueueDeclaration.MaxRetries), declaration.MaxRetries, 0);
        if (declaration.DefaultTimeToLive < TimeSpan.Zero)
            throw TooSmall(nameof(QueueDeclaration.DefaultTimeToLive), declaration.DefaultTimeToLive, 0);
        var message = new DeclareQueueMessage(
            queue.Topic,
            queue.Group,
            declaration.DeadLetterPolicy,
            (uint?)declaration.MaxRetries,
            (uint?)declaration.PartitionCount,
            declaration.DefaultTimeToLive is { } ttl ? (ulong)Math.Ceiling(ttl.TotalMilliseconds) : null);
        DeclareQueueOkMessage reply = await ConnectionFor(queue, 0)
            .RequestAsync(message, new Request<DeclareQueueOkMessage>($"the declaration of {queue}"), cancellationToken).ConfigureAwait(false);
        _topology.NoteDeclared(queue, reply.PartitionCount);
        return (int)Math.Max(1, reply.PartitionCount);
    }

    /// <summary>Asks the broker for a sign of life.</summary>
    /// <param name="cancellationToken">Gives up waiting for it.</param>
    /// <returns>Time from sending the question to receiving the answer.</returns>
    /// <exception cref="FibrilConnectionException">The connection is gone.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposal) is not null, this);
        return _connection.PingAsync(cancellationToken);
    }

    private async Task<SubscriptionLeg[]> AttachAsync(
        QueueAddress queue, uint partitionCount, SubscribeOptions options, DeliveryQueue deliveries, FibrilConnection? own,
        CancellationToken cancellationToken)
    {
        var legs = new Task<SubscriptionLeg>[partitionCount];
        try
        {
            for (uint partition = 0; partition < partitionCount; partition++)
            {
                FibrilConnection connection = own ?? ConnectionFor(queue, partition);
                legs[partition] = connection.SubscribeAsync(queue, partition, options, deliveries, cancellationToken);
            }

            return await Task.WhenAll(legs).ConfigureAwait(false);
        }
        catch
        {
            deliveries.Close();
            foreach (Task<SubscriptionLeg>? leg in legs)
            {
                if (leg is { IsCompletedSuccessfully: true }) leg.Result.Connection.Abandon(leg.Result);
            }

            if (own is not null) await own.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool Remember(Subscription subscription)
    {
        lock (_gate) return _disposal is null && _subscriptions.Add(subscription);
    }

    private void Forget(Subscription subscription)
    {
        lock (_gate) _subscriptions.Remove(subscription);
    }

    private static ArgumentOutOfRangeException TooSmall(string name, object? value, int least) =>
        new(name, value, $"{name} is {value}; use {least} or more.");
}
