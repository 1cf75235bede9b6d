using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Log;

namespace Fibril.Broker.Security.Tls;

/// <summary>What became of a reload.</summary>
/// <param name="Served">What is served from now on, new or not.</param>
/// <param name="Problem">Why the new material cannot be used, fit for people; null when it is in use.</param>
internal sealed record ReloadOutcome(ServedCertificate Served, string? Problem)
{
    public bool IsReloaded => Problem is null;
}

/// <summary>The certificate that the listeners serve: loaded at the start, replaced live, renewed in time when it is the broker's own. Thread-safe.</summary>
internal sealed class Certificates : IDisposable
{
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromHours(6);

    private readonly TlsOptions _options;
    private readonly IStorageFileSystem _files;
    private readonly GeneratedMaterial? _generated;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly ITimer? _renewal;
    private ServedCertificate _current;

    private Certificates(TlsOptions options, IStorageFileSystem files, GeneratedMaterial? generated, TimeProvider time, ILogger logger)
    {
        _options = options;
        _files = files;
        _generated = generated;
        _time = time;
        _logger = logger;
        _current = Load();
        _renewal = generated is null
            ? null
            : time.CreateTimer(static self => ((Certificates)self!).Renew(), this, RenewalInterval, RenewalInterval);
    }

    /// <summary>What new connections get.</summary>
    public ServedCertificate Current => Volatile.Read(ref _current);

    /// <summary>Loads, and when it is to be the broker's own makes, what TLS is served with. Blocks on the disk.</summary>
    /// <param name="options">TLS is on.</param>
    /// <param name="files">The way to the disk.</param>
    /// <param name="dataDirectory">Where generated material is.</param>
    /// <param name="names">What a certificate that is issued is valid for.</param>
    /// <param name="time">Decides what has expired.</param>
    /// <param name="logger">Learns the fingerprints, and of renewals.</param>
    /// <exception cref="InvalidDataException">It cannot be used; the message names the setting or the directory.</exception>
    /// <exception cref="IOException">Something could not be read or made durable.</exception>
    public static Certificates Open(
        TlsOptions options, IStorageFileSystem files, string dataDirectory, IReadOnlyList<string> names, TimeProvider time, ILogger logger)
    {
        CheckSource(options);
        GeneratedMaterial? generated = options.AutoSelfSigned ? GeneratedMaterial.Open(files, dataDirectory, names, time) : null;
        if (generated?.RenewIfDue() == true) logger.CertificateRenewed();
        var certificates = new Certificates(options, files, generated, time, logger);
        ServedCertificate served = certificates.Current;
        logger.ServingTls(served.Fingerprint, served.IssuerFingerprint ?? "none", served.NotAfter);
        if (certificates.ExplainDates(served.Leaf) is { } dated) logger.CertificateOutOfDate(dated);
        return certificates;
    }

    /// <summary>
    /// Reads certificate, key and the CAs of clients again. What is wrong with any of them leaves everything as it was; connections that are open
    /// do not notice either way. The CA that issued a certificate of the broker's own is not exchanged. Blocks on the disk.
    /// </summary>
    public ReloadOutcome Reload()
    {
        lock (_gate)
        {
            try
            {
                ServedCertificate next = Load();
                if (Explain(next) is { } problem) return Rejected(problem);
                Volatile.Write(ref _current, next);
                _logger.CertificateReloaded(next.Fingerprint, next.NotAfter);
                return new ReloadOutcome(next, null);
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return Rejected(failure.Message);
            }
        }
    }

    public void Dispose() => _renewal?.Dispose();

    private static void CheckSource(TlsOptions options)
    {
        bool isSupplied = options.CertificatePath is not null || options.KeyPath is not null;
        if (options.AutoSelfSigned && isSupplied)
            throw new InvalidDataException("tls.auto_self_signed and tls.cert_path or tls.key_path are set. Generate the certificate or supply it, not both.");
        if (!options.AutoSelfSigned && !isSupplied)
            throw new InvalidDataException("TLS is on without a certificate. Set tls.auto_self_signed = true, or tls.cert_path and tls.key_path.");
        if (!options.AutoSelfSigned && (options.CertificatePath is null || options.KeyPath is null))
            throw new InvalidDataException("Only one of tls.cert_path and tls.key_path is set. A certificate needs its key: set both.");
    }

    private ReloadOutcome Rejected(string problem)
    {
        _logger.CertificateRejected(problem);
        return new ReloadOutcome(_current, problem);
    }

    private ServedCertificate Load()
    {
        string certificatePath = _generated?.ServerPath ?? _options.CertificatePath!;
        string keyPath = _generated?.ServerKeyPath ?? _options.KeyPath!;
        string certificatePem = Material.Read(_files, certificatePath, "tls.cert_path");
        string keyPem = Material.Read(_files, keyPath, "tls.key_path");
        return new ServedCertificate(Material.ParseServer(certificatePem, keyPem, certificatePath, keyPath), LoadClientAuthorities());
    }

    private X509Certificate2Collection? LoadClientAuthorities()
    {
        if (_options is { ClientAuth: ClientCertificates.Off, AdminClientAuth: ClientCertificates.Off }) return null;
        if ((_options.ClientCaPath ?? _generated?.CaPath) is not { } path)
        {
            throw new InvalidDataException(
                "Clients are to show certificates, and nothing says which CA those come from. Set tls.client_ca_path, or tls.auto_self_signed = true to have one.");
        }

        return Material.ParseCertificates(Material.Read(_files, path, "tls.client_ca_path"), path);
    }

    /// <summary>Says why what was loaded must not replace what is served; null when it may.</summary>
    private string? Explain(ServedCertificate next)
    {
        if (ExplainDates(next.Leaf) is { } dated) return dated;
        return _generated is not null && next.IssuerFingerprint != _current.IssuerFingerprint
            ? "It comes from another CA. Clients that trust the present one would be cut off; restart the broker to change the CA."
            : null;
    }

    private string? ExplainDates(X509Certificate2 leaf)
    {
        DateTime now = _time.GetUtcNow().LocalDateTime;
        if (now > leaf.NotAfter) return $"The certificate {leaf.Subject} expired on {leaf.NotAfter:u}.";
        return now < leaf.NotBefore ? $"The certificate {leaf.Subject} is valid from {leaf.NotBefore:u} on only." : null;
    }

    private void Renew()
    {
        lock (_gate)
        {
            try
            {
                // What is on the disk counts, whether it was renewed now or earlier and could not be loaded then.
                _generated!.RenewIfDue();
                ServedCertificate next = Load();
                if (next.Fingerprint == _current.Fingerprint) return;
                if (Explain(next) is { } problem)
                {
                    _logger.CertificateRejected(problem);
                    return;
                }

                Volatile.Write(ref _current, next);
                _logger.CertificateRenewed();
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                _logger.CertificateNotRenewed(failure);
            }
        }
    }
}
