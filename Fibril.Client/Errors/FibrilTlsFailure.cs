namespace Fibril.Client;

/// <summary>What kept a client and a broker from agreeing on TLS.</summary>
public enum FibrilTlsFailure
{
    /// <summary>The broker speaks TLS only, and this client was not told to: set <see cref="FibrilClientOptions.Tls"/>.</summary>
    RequiredByBroker,

    /// <summary>The other end speaks no TLS: leave <see cref="FibrilClientOptions.Tls"/> null, or connect to another port.</summary>
    NotSupportedByBroker,

    /// <summary>The certificate of the broker is not one that this client was told to trust.</summary>
    NotTrusted,

    /// <summary>The broker asks for a certificate that it trusts, and got none: set <see cref="FibrilTlsOptions.ClientCertificateFile"/>.</summary>
    ClientCertificateRequired,

    /// <summary>A file that the options name cannot be read, or does not hold what it should.</summary>
    InvalidConfiguration,
}
