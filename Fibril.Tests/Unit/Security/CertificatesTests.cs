using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Security;

/// <summary>What TLS is served with, configuration.md 10.1 and 10.2.</summary>
public sealed class CertificatesTests
{
    private const string CertificateFile = "supplied.pem";
    private const string KeyFile = "supplied.key";

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly string Tls = Path.Combine(Root, "tls");
    private static readonly string[] Files = ["ca.pem", "ca.key", "server.pem", "server.key"];
    private static readonly string[] Names = ["localhost", "127.0.0.1", "::1", "broker.example"];

    private readonly FakeTimeProvider _time = new(SessionHarness.Start);
    private readonly RecordingLogger _log = new();
    private SimulatedFileSystem _disk = new();

    public CertificatesTests() => StorageDirectories.EnsureRoot(_disk, Root);

    [Fact] // C-12
    public void A_generated_certificate_is_for_all_names_for_a_year_and_comes_from_a_ca_for_ten()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate served = certificates.Current;
        Assert.Equal("CN=fibril-broker", served.Subject);
        Assert.All(Names, name => Assert.True(served.Leaf.MatchesHostname(name), name));
        Assert.Equal(365, (served.NotAfter - _time.GetUtcNow()).TotalDays, 0.01);

        using X509Certificate2 ca = X509Certificate2.CreateFromPem(Text("ca.pem"));
        Assert.Equal("CN=Fibril per-deployment CA", ca.Subject);
        Assert.Equal(3652, (new DateTimeOffset(ca.NotAfter) - _time.GetUtcNow()).TotalDays, 0.01);
        Assert.Equal(CertificateFingerprint.Of(ca), served.IssuerFingerprint);
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", served.Fingerprint);
        Assert.Contains(served.IssuerFingerprint!, _log.ToString(), StringComparison.Ordinal);
        Assert.Equal([ca.Thumbprint], served.Context.IntermediateCertificates.Select(static sent => sent.Thumbprint)); // for those who pin the CA
    }

    [Fact]
    public void Keys_are_readable_for_this_user_only()
    {
        if (OperatingSystem.IsWindows()) return;
        using var directory = new TemporaryDirectory();
        string data = Directory.CreateDirectory(directory.PathOf("data")).FullName;
        Certificates.Open(Generated(), new PhysicalFileSystem(), data, Names, _time, _log).Dispose();
        Assert.Equal(Files.Order(), Directory.GetFiles(Path.Combine(data, "tls")).Select(Path.GetFileName).Order());
        foreach (string key in (string[])["ca.key", "server.key"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "tls", key)));
    }

    public static TheoryData<int> Combinations => [.. Enumerable.Range(0, 16)];

    [Theory, MemberData(nameof(Combinations))]
    public void Every_combination_of_files_has_its_outcome(int present)
    {
        OpenGenerated().Dispose();
        Dictionary<string, byte[]> before = Files.ToDictionary(static name => name, Content);
        foreach ((int index, string name) in Files.Index())
        {
            if ((present & (1 << index)) == 0) _disk.DeleteFile(Path.Combine(Tls, name));
        }

        if (present is 0 or 3 or 15)
        {
            using Certificates certificates = OpenGenerated();
            Assert.Equal(present != 0, Content("ca.pem").AsSpan().SequenceEqual(before["ca.pem"]));
            Assert.Equal(present != 0, Content("ca.key").AsSpan().SequenceEqual(before["ca.key"]));
            Assert.Equal(present == 15, Content("server.pem").AsSpan().SequenceEqual(before["server.pem"]));
            Assert.True(certificates.Current.Leaf.MatchesHostname("localhost"));
        }
        else
        {
            string text = Assert.Throws<InvalidDataException>(OpenGenerated).Message;
            Assert.Contains(Tls, text, StringComparison.Ordinal);
            Assert.Equal(int.PopCount(present), _disk.ListFiles(Tls).Count);
        }
    }

    [Fact] // whatever signs
    public void A_ca_with_an_rsa_key_issues_too()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=company", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 ca = request.CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(100));
        StorageDirectories.Ensure(_disk, Root, "tls");
        Put(Path.Combine(Tls, "ca.pem"), ca.ExportCertificatePem());
        Put(Path.Combine(Tls, "ca.key"), key.ExportRSAPrivateKeyPem());
        using Certificates certificates = OpenGenerated();
        Assert.Equal("CN=company", certificates.Current.Leaf.Issuer);
        Assert.Equal(ca.NotAfter, certificates.Current.Leaf.NotAfter); // no longer than what signed it
    }

    [Fact]
    public void A_crash_while_the_files_are_made_or_renewed_leaves_a_broker_that_starts_with_one_ca()
    {
        CrashAtEveryStep(() => OpenGenerated().Dispose());
        byte[] ca = Content("ca.pem");
        _time.Advance(TimeSpan.FromDays(340));
        CrashAtEveryStep(() => OpenGenerated().Dispose());
        Assert.Equal(ca, Content("ca.pem"));
        _disk.DeleteFile(Path.Combine(Tls, "server.pem"));
        _disk.DeleteFile(Path.Combine(Tls, "server.key"));
        _disk.SyncDirectory(Tls);
        CrashAtEveryStep(() => OpenGenerated().Dispose());
        Assert.Equal(ca, Content("ca.pem"));
    }

    [Fact] // C-12
    public void A_leaf_is_renewed_when_less_than_thirty_days_are_left_while_the_broker_runs()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate first = certificates.Current;
        _time.Advance(TimeSpan.FromDays(334));
        Assert.Same(first, certificates.Current);
        _time.Advance(TimeSpan.FromDays(2));
        ServedCertificate second = certificates.Current;
        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.Equal(first.IssuerFingerprint, second.IssuerFingerprint);
        Assert.True(second.NotAfter - _time.GetUtcNow() > TimeSpan.FromDays(360));
        using Certificates again = OpenGenerated();
        Assert.Equal(second.Fingerprint, again.Current.Fingerprint);
    }

    [Fact]
    public void A_renewal_that_cannot_be_stored_is_tried_again()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate first = certificates.Current;
        Action heal = _disk.FailAlso(static operation => operation.Kind == DiskOperationKind.Sync);
        _time.Advance(TimeSpan.FromDays(340));
        Assert.Same(first, certificates.Current);
        heal();
        _time.Advance(TimeSpan.FromHours(6));
        Assert.NotEqual(first.Fingerprint, certificates.Current.Fingerprint);
    }

    [Fact]
    public void A_renewal_that_was_stored_half_is_finished_and_served_later()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate first = certificates.Current;
        Action heal = _disk.FailAlso(static operation => operation.Path.Contains("server.key", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromDays(340));
        Assert.Same(first, certificates.Current);
        heal();
        _time.Advance(TimeSpan.FromHours(6));
        Assert.NotEqual(first.Fingerprint, certificates.Current.Fingerprint);
        Assert.Equal(Files.Order(), _disk.ListFiles(Tls).Order());
    }

    [Fact]
    public void A_renewed_certificate_that_could_not_be_loaded_is_served_later()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate first = certificates.Current;
        _disk.BeforeRead = static path =>
        {
            if (path.EndsWith("server.key", StringComparison.Ordinal)) throw DiskFaults.InputOutputError();
        };
        _time.Advance(TimeSpan.FromDays(340));
        Assert.Same(first, certificates.Current);
        _disk.BeforeRead = null;
        _time.Advance(TimeSpan.FromHours(6));
        Assert.NotEqual(first.Fingerprint, certificates.Current.Fingerprint);
    }

    [Fact] // validated completely first
    public void New_material_that_is_bad_is_refused_and_the_old_keeps_serving()
    {
        using var authority = CertificateAuthority.Create(_time.GetUtcNow().AddYears(-3));
        IssuedCertificate good = authority.IssueServer(Names, _time.GetUtcNow()), other = authority.IssueServer(Names, _time.GetUtcNow());
        Supply(good);
        using Certificates certificates = OpenSupplied();
        ServedCertificate served = certificates.Current;
        IssuedCertificate[] bad =
        [
            good with { KeyPem = other.KeyPem },
            good with { KeyPem = "no key" },
            good with { CertificatePem = "no certificate" },
            good with { CertificatePem = good.CertificatePem[..200] },
            authority.IssueServer(Names, _time.GetUtcNow().AddYears(-2)),
            authority.IssueClient("ann", _time.GetUtcNow()),
        ];
        foreach (IssuedCertificate material in bad)
        {
            Supply(material);
            ReloadOutcome outcome = certificates.Reload();
            Assert.False(outcome.IsReloaded);
            Assert.NotEmpty(outcome.Problem!);
            Assert.Same(served, outcome.Served);
            Assert.Same(served, certificates.Current);
        }

        _disk.DeleteFile(Path.Combine(Root, KeyFile));
        Assert.Contains(KeyFile, certificates.Reload().Problem, StringComparison.Ordinal);
        Supply(other);
        Assert.True(certificates.Reload().IsReloaded);
        Assert.NotSame(served, certificates.Current);
    }

    [Fact]
    public void Changing_the_ca_needs_a_restart()
    {
        using Certificates certificates = OpenGenerated();
        ServedCertificate served = certificates.Current;
        using var other = CertificateAuthority.Create(_time.GetUtcNow());
        IssuedCertificate issued = other.IssueServer(Names, _time.GetUtcNow());
        Put(Path.Combine(Tls, "server.pem"), issued.CertificatePem);
        Put(Path.Combine(Tls, "server.key"), issued.KeyPem);
        Assert.Contains("restart", certificates.Reload().Problem, StringComparison.Ordinal);
        Assert.Same(served, certificates.Current);
    }

    [Fact] // 10.2: PKCS#8, PKCS#1 and SEC1
    public void Keys_may_have_any_of_the_usual_forms()
    {
        using var authority = CertificateAuthority.Create(_time.GetUtcNow());
        IssuedCertificate issued = authority.IssueServer(Names, _time.GetUtcNow());
        using ECDsa curve = ECDsa.Create();
        curve.ImportFromPem(issued.KeyPem);
        Supply(issued with { KeyPem = curve.ExportECPrivateKeyPem() });
        OpenSupplied().Dispose();

        using RSA rsa = RSA.Create(2048);
        using X509Certificate2 own = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(1));
        Supply(new IssuedCertificate(own.ExportCertificatePem(), rsa.ExportRSAPrivateKeyPem()));
        using Certificates certificates = OpenSupplied();
        Assert.Null(certificates.Current.IssuerFingerprint);

        Supply(issued with { KeyPem = curve.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)) });
        Assert.Contains("passphrase", Assert.Throws<InvalidDataException>(OpenSupplied).Message, StringComparison.Ordinal);
    }

    [Fact] // section 5, rows 4 to 6
    public void Exactly_one_source_has_to_be_named()
    {
        AssertRefused(new TlsOptions { Enabled = true }, "tls.auto_self_signed");
        AssertRefused(new TlsOptions { Enabled = true, AutoSelfSigned = true, CertificatePath = "x" }, "not both");
        AssertRefused(new TlsOptions { Enabled = true, CertificatePath = "x" }, "tls.key_path");
        AssertRefused(new TlsOptions { Enabled = true, KeyPath = "x" }, "tls.cert_path");
    }

    [Fact]
    public void A_ca_that_has_expired_issues_nothing_and_the_start_says_so()
    {
        OpenGenerated().Dispose();
        _disk.DeleteFile(Path.Combine(Tls, "server.pem"));
        _disk.DeleteFile(Path.Combine(Tls, "server.key"));
        _time.Advance(TimeSpan.FromDays(3653));
        Assert.Contains("ca.pem", Assert.Throws<InvalidDataException>(OpenGenerated).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_of_clients_need_a_ca_that_they_come_from()
    {
        using var authority = CertificateAuthority.Create(_time.GetUtcNow());
        Supply(authority.IssueServer(Names, _time.GetUtcNow()));
        TlsOptions options = Supplied();
        options.ClientAuth = ClientCertificates.Request;
        AssertRefused(options, "tls.client_ca_path");

        options = Generated();
        options.ClientAuth = ClientCertificates.Require;
        using Certificates certificates = Open(options);
        Assert.Equal(certificates.Current.IssuerFingerprint, CertificateFingerprint.Of(Assert.Single(certificates.Current.ClientAuthorities!)));
    }

    [Theory]
    [InlineData("CN=ann", "", "ann")]
    [InlineData("CN=ann", "bob, carl", "bob")]
    [InlineData("O=company", "", null)]
    [InlineData("O=company", "bob", "bob")]
    [InlineData("CN=@node", "", null)]
    [InlineData("CN=ann", "@node", null)]
    public void A_client_is_its_first_dns_name_or_else_its_common_name_and_never_a_node(string subject, string dnsNames, string? identity)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress("mail@example.org");
        foreach (string name in dnsNames.Split(", ", StringSplitOptions.RemoveEmptyEntries)) names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddDays(1));
        Assert.Equal(identity, ClientIdentity.Of(certificate));
    }

    [Theory] // cli.md 5: the identity is the common name and the DNS name
    [InlineData("app", "app")]
    [InlineData("app.team-1.example", "app.team-1.example")]
    [InlineData("app_1", "app_1")]
    [InlineData("Bürgeramt", null)] // it would become xn--brgeramt-65a, who is somebody else
    [InlineData("a..b", null)]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", null)] // a label has 63 letters at most
    public void A_client_is_issued_a_certificate_of_its_name_as_dns_name_unless_that_would_be_another(string user, string? dnsName)
    {
        using var authority = CertificateAuthority.Create(_time.GetUtcNow());
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(authority.IssueClient(user, _time.GetUtcNow()).CertificatePem);
        Assert.Equal(user, ClientIdentity.Of(certificate));
        Assert.Equal(user, certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        Assert.Equal(dnsName, certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static names => names.EnumerateDnsNames()).SingleOrDefault());
    }

    private void CrashAtEveryStep(Action act)
    {
        SimulatedFileSystem real = _disk;
        int crashes = 0;
        real.BeforeOperation = _ =>
        {
            SimulatedFileSystem[] images = [real.AfterKill(), real.AfterPowerLoss(), real.AfterPowerLoss(new Random(crashes), 64)];
            foreach (SimulatedFileSystem image in images)
            {
                crashes++;
                _disk = image;
                using Certificates certificates = OpenGenerated();
                Assert.Equal(Files.Order(), image.ListFiles(Tls).Order());
                _disk = real;
            }
        };
        act();
        real.BeforeOperation = null;
        Assert.True(crashes > 30, "The files were hardly touched.");
    }

    private void AssertRefused(TlsOptions options, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Open(options)).Message, StringComparison.Ordinal);

    private static TlsOptions Generated() => new() { Enabled = true, AutoSelfSigned = true };

    private static TlsOptions Supplied() => new()
    {
        Enabled = true,
        CertificatePath = Path.Combine(Root, CertificateFile),
        KeyPath = Path.Combine(Root, KeyFile),
    };

    private Certificates OpenGenerated() => Open(Generated());

    private Certificates OpenSupplied() => Open(Supplied());

    private Certificates Open(TlsOptions options) => Certificates.Open(options, _disk, Root, Names, _time, _log);

    private void Supply(IssuedCertificate issued)
    {
        Put(Path.Combine(Root, CertificateFile), issued.CertificatePem);
        Put(Path.Combine(Root, KeyFile), issued.KeyPem);
    }

    private void Put(string path, string text)
    {
        _disk.DeleteFile(path);
        using IStorageFile file = _disk.Create(path);
        file.Write(Encoding.UTF8.GetBytes(text), 0);
    }

    private byte[] Content(string name) => ((IStorageFileSystem)_disk).ReadAll(Path.Combine(Tls, name));

    private string Text(string name) => Encoding.UTF8.GetString(Content(name));
}
