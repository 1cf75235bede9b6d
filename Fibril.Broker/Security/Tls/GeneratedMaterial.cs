using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Security.Tls.Issuing;

namespace Fibril.Broker.Security.Tls;

// Several files change together. They are first written into one, which is there whole or not at all; whoever finds that one finishes the work.
// So a crash never leaves a set of files that is refused.

/// <summary>The deployment's own CA and the certificate of this broker, in <c>tls</c> of the data directory. One caller at a time.</summary>
internal sealed class GeneratedMaterial
{
    public const string DirectoryName = "tls";
    public const string CaFile = "ca.pem";
    public const string CaKeyFile = "ca.key";
    public const string ServerFile = "server.pem";
    public const string ServerKeyFile = "server.key";

    private const string PendingFile = "pending.pem";
    private const string SectionMark = "# file ";

    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _names;
    private readonly TimeProvider _time;

    private GeneratedMaterial(IStorageFileSystem files, string directory, IReadOnlyList<string> names, TimeProvider time)
    {
        _files = files;
        _directory = directory;
        _names = names;
        _time = time;
    }

    public string CaPath => Path.Combine(_directory, CaFile);

    public string ServerPath => Path.Combine(_directory, ServerFile);

    public string ServerKeyPath => Path.Combine(_directory, ServerKeyFile);

    /// <summary>Opens the directory, and makes what is missing in it. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="dataDirectory">Where the directory is, or will be.</param>
    /// <param name="names">What a certificate that is issued is valid for.</param>
    /// <param name="time">Decides what is about to expire.</param>
    /// <exception cref="InvalidDataException">The directory holds a part of what belongs together .</exception>
    /// <exception cref="IOException">Something could not be read or made durable.</exception>
    public static GeneratedMaterial Open(IStorageFileSystem files, string dataDirectory, IReadOnlyList<string> names, TimeProvider time)
    {
        var material = new GeneratedMaterial(files, StorageDirectories.Ensure(files, dataDirectory, DirectoryName), names, time);
        material.Recover();
        material.Complete();
        return material;
    }

    /// <summary>Issues another certificate of this broker when the present one is about to expire. Blocks on the disk.</summary>
    /// <returns>True when there is a new one.</returns>
    /// <exception cref="InvalidDataException">The files are not what belongs there.</exception>
    /// <exception cref="IOException">Something could not be read or made durable; the present one stays.</exception>
    public bool RenewIfDue()
    {
        Recover(); // an earlier renewal may have come half way
        using X509Certificate2 leaf = Material.ParseCertificates(Read(ServerFile), ServerPath)[0];
        if (leaf.NotAfter - _time.GetUtcNow().LocalDateTime >= RenewBefore) return false;
        using CertificateAuthority authority = ReadAuthority();
        if (leaf.NotAfter >= authority.Certificate.NotAfter) return false; // it cannot outlive its CA
        IssueServer(authority);
        return true;
    }

    /// <summary>What the directory holds decides what is done: everything, a CA alone, or nothing; the other combinations are refused.</summary>
    private void Complete()
    {
        IReadOnlyList<string> present = _files.ListFiles(_directory);
        bool ca = present.Contains(CaFile), caKey = present.Contains(CaKeyFile);
        bool server = present.Contains(ServerFile), serverKey = present.Contains(ServerKeyFile);
        switch (ca, caKey, server, serverKey)
        {
            case (true, true, true, true):
                return;
            case (true, true, false, false):
                using (CertificateAuthority given = ReadAuthority()) IssueServer(given);
                return;
            case (false, false, false, false):
                using (var made = CertificateAuthority.Create(_time.GetUtcNow()))
                {
                    IssuedCertificate issued = made.IssueServer(_names, _time.GetUtcNow());
                    WriteTogether(
                        (CaFile, made.CertificatePem), (CaKeyFile, made.KeyPem), (ServerFile, issued.CertificatePem), (ServerKeyFile, issued.KeyPem));
                }

                return;
            default:
                string found = string.Join(", ", ((string[])[CaFile, CaKeyFile, ServerFile, ServerKeyFile]).Where(present.Contains));
                throw new InvalidDataException(
                    $"{_directory} holds {found} only. It must hold {CaFile}, {CaKeyFile}, {ServerFile} and {ServerKeyFile}; or {CaFile} and {CaKeyFile}, "
                    + "and the broker issues its own certificate; or none of them, and it makes a CA as well. Restore what is missing, or move the rest away.");
        }
    }

    private void IssueServer(CertificateAuthority authority)
    {
        IssuedCertificate issued;
        try
        {
            issued = authority.IssueServer(_names, _time.GetUtcNow());
        }
        catch (CryptographicException unfit)
        {
            throw new InvalidDataException($"{CaPath} cannot issue a certificate for this broker: {unfit.Message}", unfit);
        }

        WriteTogether((ServerFile, issued.CertificatePem), (ServerKeyFile, issued.KeyPem));
    }

    private CertificateAuthority ReadAuthority()
    {
        try
        {
            return CertificateAuthority.FromPem(Read(CaFile), Read(CaKeyFile));
        }
        catch (CryptographicException broken)
        {
            throw new InvalidDataException($"{CaFile} and {CaKeyFile} in {_directory} cannot be used: {broken.Message}", broken);
        }
    }

    private string Read(string name) => Encoding.UTF8.GetString(_files.ReadAll(Path.Combine(_directory, name)));

    private void WriteTogether(params (string Name, string Text)[] parts)
    {
        var together = new StringBuilder();
        foreach ((string name, string text) in parts) together.Append(SectionMark).Append(name).Append('\n').Append(text);
        PrivateFiles.Replace(_files, _directory, PendingFile, Encoding.UTF8.GetBytes(together.ToString()));
        WritePending();
    }

    /// <summary>Finishes what a crash has interrupted.</summary>
    private void Recover()
    {
        IReadOnlyList<string> present = _files.ListFiles(_directory);
        foreach (string unfinished in present.Where(static name => name.EndsWith(PrivateFiles.TemporaryExtension, StringComparison.Ordinal)))
            _files.DeleteFile(Path.Combine(_directory, unfinished));
        if (!present.Contains(PendingFile)) return;
        _files.SyncDirectory(_directory); // it may have been renamed and not synced: what it stands for is given up from here on
        WritePending();
    }

    private void WritePending()
    {
        foreach (string section in Read(PendingFile).Split(SectionMark, StringSplitOptions.RemoveEmptyEntries))
        {
            int end = section.IndexOf('\n', StringComparison.Ordinal);
            string name = section[..end];
            PrivateFiles.Replace(_files, _directory, name, Encoding.UTF8.GetBytes(section[(end + 1)..]), isSecret: name is CaKeyFile or ServerKeyFile);
        }

        _files.DeleteFile(Path.Combine(_directory, PendingFile));
        _files.SyncDirectory(_directory);
    }
}
