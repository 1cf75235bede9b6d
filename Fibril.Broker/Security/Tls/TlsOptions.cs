namespace Fibril.Broker.Security.Tls;

/// <summary>TLS of both listeners. The keys live under <c>tls</c>.</summary>
internal sealed class TlsOptions
{
    /// <summary>True speaks TLS on the broker listener; default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>PEM file with the certificate chain, leaf first; null when it is generated.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file with the key of the leaf: PKCS#8, PKCS#1 or SEC1; null when it is generated.</summary>
    public string? KeyPath { get; set; }

    /// <summary>True makes a CA and a certificate of this deployment's own under <c>tls</c> in the data directory; default false.</summary>
    public bool AutoSelfSigned { get; set; }

    /// <summary>True speaks HTTPS on the admin listener; null, the default, follows <see cref="Enabled"/>.</summary>
    public bool? AdminEnabled { get; set; }

    /// <summary>Whether clients of the broker listener show a certificate; default off .</summary>
    public ClientCertificates ClientAuth { get; set; }

    /// <summary>Whether clients of the admin listener show a certificate; default off.</summary>
    public ClientCertificates AdminClientAuth { get; set; }

    /// <summary>PEM file with the CAs that client certificates come from; null for the generated CA.</summary>
    public string? ClientCaPath { get; set; }

    /// <summary>True speaks TLS with other brokers and coordinators; null, the default, follows <see cref="Enabled"/>.</summary>
    public bool? InterBroker { get; set; }

    /// <summary>PEM file with the CAs that certificates of other brokers come from; null for the generated CA, then those of the system.</summary>
    public string? PeerCaPath { get; set; }

    public bool ServesAdmin => Enabled && AdminEnabled != false;
}

/// <summary>What a listener does about certificates of clients.</summary>
internal enum ClientCertificates
{
    /// <summary>Asks for none.</summary>
    Off,

    /// <summary>Verifies one that is shown; others log in with a password.</summary>
    Request,

    /// <summary>Ends a handshake without one.</summary>
    Require,
}
