using System.Collections.Concurrent;
using System.Net;
using Fibril.Broker.Hosting;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Transport;
using Fibril.Testing.Disk;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Fibril.Testing;

/// <summary>One run of a broker: its core, its listener, and the connections it serves.</summary>
internal sealed class RunningBroker
{
    private static readonly TimeSpan BindTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BindRetryDelay = TimeSpan.FromMilliseconds(20);

    private readonly BrokerCore _core;
    private readonly IConnectionListener _listener;
    private readonly BrokerConnectionHandler _handler;
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly Task _accepting;
    private bool _hasEnded;

    private RunningBroker(BrokerCore core, IConnectionListener listener)
    {
        _core = core;
        _listener = listener;
        _handler = new BrokerConnectionHandler(core.Sessions, core.Connections);
        _accepting = AcceptAsync();
    }

    public BrokerCore Core => _core;

    public int Port => ((IPEndPoint)_listener.EndPoint).Port;

    public static async Task<RunningBroker> StartAsync(
        BrokerOptions options, MemoryDisk disk, IdleWatch threads, TimeProvider time, int port, ILoggerFactory loggers)
    {
        // Clients live in real time: what the test lets pass is no silence of theirs.
        var platform = new BrokerPlatform(disk, threads, threads, time, TimeProvider.System, BorrowedFlushes: 0);
        BrokerCore core = BrokerCore.Open(options, loggers, platform);
        SocketTransportFactory sockets = BrokerTransportFactory.CreateSockets(new SocketTransportOptions { IOQueueCount = 1 }, loggers);
        try
        {
            return new RunningBroker(core, await BindAsync(sockets, port).ConfigureAwait(false));
        }
        catch
        {
            core.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Listens on a port. While the broker is down its port is anybody's: an outgoing connection of this machine may have it for a moment, also one
    /// of a client that tries to come back. Then it is tried again.
    /// </summary>
    /// <exception cref="IOException">The port stays in use.</exception>
    internal static async Task<IConnectionListener> BindAsync(IConnectionListenerFactory sockets, int port)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await sockets.BindAsync(new IPEndPoint(IPAddress.Loopback, port)).ConfigureAwait(false);
            }
            catch (AddressInUseException taken) when (port != 0)
            {
                if (TimeProvider.System.GetElapsedTime(started) > BindTimeout)
                    throw new IOException($"Port {port} of the test broker was taken by somebody else while it was down.", taken);
                await Task.Delay(BindRetryDelay).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops as a broker does that is asked to: everything accepted is durable and answered.</summary>
    public async Task StopAsync()
    {
        if (_hasEnded) return; // it could not be started again
        await _listener.UnbindAsync().ConfigureAwait(false);
        await _core.StopAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Stops as a machine does that fails. Its disk is gone already.</summary>
    public async Task CrashAsync()
    {
        await _listener.UnbindAsync().ConfigureAwait(false);
        _core.Connections.Cut();
        _core.Connections.Release();
        await EndAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        _hasEnded = true;
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        _core.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync().ConfigureAwait(false) is { } connection)
        {
            Task serving = ServeAsync(connection);
            _serving[serving] = true;
            _ = serving.ContinueWith(
                static (served, all) => ((ConcurrentDictionary<Task, bool>)all!).TryRemove(served, out _),
                _serving, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _handler.OnConnectedAsync(connection).ConfigureAwait(false);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
