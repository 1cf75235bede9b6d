using System.ComponentModel;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fibril.Client.Routing;

namespace Fibril.Client.Tls;

/// <summary>Shakes hands on one socket, and remembers what it saw: it is needed to say what went wrong.</summary>
internal sealed class TlsConnector
{
    private readonly BrokerEndpoint _endpoint;
    private readonly byte[]? _pin;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2Collection? _own;
    private readonly string _serverName;
    private string? _distrust;
    private bool _wasAskedForCertificate;

    /// <exception cref="FibrilTlsException">A file that the options name cannot be used.</exception>
    public TlsConnector(FibrilTlsOptions options, BrokerEndpoint endpoint)
    {
        _endpoint = endpoint;
        _pin = FibrilTlsOptions.ParseFingerprint(options.Fingerprint);
        _serverName = options.ServerName ?? endpoint.Host;
        if (_pin is null && options.CaFile is { } caFile) _authorities = PemFiles.ReadAuthorities(caFile);
        if (options.ClientCertificateFile is { } file) _own = PemFiles.ReadWithKey(file, options.ClientKeyFile!);
    }

    /// <summary>Makes a stream of a socket that is connected. The socket stays the caller's.</summary>
    /// <param name="socket">Connected.</param>
    /// <param name="wasGoodBefore">True when the endpoint has shaken hands with this client earlier: one that hangs up now speaks TLS all the same.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FibrilTlsException">They do not agree.</exception>
    /// <exception cref="FibrilConnectionException">The connection broke.</exception>
    public async Task<SslStream> ShakeHandsAsync(Socket socket, bool wasGoodBefore, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
        try
        {
            await stream.AuthenticateAsClientAsync(Options(), cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception failure)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (failure is not (AuthenticationException or IOException or Win32Exception)) throw;
            throw Explain(failure, wasGoodBefore);
        }
    }

    /// <summary>
    /// Why the connection ended where the broker's first words had to come: under TLS 1.3 a broker refuses a certificate, or that there is none, when
    /// the client is through with its side of the handshake (TLS-7). Null when that cannot be it.
    /// </summary>
    public FibrilTlsException? ExplainEarlyEnd(Exception cause) => _own is not null || _wasAskedForCertificate ? CertificateRequired(cause) : null;

    private SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = _serverName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, // TLS-1
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate as X509Certificate2, chain, errors),
            LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                // Also called before anything was asked; then nothing is known of the other side.
                if (remote is not null) _wasAskedForCertificate = true;
                return _own?[0]!;
            },
        };
        if (_own is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(_own[0], [.. _own.Skip(1)], offline: true);
        if (_authorities is null) return options;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        options.CertificateChainPolicy.ApplicationPolicy.Add(PinnedTrust.ServerAuthentication);
        return options;
    }

    private bool IsTrusted(X509Certificate2? leaf, X509Chain? chain, SslPolicyErrors errors)
    {
        if (leaf is null)
        {
            _distrust = "it presented no certificate";
            return false;
        }

        if (_pin is not null)
        {
            if (PinnedTrust.Accepts(_pin, leaf, chain?.ChainPolicy.ExtraStore ?? [])) return true;
            _distrust = "neither its certificate nor a CA that signed it and was presented with it has the pinned fingerprint";
        }
        else
        {
            if (errors == SslPolicyErrors.None) return true;
            _distrust = Describe(chain, errors);
        }

        _distrust += $" (SHA-256 of the certificate: {FingerprintOf(leaf)})";
        return false;
    }

    private string Describe(X509Chain? chain, SslPolicyErrors errors)
    {
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is not for '{_serverName}'");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            string statuses = string.Join(", ", chain?.ChainStatus.Select(static status => status.Status).Distinct() ?? []);
            reasons.Add($"it does not come from {(_authorities is null ? "an authority that this machine trusts" : "an authority in the CA file")} ({statuses})");
        }

        return string.Join(", and ", reasons);
    }

    private FibrilException Explain(Exception failure, bool wasGoodBefore)
    {
        if (_distrust is not null)
        {
            return new FibrilTlsException(
                FibrilTlsFailure.NotTrusted, $"The certificate of {_endpoint} is not trusted: {_distrust}. If it is the right broker, say so with "
                + $"{nameof(FibrilTlsOptions)}.{nameof(FibrilTlsOptions.CaFile)} or {nameof(FibrilTlsOptions.Fingerprint)}.", failure);
        }

        if (wasGoodBefore && failure is IOException) return Lost(failure);

        // Under TLS 1.2 the refusal comes within the handshake.
        if (_wasAskedForCertificate) return CertificateRequired(failure);
        if (failure.InnerException is SocketException { SocketErrorCode: SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostUnreachable })
            return Lost(failure);
        return new FibrilTlsException(
            FibrilTlsFailure.NotSupportedByBroker, $"{_endpoint} ended the TLS handshake; most likely it does not speak TLS there. Leave "
            + $"{nameof(FibrilClientOptions)}.{nameof(FibrilClientOptions.Tls)} null for this broker, or switch TLS on there (tls.enabled).", failure);
    }

    private FibrilConnectionException Lost(Exception cause) =>
        new($"The connection to {_endpoint} was lost during the TLS handshake: {cause.Message}", cause);

    private FibrilTlsException CertificateRequired(Exception cause) => new(
        FibrilTlsFailure.ClientCertificateRequired,
        _own is null
            ? $"{_endpoint} requires a client certificate, and this client has none: set {nameof(FibrilTlsOptions.ClientCertificateFile)} and "
                + $"{nameof(FibrilTlsOptions.ClientKeyFile)}."
            : $"{_endpoint} requires a client certificate and does not accept {_own[0].Subject}: it must come from the CA for clients of the broker "
                + "(tls.client_ca_path), and not have expired.",
        cause);

    private static string FingerprintOf(X509Certificate2 certificate) =>
        string.Join(':', Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Chunk(2).Select(static pair => new string(pair)));
}
