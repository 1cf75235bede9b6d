namespace Fibril.Broker.Security;

/// <summary>Log messages of this module: event ids 2400 to 2499. Passwords, hashes and keys never appear.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2400, LogLevel.Warning, "The password of {UserName} keeps its older hash: the new one cannot be stored. It is tried again at the next login")]
    public static partial void HashNotUpgraded(this ILogger logger, string userName, Exception failure);

    [LoggerMessage(2401, LogLevel.Information, "TLS is on. SHA-256 fingerprint of the certificate: {Fingerprint}; of the CA: {CaFingerprint}. It expires on {NotAfter:u}")]
    public static partial void ServingTls(this ILogger logger, string fingerprint, string caFingerprint, DateTimeOffset notAfter);

    [LoggerMessage(2402, LogLevel.Information, "The certificate of the listeners was about to expire; another one of the same CA is in use")]
    public static partial void CertificateRenewed(this ILogger logger);

    [LoggerMessage(2403, LogLevel.Error, "The certificate of the listeners is about to expire and cannot be renewed; it is tried again in a few hours")]
    public static partial void CertificateNotRenewed(this ILogger logger, Exception failure);

    [LoggerMessage(2404, LogLevel.Information, "Certificate, key and CAs of clients were read again. SHA-256 fingerprint of the certificate: {Fingerprint}. It expires on {NotAfter:u}")]
    public static partial void CertificateReloaded(this ILogger logger, string fingerprint, DateTimeOffset notAfter);

    [LoggerMessage(2405, LogLevel.Warning, "The certificate was not replaced, and the old one keeps serving: {Problem}")]
    public static partial void CertificateRejected(this ILogger logger, string problem);

    [LoggerMessage(2406, LogLevel.Warning, "Clients that look at dates will refuse to connect. {Problem}")]
    public static partial void CertificateOutOfDate(this ILogger logger, string problem);
}
