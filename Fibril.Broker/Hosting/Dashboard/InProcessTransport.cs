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
        (Pipe toServer, Pipe toClient) = (new Pipe(Options()), new Pipe(Options()));
        var connection = new InProcessConnection(new Duplex(toServer.Reader, toClient.Writer), new Duplex(toClient.Reader, toServer.Writer));
        try
        {
            await _arriving.Writer.WriteAsync(connection, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new HttpRequestException("The broker stops.");
        }

        return new PipeStream(toClient.Reader, toServer.Writer, connection.Close);
    }

    private static PipeOptions Options() => new(useSynchronizationContext: false);

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
