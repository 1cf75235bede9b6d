namespace Fibril.Client;

/// <summary>
/// How a <see cref="FibrilClient"/> makes sure that it talks to its broker and nobody else. Files are read anew for every connection, so they can be
/// replaced while the client runs.
/// </summary>
/// <remarks>Whom to trust, the first that is set: <see cref="Fingerprint"/>, <see cref="CaFile"/>, the authorities that the operating system trusts.</remarks>
public sealed class FibrilTlsOptions
{
    private const int FingerprintDigits = 64;

    /// <summary>
    /// SHA-256 of the broker's certificate, or of the CA that signed it and that the broker presents: 64 hexadecimal digits, colons allowed. Brokers
    /// with a certificate of their own log both when they start. Host names are not checked then. Null, the default, for none.
    /// </summary>
    public string? Fingerprint { get; set; }

    /// <summary>PEM file with the authorities that the broker's certificate must come from; null, the default, for those of the operating system.</summary>
    public string? CaFile { get; set; }

    /// <summary>Name that the broker's certificate must be for, when that is not the host that is connected to; null, the default, for the host.</summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// PEM file with the certificate that this client shows, leaf first. A broker that knows a user of its name needs no password then: leave
    /// <see cref="FibrilClientOptions.UserName"/> null. Null, the default, for none.
    /// </summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file with the key of <see cref="ClientCertificateFile"/>: PKCS#8, PKCS#1 or SEC1, without a passphrase.</summary>
    public string? ClientKeyFile { get; set; }

    internal FibrilTlsOptions Validated()
    {
        var copy = (FibrilTlsOptions)MemberwiseClone();
        if (copy.Fingerprint is not null && ParseFingerprint(copy.Fingerprint) is null)
        {
            throw new ArgumentException(
                $"{nameof(Fingerprint)} is '{copy.Fingerprint}'; a SHA-256 fingerprint has {FingerprintDigits} hexadecimal digits, with or without colons.",
                nameof(Fingerprint));
        }

        if (copy.ClientCertificateFile is null != copy.ClientKeyFile is null)
        {
            throw new ArgumentException(
                $"Only one of {nameof(ClientCertificateFile)} and {nameof(ClientKeyFile)} is set; a certificate needs its key.", nameof(ClientKeyFile));
        }

        return copy;
    }

    /// <summary>The pinned bytes; null when nothing is pinned, or what is given is no fingerprint.</summary>
    internal static byte[]? ParseFingerprint(string? text)
    {
        string? digits = text?.Replace(":", "", StringComparison.Ordinal).Trim();
        return digits?.Length == FingerprintDigits && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }
}
