using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fibril.Client.Tls;

/// <summary>Certificates from the files that options name.</summary>
internal static class PemFiles
{
    /// <exception cref="FibrilTlsException">The file cannot be read or holds no certificate.</exception>
    public static X509Certificate2Collection ReadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            throw Invalid(nameof(FibrilTlsOptions.CaFile), path, broken.Message, broken);
        }

        return authorities.Count > 0 ? authorities : throw Invalid(nameof(FibrilTlsOptions.CaFile), path, "it holds no PEM certificate", null);
    }

    /// <summary>The leaf with its key first, then what issued it.</summary>
    /// <exception cref="FibrilTlsException">A file cannot be read, or they do not belong together.</exception>
    public static X509Certificate2Collection ReadWithKey(string certificatePath, string keyPath)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificatePath);
            X509Certificate2 leaf = Usable(X509Certificate2.CreateFromPemFile(certificatePath, keyPath));
            chain[0].Dispose();
            chain[0] = leaf;
            return chain;
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            throw Invalid(nameof(FibrilTlsOptions.ClientCertificateFile), $"{certificatePath}' with the key in '{keyPath}", broken.Message, broken);
        }
    }

    /// <summary>On Windows, a key that was never in a store cannot be used for TLS.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static bool IsBroken(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static FibrilTlsException Invalid(string option, string path, string reason, Exception? cause) => new(
        FibrilTlsFailure.InvalidConfiguration, $"{option} is '{path}', which cannot be used: {reason.TrimEnd('.')}.", cause);
}
