using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fibril.Broker.Security.Tls.Issuing;

// Nothing here reads or writes a file or knows the broker, so that tools can issue certificates by themselves.

/// <summary>A CA of one deployment: it signs the certificates of its brokers and clients.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    public const string CommonName = "Fibril per-deployment CA";
    public const string ServerName = "fibril-broker";

    private const int SerialBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3652); // ten years
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);

    // Clocks of clients may be behind.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The certificate of the CA, with its key.</summary>
    public X509Certificate2 Certificate => _certificate;

    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>A secret.</summary>
    public string KeyPem => ExportKey(_certificate);

    /// <summary>Makes a new CA.</summary>
    /// <param name="now">It is valid from about now for ten years.</param>
    public static CertificateAuthority Create(DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={CommonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertificateAuthority(request.CreateSelfSigned(now - ClockSkew, now + Lifetime));
    }

    /// <summary>Takes a CA over from its files.</summary>
    /// <exception cref="CryptographicException">They are not a CA and its key; the message says what they are.</exception>
    public static CertificateAuthority FromPem(string certificatePem, string keyPem)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (ArgumentException mismatch)
        {
            throw new CryptographicException("The key is not the one of the certificate.", mismatch);
        }

        bool isAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static constraints => constraints.CertificateAuthority);
        if (isAuthority) return new CertificateAuthority(certificate);
        certificate.Dispose();
        throw new CryptographicException("The certificate is not one of a CA.");
    }

    /// <summary>Issues the certificate of a broker, which it also shows when it connects to others.</summary>
    /// <param name="names">Host names and addresses that clients reach it by.</param>
    /// <param name="now">It is valid from about now for a year, and no longer than the CA.</param>
    /// <exception cref="CryptographicException">The CA has expired.</exception>
    public IssuedCertificate IssueServer(IReadOnlyList<string> names, DateTimeOffset now)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name.Trim('[', ']'), out IPAddress? address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        return Issue(ServerName, alternatives.Build(), now, LeafLifetime, ServerAuthentication, ClientAuthentication);
    }

    /// <summary>Issues the certificate of a client, which logs in as the user of that name: its common name, and its DNS name if it can be one.</summary>
    /// <param name="userName">Name of the user.</param>
    /// <param name="now">It is valid from about now.</param>
    /// <param name="lifetime">How long, but no longer than the CA; null for a year.</param>
    /// <exception cref="CryptographicException">The CA has expired.</exception>
    public IssuedCertificate IssueClient(string userName, DateTimeOffset now, TimeSpan? lifetime = null) =>
        Issue(userName, DnsNameOf(userName), now, lifetime ?? LeafLifetime, ClientAuthentication);

    public void Dispose() => _certificate.Dispose();

    private IssuedCertificate Issue(string commonName, X509Extension? alternatives, DateTimeOffset now, TimeSpan lifetime, params string[] usages)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(static usage => new Oid(usage))], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (alternatives is not null) request.CertificateExtensions.Add(alternatives);
        if (_certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } issuer)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer));

        DateTimeOffset from = Later(now - ClockSkew, _certificate.NotBefore);
        DateTimeOffset until = Earlier(now + lifetime, _certificate.NotAfter);
        if (until <= from) throw new CryptographicException($"The CA {_certificate.Subject} is valid until {_certificate.NotAfter:u} only.");
        using X509Certificate2 issued = request.Create(_certificate.SubjectName, Signer(), from, until, NewSerial());
        return new IssuedCertificate(issued.ExportCertificatePem() + "\n" + CertificatePem, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Null for a name that a DNS name would change: the user is whoever the first DNS name says, letter by letter.</summary>
    private static X509Extension? DnsNameOf(string userName)
    {
        try
        {
            if (new IdnMapping().GetAscii(userName) != userName) return null;
        }
        catch (ArgumentException)
        {
            return null;
        }

        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName(userName);
        return alternatives.Build();
    }

    private X509SignatureGenerator Signer()
    {
        if (_certificate.GetECDsaPrivateKey() is { } curve) return X509SignatureGenerator.CreateForECDsa(curve);
        if (_certificate.GetRSAPrivateKey() is { } rsa) return X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1);
        throw new CryptographicException("The key of the CA is neither RSA nor of an elliptic curve.");
    }

    private static string ExportKey(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey();
        return key is null ? throw new CryptographicException("There is no key.") : key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40); // positive, and no leading zero
        return serial;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
