using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client;

public sealed partial class FibrilClient
{
    /// <summary>Makes a publisher, to a queue or to a stream. Sends nothing.</summary>
    /// <param name="topic">Topic: 1 to 128 characters of <c>a-z 0-9 . _ -</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The topic or the group is no name; the message says why.</exception>
    public Publisher CreatePublisher(string topic, PublisherOptions? options = null)
    {
        options ??= new PublisherOptions();
        return new Publisher(this, QueueAddress.Create(topic, options.Group), options);
    }

    /// <summary>Makes a publisher that sends each message until it is confirmed. Sends nothing.</summary>
    /// <param name="topic">Topic: 1 to 128 characters of <c>a-z 0-9 . _ -</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The topic or the group is no name, or an option makes no sense; the message says why.</exception>
    public ReliablePublisher CreateReliablePublisher(string topic, ReliablePublisherOptions? options = null)
    {
        options ??= new ReliablePublisherOptions();
        return new ReliablePublisher(CreatePublisher(topic, options.ToPublisherOptions()), options.CheckedMaxInFlight());
    }

    /// <summary>Receives from a queue, from every partition that is known, and from those that come later.</summary>
    /// <param name="topic">Topic of the queue.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting for the brokers.</param>
    /// <returns>A subscription to which the brokers already deliver.</returns>
    /// <exception cref="ArgumentException">The topic or the group is no name; the message says why.</exception>
    /// <exception cref="FibrilServerException">A broker refused, for instance a second subscription of this client to the queue.</exception>
    /// <exception cref="FibrilRedirectLimitException">The brokers do not agree on who owns a partition.</exception>
    /// <exception cref="FibrilConnectionException">A connection is gone and could not be made again.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public Task<Subscription> SubscribeAsync(
        string topic, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = (options ?? new SubscribeOptions()).Validated();
        return StartAsync(options.ToSpec(QueueAddress.Create(topic, options.Group)), cancellationToken);
    }

    /// <summary>Reads a stream, from every partition that is known, and from those that come later.</summary>
    /// <param name="topic">Topic of the stream.</param>
    /// <param name="options">Null for the defaults: new records only.</param>
    /// <param name="cancellationToken">Gives up waiting for the brokers.</param>
    /// <returns>A subscription to which the brokers already deliver.</returns>
    /// <exception cref="ArgumentException">The topic is no name, or an option makes no sense; the message says why.</exception>
    /// <exception cref="FibrilServerException">A broker refused, for instance because no such stream was declared.</exception>
    /// <exception cref="FibrilRedirectLimitException">The brokers do not agree on who owns a partition.</exception>
    /// <exception cref="FibrilConnectionException">A connection is gone and could not be made again.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public Task<Subscription> SubscribeStreamAsync(
        string topic, StreamSubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync((options ?? new StreamSubscribeOptions()).Validated().ToSpec(QueueAddress.Create(topic, group: null)), cancellationToken);

    /// <summary>Creates a queue, or changes what is given of an existing one.</summary>
    /// <param name="topic">Topic of the queue.</param>
    /// <param name="declaration">Null to leave everything to the broker.</param>
    /// <param name="cancellationToken">Gives up waiting for the broker.</param>
    /// <returns>The number of partitions that the queue has. Publishers use it from now on.</returns>
    /// <exception cref="ArgumentException">A name or a number is not allowed; the message says why.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance because the topic is a stream.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone and could not be made again.</exception>
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
        ThrowIfDisposed();
        await EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
        FibrilConnection connection = await _pool.ConnectHomeAsync(cancellationToken).ConfigureAwait(false);
        DeclareQueueOkMessage reply = await connection
            .RequestAsync(message, new Request<DeclareQueueOkMessage>($"the declaration of {queue}"), cancellationToken).ConfigureAwait(false);
        _context.Topology.NoteDeclared(queue, ChannelKind.Queue, reply.PartitionCount);
        return (int)Math.Max(1, reply.PartitionCount);
    }

    /// <summary>Creates a stream, or changes the retention and the copies of an existing one.</summary>
    /// <param name="topic">Topic of the stream.</param>
    /// <param name="declaration">Null for a durable stream that keeps everything.</param>
    /// <param name="cancellationToken">Gives up waiting for the broker.</param>
    /// <returns>The number of partitions that the stream has. Publishers use it from now on.</returns>
    /// <exception cref="ArgumentException">A name or a number is not allowed; the message says why.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance because the topic is a queue.</exception>
    /// <exception cref="FibrilConnectionException">The connection is gone and could not be made again.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public async Task<int> DeclareStreamAsync(
        string topic, StreamDeclaration? declaration = null, CancellationToken cancellationToken = default)
    {
        QueueAddress stream = QueueAddress.Create(topic, group: null);
        DeclarePlexusMessage message = (declaration ?? new StreamDeclaration()).ToMessage(stream.Topic);
        ThrowIfDisposed();
        await EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
        FibrilConnection connection = await _pool.ConnectHomeAsync(cancellationToken).ConfigureAwait(false);
        DeclarePlexusOkMessage reply = await connection.RequestAsync(
            message, new Request<DeclarePlexusOkMessage>($"the declaration of stream '{topic}'"), cancellationToken).ConfigureAwait(false);
        _context.Topology.NoteDeclared(stream, ChannelKind.Stream, reply.PartitionCount);
        return (int)Math.Max(1, reply.PartitionCount);
    }

    /// <summary>Asks the broker that serves as home for a sign of life. Does not connect.</summary>
    /// <param name="cancellationToken">Gives up waiting for it.</param>
    /// <returns>Time from sending the question to receiving the answer.</returns>
    /// <exception cref="FibrilConnectionException">The connection is gone.</exception>
    /// <exception cref="FibrilTimeoutException">No answer within the operation timeout.</exception>
    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _pool.Home.Connection is { } connection
            ? connection.PingAsync(cancellationToken)
            : Task.FromException<TimeSpan>(new FibrilConnectionException("This client has not connected yet."));
    }

    private async Task<Subscription> StartAsync(SubscriptionSpec spec, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        await EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new Subscription(_services, spec, Forget);
        await subscription.StartAsync(cancellationToken).ConfigureAwait(false);
        if (Remember(subscription)) return subscription;
        await subscription.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(FibrilClient));
    }

    private bool Remember(IAsyncDisposable subscription)
    {
        lock (_gate) return _disposal is null && _subscriptions.Add(subscription);
    }

    private void Forget(IAsyncDisposable subscription)
    {
        lock (_gate) _subscriptions.Remove(subscription);
    }

    private static ArgumentOutOfRangeException TooSmall(string name, object? value, int least) =>
        new(name, value, $"{name} is {value}; use {least} or more.");
}
