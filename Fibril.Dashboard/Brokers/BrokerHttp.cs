using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fibril.Dashboard.Brokers;

/// <summary>Makes the clients of admin APIs.</summary>
public static class BrokerHttp
{
    /// <summary>How long an answer may take. Live events begin at once, and go on for as long as somebody listens.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <param name="address">Of the admin listener.</param>
    /// <param name="connect">Opens a connection; null for sockets.</param>
    /// <param name="authorities">Whom to trust; null for whom this machine trusts.</param>
    public static HttpClient Create(
        Uri address, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null, X509Certificate2Collection? authorities = null)
    {
        // The session is the browser's, and differs from request to request; a redirect means that nobody is logged in.
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, ConnectCallback = connect, ActivityHeadersPropagator = null };
        if (authorities is not null) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trusting(authorities) };
        return new HttpClient(handler) { BaseAddress = address, Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
