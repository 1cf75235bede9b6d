using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Hosting.Dashboard;

/// <summary>
/// Connections from this process to itself, over pipes: the pages use the admin API as everybody does, without a socket, a certificate or a password of their own.
/// Thread-safe.
/// </summary>
internal sealed class InProcessTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // A handful: the client of the pages opens one for each request that is under way.
    private const int MostWaiting = 256;

    private readonly Channel<ConnectionContext> _arriving = Channel.CreateBounded<ConnectionContext>(MostWaiting);

    public bool CanBind(EndPoint endpoint) => endpoint is InProcessEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(endpoint, _arriving));

    /// <summary>Opens a connection.</summary>
    /// <exception cref="HttpRequestException">The web server has stopped.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var closed = new CancellationTokenSource();
        (Pipe toServer, Pipe toClient) = (new Pipe(Options()), new Pipe(Options()));
        var connection = new Connection($"{InProcessEndPoint.Name}-{Guid.NewGuid():N}", new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer))
        {
            ConnectionClosed = closed.Token,
        };
        connection.Features.Set(InProcessCall.Instance);
        try
        {
            await _arriving.Writer.WriteAsync(connection, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new HttpRequestException("The broker stops.");
        }

        return new PipeStream(toClient.Reader, toServer.Writer, closed);
    }

    private static PipeOptions Options() => new(useSynchronizationContext: false);

    private sealed class Connection(string id, IDuplexPipe transport, IDuplexPipe application) : DefaultConnectionContext(id, transport, application)
    {
        /// <summary>Does nothing: the web server completes its ends of the pipes, and the client sees that.</summary>
        /// <remarks>The base would cancel, on another thread, what it disposes of; when the disposal comes first, that ends the process.</remarks>
        public override void Abort(ConnectionAbortedException abortReason)
        {
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Listener(EndPoint endpoint, Channel<ConnectionContext> arriving) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await arriving.Reader.WaitToReadAsync(cancellationToken) && arriving.Reader.TryRead(out ConnectionContext? connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            arriving.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}

/// <summary>Marks connections of this process: what such a request says of the browser behind it can be believed.</summary>
internal sealed class InProcessCall
{
    public static InProcessCall Instance { get; } = new();

    private InProcessCall()
    {
    }
}
