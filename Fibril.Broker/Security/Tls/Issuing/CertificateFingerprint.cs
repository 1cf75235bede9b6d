using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fibril.Broker.Security.Tls.Issuing;

/// <summary>SHA-256 of a certificate, written as people compare it.</summary>
internal static class CertificateFingerprint
{
    /// <summary>Upper-case pairs of hexadecimal digits with colons.</summary>
    public static string Of(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(static value => value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
}
