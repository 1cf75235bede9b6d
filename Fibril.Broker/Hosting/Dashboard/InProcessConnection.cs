using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Fibril.Broker.Hosting.Dashboard;

/// <summary>The server's end of a connection from this process. It ends when either side wants it to, however often that is said, and also after it was disposed of.</summary>
/// <remarks>The framework's own context cancels, when it is aborted, what it may have disposed of meanwhile, on a pool thread where nobody catches that: it would end the process.</remarks>
internal sealed class InProcessConnection : DefaultConnectionContext
{
    private readonly CancellationTokenSource _closed = new(); // never disposed: it has no timer, and whoever is late may still end it

    public InProcessConnection(IDuplexPipe transport, IDuplexPipe application)
        : base($"{InProcessEndPoint.Name}-{Guid.NewGuid():N}", transport, application)
    {
        ConnectionClosed = _closed.Token;
        Features.Set(InProcessCall.Instance);
    }

    public override void Abort(ConnectionAbortedException abortReason) => Close();

    /// <summary>Tells the server that nobody is there any more.</summary>
    public void Close() => _ = _closed.CancelAsync();
}
