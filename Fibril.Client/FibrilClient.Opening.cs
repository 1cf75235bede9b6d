using Fibril.Client.Connection;
using Fibril.Client.Routing;
using Fibril.Protocol;

namespace Fibril.Client;

// Routing starts with the first connection: before it nobody knows how many partitions a queue has, so nothing is routed before it.
public sealed partial class FibrilClient
{
    private Task _opening = Task.FromException(new InvalidOperationException("Not begun."));
    private bool _isOpen;

    /// <summary>False until the first connection was made and asked for the topology.</summary>
    internal bool IsOpen => Volatile.Read(ref _isOpen);

    /// <summary>Makes a client that connects when it is first needed: by a publish, a declaration, a subscription or <see cref="OpenAsync"/>.</summary>
    /// <param name="options">Copied.</param>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    public static FibrilClient Create(FibrilClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FibrilClient(options.Validated());
    }

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
    /// <returns>A client that is connected, signed in, and knows the channels of the broker if it told them within 5 s.</returns>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to write.</exception>
    /// <inheritdoc cref="OpenAsync" path="/exception"/>
    public static async Task<FibrilClient> ConnectAsync(FibrilClientOptions options, CancellationToken cancellationToken = default)
    {
        FibrilClient client = Create(options);
        try
        {
            await client.OpenAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects unless the broker that serves as home is connected.</summary>
    /// <param name="cancellationToken">Ends the waiting; the attempt goes on.</param>
    /// <returns>Completes when the client is connected, signed in, and knows the channels of the broker if it told them within 5 s.</returns>
    /// <exception cref="FibrilConnectionException">Nobody listens there, or the connection broke.</exception>
    /// <exception cref="FibrilServerException">The broker refused, for instance the credentials.</exception>
    /// <exception cref="FibrilProtocolException">What listens there is no Fibril broker.</exception>
    /// <exception cref="FibrilTimeoutException">It took longer than the connect timeout.</exception>
    public Task OpenAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        if (IsOpen) return _pool.ConnectHomeAsync(cancellationToken).AsTask();
        lock (_gate)
        {
            if (_opening.IsCompleted && !IsOpen) _opening = OpenFirstAsync();
            return _opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Connects if there never was a connection.</summary>
    internal ValueTask EnsureOpenAsync(CancellationToken cancellationToken) =>
        IsOpen ? ValueTask.CompletedTask : new ValueTask(OpenAsync(cancellationToken));

    private async Task OpenFirstAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // out of the lock
        FibrilConnection connection = await _pool.ConnectHomeAsync(CancellationToken.None).ConfigureAwait(false);
        await _fetcher.WarmUpAsync(connection, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _isOpen, true);
    }

    private async Task<ResumeOutcome> OpenForOutcomeAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken).ConfigureAwait(false);
        return _pool.Home.Connection!.Outcome;
    }
}
