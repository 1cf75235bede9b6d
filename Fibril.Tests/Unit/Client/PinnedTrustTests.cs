using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Client;
using Fibril.Client.Tls;

namespace Fibril.Tests.Unit.Client;

/// <summary>What a pinned fingerprint trusts: A-30.</summary>
public sealed class PinnedTrustTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly X509Certificate2 _root = Issue("CN=root", issuer: null, isAuthority: true);
    private readonly X509Certificate2 _middle;
    private readonly X509Certificate2 _leaf;

    public PinnedTrustTests()
    {
        _middle = Issue("CN=middle", _root, isAuthority: true);
        _leaf = Issue("CN=leaf", _middle, isAuthority: false);
    }

    [Fact]
    public void The_leaf_itself_is_accepted_whatever_comes_with_it() => Assert.True(Accepts(_leaf, _leaf));

    [Fact]
    public void A_ca_that_signed_the_leaf_is_accepted_when_it_is_presented()
    {
        Assert.True(Accepts(_middle, _leaf, _middle));
        Assert.True(Accepts(_middle, _leaf, _middle, _root));
        Assert.False(Accepts(_middle, _leaf));
        X509Certificate2 direct = Issue("CN=direct", _root, isAuthority: false);
        Assert.True(Accepts(_root, direct, _root));
    }

    [Fact] // only what signed the leaf counts
    public void A_ca_further_up_is_rejected() => Assert.False(Accepts(_root, _leaf, _middle, _root));

    [Fact]
    public void A_ca_that_is_only_presented_is_rejected_even_when_its_name_is_that_of_the_issuer()
    {
        X509Certificate2 forger = Issue("CN=root", issuer: null, isAuthority: true), other = Issue("CN=middle", forger, isAuthority: true);
        Assert.False(Accepts(_root, Issue("CN=leaf", forger, isAuthority: false), _root));
        Assert.False(Accepts(_root, Issue("CN=leaf", forger, isAuthority: false), _root, forger));
        Assert.False(Accepts(_middle, Issue("CN=leaf", other, isAuthority: false), _middle, _root));
        Assert.False(Accepts(_root, Issue("CN=leaf", issuer: null, isAuthority: false), _root));
    }

    [Fact] // whoever has a certificate of the CA could issue others with it
    public void A_certificate_that_is_no_ca_signs_nothing()
    {
        X509Certificate2 server = Issue("CN=server", _root, isAuthority: false);
        Assert.False(Accepts(server, Issue("CN=leaf", server, isAuthority: false), server, _root));
    }

    [Fact]
    public void A_leaf_of_a_pinned_ca_must_not_have_expired() =>
        Assert.False(Accepts(_root, Issue("CN=leaf", _root, isAuthority: false, Now.AddDays(-2), Now.AddDays(-1)), _root));

    [Fact] // a client of the same CA is no broker
    public void A_leaf_that_was_issued_for_a_client_is_rejected()
    {
        using var authority = CertificateAuthority.Create(Now);
        Assert.True(Accepts(authority.Certificate, Parse(authority.IssueServer(["localhost"], Now)), authority.Certificate));
        Assert.False(Accepts(authority.Certificate, Parse(authority.IssueClient("ann", Now)), authority.Certificate));
    }

    private static X509Certificate2 Parse(IssuedCertificate issued) => X509Certificate2.CreateFromPem(issued.CertificatePem);

    [Theory]
    [InlineData("AA:BB", false)]
    [InlineData("zz", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF", true)]
    public void A_fingerprint_has_64_digits_with_or_without_colons(string text, bool isOne) // TLS-4
    {
        Assert.Equal(isOne, FibrilTlsOptions.ParseFingerprint(text) is not null);
        var options = new FibrilClientOptions { Tls = new FibrilTlsOptions { Fingerprint = text } };
        if (isOne) options.Validated();
        else Assert.Throws<ArgumentException>(() => options.Validated());
    }

    [Fact]
    public void A_client_certificate_comes_with_its_key() => Assert.Throws<ArgumentException>(
        () => new FibrilClientOptions { Tls = new FibrilTlsOptions { ClientCertificateFile = "a.pem" } }.Validated());

    private static bool Accepts(X509Certificate2 pinned, X509Certificate2 leaf, params X509Certificate2[] presented) =>
        PinnedTrust.Accepts(pinned.GetCertHash(HashAlgorithmName.SHA256), leaf, [.. presented]);

    private static X509Certificate2 Issue(
        string subject, X509Certificate2? issuer, bool isAuthority, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (issuer is null) return request.CreateSelfSigned(from ?? Now.AddDays(-10), until ?? Now.AddDays(10));
        using ECDsa signing = issuer.GetECDsaPrivateKey()!;
        using X509Certificate2 issued = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signing), from ?? Now.AddDays(-9), until ?? Now.AddDays(9), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
