namespace Fibril.Dashboard.Brokers;

/// <summary>Makes the clients of admin APIs.</summary>
public static class BrokerHttp
{
    /// <summary>How long an answer may take to begin. Live events begin at once, and go on for as long as somebody listens.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <param name="address">Of the admin listener.</param>
    /// <param name="connect">Opens a connection; null for sockets.</param>
    public static HttpClient Create(Uri address, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        // The session is the browser's, and differs from request to request; a redirect means that nobody is logged in.
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, ConnectCallback = connect, ActivityHeadersPropagator = null };
        return new HttpClient(handler) { BaseAddress = address, Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }
}
