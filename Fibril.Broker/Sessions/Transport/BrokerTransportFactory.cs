using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fibril.Broker.Sessions.Transport;

/// <summary>Kestrel's socket transport, tuned for the broker listener and used for that one only.</summary>
internal sealed class BrokerTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets;
    private readonly BoundAddress _bound;

    public BrokerTransportFactory(IOptionsFactory<SocketTransportOptions> options, ILoggerFactory loggers, BoundAddress bound)
    {
        _sockets = CreateSockets(options.Create(Options.DefaultName), loggers);
        _bound = bound;
    }

    /// <summary>The transport by itself, for a broker without a web server.</summary>
    public static SocketTransportFactory CreateSockets(SocketTransportOptions tuned, ILoggerFactory loggers)
    {
        // A flush completes when the socket took the bytes: what was sent is known (M-70), and backpressure is counted in one place.
        tuned.MaxWriteBufferSize = 1;

        // Session code never blocks, so it runs where the socket's completion runs: no hop between threads per read or write.
        tuned.UnsafePreferInlineScheduling = true;
        return new SocketTransportFactory(Options.Create(tuned), loggers);
    }

    public bool CanBind(EndPoint endpoint) => endpoint is BrokerEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        IConnectionListener listener = await _sockets.BindAsync(endpoint, cancellationToken);
        _bound.Set((IPEndPoint)listener.EndPoint);
        return listener;
    }
}

/// <summary>Where the broker listener really listens, which with port 0 is known only once it does. Thread-safe.</summary>
internal sealed class BoundAddress
{
    private IPEndPoint? _address;

    public IPEndPoint? Value => Volatile.Read(ref _address);

    public void Set(IPEndPoint address) => Volatile.Write(ref _address, address);
}
