using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Security;

/// <summary>Prints the fingerprint of a certificate.</summary>
internal sealed class CertFingerprintVerb : Verb
{
    private readonly Argument<string> _pem = Inputs.Name("pem", "PEM file; the first certificate in it counts.");

    public CertFingerprintVerb(GlobalOptions global, CliContext context) : base("fingerprint", "Prints the SHA-256 of a certificate, as --fingerprint takes it.", global, context)
    {
        Add(_pem);
        Examples = [new("fibrilctl cert fingerprint /var/lib/fibril/tls/ca.pem", "Of a deployment's CA.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string path = parse.GetRequiredValue(_pem);
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(Context.ReadText(path));
            Write(CertificateFingerprint.Of(certificate) + "\n");
            return Task.FromResult(ExitCode.Success);
        }
        catch (CryptographicException unfit)
        {
            throw new CliException(ExitCode.Failure, $"{path} holds no PEM certificate", "Name a file that has '-----BEGIN CERTIFICATE-----' in it.", unfit);
        }
    }
}
