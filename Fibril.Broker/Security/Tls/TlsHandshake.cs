using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fibril.Broker.Security.Tls;

/// <summary>How a listener shakes hands: with the certificate of the moment, and with or without one of the client.</summary>
internal static class TlsHandshake
{
    /// <param name="certificates">What is served.</param>
    /// <param name="clients">What is asked of clients.</param>
    /// <param name="protocols">What is negotiated inside (ALPN); null to leave that to the listener, empty for nothing.</param>
    /// <param name="timeout">How long a handshake may take.</param>
    public static TlsHandshakeCallbackOptions For(
        Certificates certificates, ClientCertificates clients, List<SslApplicationProtocol>? protocols, TimeSpan timeout) => new()
        {
            HandshakeTimeout = timeout,
            OnConnection = _ => ValueTask.FromResult(OptionsFor(certificates.Current, clients, protocols)),
        };

    // Made for each connection: the runtime adds what the client sends to the policy.
    private static SslServerAuthenticationOptions OptionsFor(ServedCertificate served, ClientCertificates clients, List<SslApplicationProtocol>? protocols)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = served.Context,
            ApplicationProtocols = protocols,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, // TLS-1
            AllowRenegotiation = false,
        };
        if (clients == ClientCertificates.Off) return options;
        options.ClientCertificateRequired = true; // asked for; whether one has to come is decided below
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(served.ClientAuthorities!);
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            certificate is null ? clients == ClientCertificates.Request : errors == SslPolicyErrors.None;
        return options;
    }
}
