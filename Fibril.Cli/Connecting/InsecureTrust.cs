using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fibril.Cli.Output;

namespace Fibril.Cli.Connecting;

// The connection that follows pins what was seen, so that at least both are to the same.
/// <summary>Looks which certificate a server shows, and takes it for the right one.</summary>
internal static class InsecureTrust
{
    /// <returns>The settings with the fingerprint of the certificate that was shown.</returns>
    /// <exception cref="CliException">There is no TLS there.</exception>
    [SuppressMessage("Security", "CA5359", Justification = "It is what --insecure asks for; it warns, and what was shown is pinned.")]
    public static async Task<TlsSettings> PinAsync(TlsSettings tls, string host, int port, Talk talk, CancellationToken cancellationToken)
    {
        X509Certificate2? shown = null;
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, cancellationToken);
            await using var stream = new SslStream(socket.GetStream());
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = tls.ServerName ?? host,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        shown = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()); // that one is disposed with the stream
                        return true;
                    },
                },
                cancellationToken);
        }
        catch (Exception failure) when (shown is null && failure is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            throw new CliException(ExitCode.NotReachable, $"no TLS connection to {host}:{port}", "Leave --insecure and --tls out if the broker has no TLS.", failure);
        }

        talk.Insist(Warning($"{host}:{port}", shown));
        string? fingerprint = shown?.GetCertHashString(HashAlgorithmName.SHA256);
        shown?.Dispose();
        return tls with { Fingerprint = fingerprint, IsInsecure = false };
    }

    public static string Warning(string place, X509Certificate2? shown) =>
        $"WARNING: --insecure trusts whoever answers as {place}, and sends the password there. Pin the certificate that was shown instead: --fingerprint {shown?.GetCertHashString(HashAlgorithmName.SHA256)}";
}
