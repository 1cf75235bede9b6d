using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Tls.Issuing;

namespace Fibril.Tests.Support;

/// <summary>A CA and certificates of it, in files of a directory.</summary>
internal sealed class TestAuthority(TemporaryDirectory directory, string name) : IDisposable
{
    // Old enough to have issued what has expired since.
    private readonly CertificateAuthority _authority = CertificateAuthority.Create(DateTimeOffset.UtcNow.AddYears(-3));

    public string Fingerprint => CertificateFingerprint.Of(_authority.Certificate);

    public X509Certificate2 Certificate => _authority.Certificate;

    /// <summary>A file with the CA's certificate.</summary>
    public string File
    {
        get
        {
            string path = directory.PathOf($"{name}.ca.pem");
            System.IO.File.WriteAllText(path, _authority.CertificatePem);
            return path;
        }
    }

    public (string Certificate, string Key) IssueServer(string file, params string[] names) => Write(file, _authority.IssueServer(names, DateTimeOffset.UtcNow));

    public (string Certificate, string Key) IssueClient(string userName, DateTimeOffset? at = null) =>
        Write($"client-{userName.Trim('@')}", _authority.IssueClient(userName, at ?? DateTimeOffset.UtcNow));

    public void Dispose() => _authority.Dispose();

    private (string Certificate, string Key) Write(string file, IssuedCertificate issued)
    {
        (string certificate, string key) = (directory.PathOf($"{name}.{file}.pem"), directory.PathOf($"{name}.{file}.key"));
        System.IO.File.WriteAllText(certificate, issued.CertificatePem);
        System.IO.File.WriteAllText(key, issued.KeyPem);
        return (certificate, key);
    }
}
