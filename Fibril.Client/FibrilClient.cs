using Fibril.Client.Connection;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;

namespace Fibril.Client;

/// <summary>A client of one Fibril broker: publishers, subscriptions, declarations. Keep one per process or broker. Thread-safe.</summary>
/// <remarks>
/// Holds one connection, which all publishers and most subscriptions share. When it is lost everything that waits fails, subscriptions end,
/// and the client stays disconnected: connect a new one.
/// </remarks>
public sealed partial class FibrilClient : IAsyncDisposable
{
    private static readonly TimeSpan TopologyTimeout = TimeSpan.FromSeconds(5);

    private readonly FibrilClientOptions _options;
    private readonly BrokerEndpoint _endpoint;
    private readonly ILogger _logger;
    private readonly TopologyCache _topology;
    private readonly FibrilConnection _connection;
    private readonly Lock _gate = new();
    private readonly HashSet<Subscription> _subscriptions = [];
    private Task? _disposal;

    private FibrilClient(
        FibrilClientOptions options, BrokerEndpoint endpoint, ILogger logger, TopologyCache topology, FibrilConnection connection)
    {
        _options = options;
        _endpoint = endpoint;
        _logger = logger;
        _topology = topology;
        _connection = connection;
    }

    /// <summary>True until the connection is lost or the client is disposed.</summary>
    public bool IsConnected => _connection.IsConnected;

    /// <summary>Cancelled when the connection is lost or the client is disposed, after everything that waited was told.</summary>
    public CancellationToken Disconnected => _connection.Disconnected;

    /// <summary>Why the connection was lost; null while it is not.</summary>
    public FibrilException? DisconnectReason => _connection.Fault;

    internal TimeProvider Time => _options.TimeProvider;

    internal RoutingTable Routing => _topology.Current;

    /// <summary>Connects with the default user, who is accepted from the broker's own machine only.</summary>
    /// <param name="endpoint"><c>host</c>, <c>host:port</c> or <c>[IPv6 address]:port</c>; the port is 9876 unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="ConnectAsync(FibrilClientOptions, CancellationToken)" path="/returns | /exception"/>
    public static Task<FibrilClient> ConnectAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        (string host, int port) = BrokerEndpoint.Parse(endpoint);
        return ConnectAsync(new FibrilClientOptions { Host = host, Port = port }, cancellationToken);
    }

    /// <summary>Connects.</summary>
    /// <param name="options">Copied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A client that is connected, signed in, and knows the queues of the broker if it told them within 5 s.</returns>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    /// <exception cref="FibrilConnectionException">Nobody listens there, or the connection broke.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance the credentials.</exception>
    /// <exception cref="FibrilProtocolException">What listens there is no Fibril broker.</exception>
    /// <exception cref="FibrilTimeoutException">It took longer than the connect timeout.</exception>
    public static async Task<FibrilClient> ConnectAsync(FibrilClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Validated();
        var endpoint = new BrokerEndpoint(options.Host, options.Port);
        ILogger logger = options.LoggerFactory.CreateLogger<FibrilClient>();
        var topology = new TopologyCache();
        FibrilConnection connection =
            await FibrilConnection.OpenAsync(endpoint, options, topology, logger, cancellationToken).ConfigureAwait(false);
        var client = new FibrilClient(options, endpoint, logger, topology, connection);
        try
        {
            await client.FetchTopologyAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends the subscriptions, sends what was accepted, and closes the connections. Can be called again.</summary>
    /// <remarks>Waits for a broker that does not read for up to 2 s. Calls that still wait for an answer fail.</remarks>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync([.. _subscriptions]));
    }

    /// <summary>The connection to the owner of a partition.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    internal FibrilConnection ConnectionFor(QueueAddress queue, uint partition)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposal) is not null, this);
        return _connection;
    }

    private async Task CloseAsync(IReadOnlyList<Subscription> subscriptions)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        foreach (Subscription subscription in subscriptions) await subscription.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Asks for partition counts, for a while; without them messages go to partition 0 (Q-31, HSH-3).</summary>
    private async Task FetchTopologyAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TopologyTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            TopologyOkMessage reply = await _connection.RequestAsync(
                new TopologyMessage(Topic: null, Group: null), new Request<TopologyOkMessage>("the topology"), either.Token)
                .ConfigureAwait(false);
            _topology.Apply(reply.Snapshot, out _);
        }
        catch (Exception failure) when (failure is FibrilServerException or FibrilTimeoutException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _logger.TopologyUnknown(_endpoint, failure.Message);
        }
    }
}
