using Fibril.Client.Connection;
using Fibril.Client.Consuming;
using Fibril.Client.Routing;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;

namespace Fibril.Client;

/// <summary>A client of one Fibril broker or cluster: publishers, subscriptions, declarations. Keep one per process. Thread-safe.</summary>
/// <remarks>
/// <para>
/// Holds one connection to each broker that it needs, which all publishers and most subscriptions share. The brokers say who owns what; the client
/// goes there.
/// </para>
/// <para>
/// A lost connection fails what waits for it. The next publish, declaration or subscription makes one attempt to connect again, and supervised
/// subscriptions, which is the default, come back by themselves. A client without any of them stays disconnected and does nothing.
/// </para>
/// </remarks>
public sealed partial class FibrilClient : IAsyncDisposable
{
    private readonly ClientContext _context;
    private readonly TopologyFetcher _fetcher;
    private readonly BrokerPool _pool;
    private readonly SubscriptionServices _services;
    private readonly Lock _gate = new();
    private readonly HashSet<IAsyncDisposable> _subscriptions = [];
    private Task? _disposal;

    private FibrilClient(FibrilClientOptions options)
    {
        _context = new ClientContext(options, options.LoggerFactory.CreateLogger<FibrilClient>());
        _fetcher = new TopologyFetcher(_context);
        _pool = new BrokerPool(_context, options.Endpoints(), _fetcher.CatchUp);
        _services = new SubscriptionServices(_context, _pool, _fetcher, () => new BrokerPool(_context, options.Endpoints()));
        _context.Topology.Replaced += _pool.Retire;
    }

    /// <summary>True while the connection to the broker that serves as home is there. Others may be lost meanwhile, or never have been needed.</summary>
    public bool IsConnected => _pool.Home.Live is not null;

    /// <summary>
    /// Cancelled when the connection that <see cref="IsConnected"/> speaks of is lost or the client is disposed, after everything that waited was
    /// told, and while there never was one. The next connection has another token.
    /// </summary>
    public CancellationToken Disconnected => _pool.Home.Connection?.Disconnected ?? new CancellationToken(canceled: true);

    /// <summary>Why the connection that <see cref="IsConnected"/> speaks of was lost; null while it is not.</summary>
    public FibrilException? DisconnectReason => _pool.Home.Connection?.Fault;

    internal TimeProvider Time => _context.Time;

    internal ClientContext Context => _context;

    internal BrokerPool Pool => _pool;

    internal TopologyFetcher Fetcher => _fetcher;

    internal RoutingTable Routing => _context.Topology.Current;

    /// <summary>Makes a new connection to the broker that serves as home, also when there is one, and says what became of the session.</summary>
    /// <param name="cancellationToken">Ends the waiting; the attempt goes on.</param>
    /// <returns>
    /// <see cref="ResumeOutcome.Resumed"/> when everything goes on as if nothing had happened. After every other outcome what was delivered before
    /// cannot be settled any more, and comes again.
    /// </returns>
    /// <exception cref="FibrilException">The attempt failed; a connection that was there still is.</exception>
    public Task<ResumeOutcome> ReconnectAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return IsOpen ? _pool.Home.ReconnectAsync(cancellationToken) : OpenForOutcomeAsync(cancellationToken);
    }

    /// <summary>Ends the subscriptions, sends what was accepted, and closes the connections. Can be called again.</summary>
    /// <remarks>Waits for a broker that does not read for up to 2 s. Calls that still wait for an answer fail.</remarks>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new ValueTask(_disposal ??= CloseAsync([.. _subscriptions]));
    }

    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposal) is not null, this);

    private async Task CloseAsync(IReadOnlyList<IAsyncDisposable> subscriptions)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        foreach (IAsyncDisposable subscription in subscriptions) await subscription.DisposeAsync().ConfigureAwait(false);
        _context.Topology.Replaced -= _pool.Retire;
        await _pool.DisposeAsync().ConfigureAwait(false);
        _context.Events.Close();
    }
}
