using System.Collections.ObjectModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Tls.Issuing;

namespace Fibril.Broker.Security.Tls;

/// <summary>What new connections are served with. Immutable; connections that began with it keep it.</summary>
internal sealed class ServedCertificate
{
    /// <param name="chain">The leaf with its key, then what issued it.</param>
    /// <param name="clientAuthorities">CAs that certificates of clients come from; null when none are taken.</param>
    public ServedCertificate(X509Certificate2Collection chain, X509Certificate2Collection? clientAuthorities)
    {
        Leaf = chain[0];
        Context = CreateContext(Leaf, new ReadOnlyCollection<X509Certificate2>([.. chain.Skip(1)]), trust: null);
        ClientAuthorities = clientAuthorities;
        Fingerprint = CertificateFingerprint.Of(Leaf);
        IssuerFingerprint = chain.Count > 1 ? CertificateFingerprint.Of(chain[^1]) : null;
    }

    public X509Certificate2 Leaf { get; }

    /// <summary>SHA-256 of the leaf: upper-case pairs of digits with colons.</summary>
    public string Fingerprint { get; }

    /// <summary>The same of the last certificate of the chain, which clients can pin, too; null when the leaf stands alone.</summary>
    public string? IssuerFingerprint { get; }

    public DateTimeOffset NotBefore => Leaf.NotBefore;

    public DateTimeOffset NotAfter => Leaf.NotAfter;

    public string Subject => Leaf.Subject;

    public SslStreamCertificateContext Context { get; }

    public X509Certificate2Collection? ClientAuthorities { get; }

    // The public way leaves a root out of what is sent, and a client that pins the fingerprint of the CA has to see the CA (A-30, TLS-4). What is
    // sent is what is in the file.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SslStreamCertificateContext CreateContext(
        X509Certificate2 target, ReadOnlyCollection<X509Certificate2> intermediates, SslCertificateTrust? trust);
}
