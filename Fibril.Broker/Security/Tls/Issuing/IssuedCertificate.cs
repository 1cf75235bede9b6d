namespace Fibril.Broker.Security.Tls.Issuing;

/// <summary>A certificate and its key, as they are written to files.</summary>
/// <param name="CertificatePem">The certificate, and the one that issued it behind it.</param>
/// <param name="KeyPem">PKCS#8; a secret.</param>
internal sealed record IssuedCertificate(string CertificatePem, string KeyPem);
