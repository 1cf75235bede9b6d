using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fibril.Broker.Log;

namespace Fibril.Broker.Security.Tls;

/// <summary>Turns PEM texts into certificates, and says what is wrong with them.</summary>
internal static class Material
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads a PEM file, wherever it is.</summary>
    /// <exception cref="InvalidDataException">It cannot be read; the message names the setting and the file.</exception>
    public static string Read(IStorageFileSystem files, string path, string setting)
    {
        try
        {
            return Encoding.UTF8.GetString(files.ReadAll(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{setting} names {path}, which cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Makes a chain with its key out of the texts of two files, and checks that a server can use it.</summary>
    /// <returns>The leaf with its key first, then what issued it.</returns>
    /// <exception cref="InvalidDataException">It cannot be used; the message says why.</exception>
    public static X509Certificate2Collection ParseServer(string certificatePem, string keyPem, string certificateFile, string keyFile)
    {
        X509Certificate2Collection chain = ParseCertificates(certificatePem, certificateFile);
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) throw new InvalidDataException($"{keyFile} holds no PEM key.");
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw new InvalidDataException($"The key in {keyFile} is encrypted. Store it without a passphrase, readable for the broker only.");
        try
        {
            X509Certificate2 leaf = WithKey(certificatePem, keyPem);
            CheckUsage(leaf, certificateFile);
            chain[0].Dispose();
            chain[0] = leaf;
            return chain;
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"The key in {keyFile} is not that of the first certificate in {certificateFile}, or cannot be read.", broken);
        }
    }

    /// <exception cref="InvalidDataException">There is none, or one that cannot be read.</exception>
    public static X509Certificate2Collection ParseCertificates(string pem, string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException broken)
        {
            throw new InvalidDataException($"{file} holds no PEM certificate that can be read: {broken.Message}", broken);
        }

        return certificates.Count > 0 ? certificates : throw new InvalidDataException($"{file} holds no PEM certificate.");
    }

    private static X509Certificate2 WithKey(string certificatePem, string keyPem)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        if (!OperatingSystem.IsWindows()) return certificate;

        // There, a key that was never in a store cannot be used for TLS.
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static void CheckUsage(X509Certificate2 leaf, string file)
    {
        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { } usage) return;
        if (usage.EnhancedKeyUsages.Cast<Oid>().Any(static oid => oid.Value == ServerAuthentication)) return;
        throw new InvalidDataException($"The first certificate in {file} is not for servers: its extended key usage leaves server authentication out.");
    }
}
