using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fibril.Client.Tls;

/// <summary>
/// Trusts one fingerprint: that of the presented leaf, or that of a presented CA which really signed the leaf. A CA that only stands in the chain
/// proves nothing, because everybody can present it.
/// </summary>
internal static class PinnedTrust
{
    /// <param name="pin">SHA-256 of what is trusted.</param>
    /// <param name="leaf">What the broker has proved to have the key of.</param>
    /// <param name="presented">Everything it has sent.</param>
    public static bool Accepts(byte[] pin, X509Certificate2 leaf, X509Certificate2Collection presented)
    {
        if (HasFingerprint(leaf, pin)) return true;
        return presented.FirstOrDefault(certificate => HasFingerprint(certificate, pin)) is { } authority && IsSignedBy(leaf, authority);
    }

    /// <summary>What a broker's certificate must be good for: a client of the same CA is no broker.</summary>
    public static Oid ServerAuthentication { get; } = new("1.3.6.1.5.5.7.3.1");

    private static bool HasFingerprint(X509Certificate2 certificate, byte[] pin) =>
        CryptographicOperations.FixedTimeEquals(certificate.GetCertHash(HashAlgorithmName.SHA256), pin);

    private static bool IsSignedBy(X509Certificate2 leaf, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.ExtraStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        chain.Build(leaf);
        if (chain.ChainElements.Count < 2 || !chain.ChainElements[1].Certificate.RawDataMemory.Span.SequenceEqual(authority.RawDataMemory.Span)) return false;

        // An authority that another one has signed ends the chain: what is above it does not matter to who pins it.
        return chain.ChainStatus.All(static status => status.Status == X509ChainStatusFlags.PartialChain);
    }
}
