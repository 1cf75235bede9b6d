using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Security;

/// <summary>Issues the certificate of a client.</summary>
internal sealed class CertIssueVerb : Verb
{
    private readonly Argument<string> _identity = Inputs.Name("identity", "Name of the user that the client is.");
    private readonly DataDirectoryOption _dataDirectory = new();
    private readonly Option<string?> _outDirectory = Inputs.Text("--out-dir", "path", "Where to write certificate and key; default here.");
    private readonly Option<TimeSpan?> _lifetime = Inputs.Duration("--lifetime", "How long it is valid; default 365d, and never longer than the CA.", TimeSpan.FromMinutes(1));

    public CertIssueVerb(GlobalOptions global, CliContext context)
        : base("issue", "Issues a certificate that a client signs in with, from the CA of the deployment.", global, context)
    {
        Add(_identity);
        _dataDirectory.AddTo(this);
        AddOptions(_outDirectory, _lifetime);
        Notes =
        [
            "Needs ca.pem and ca.key in the directory tls of the data directory. Files that are there already are replaced. The broker must ask for certificates: tls.client_auth.",
            "The identity is the common name, and the DNS name when it can be one. It is no certificate of a broker: cert generate makes those, for the names and addresses of --san.",
        ];
        Examples =
        [
            new("fibrilctl cert issue app --data-dir /var/lib/fibril --out-dir ./app", "Makes app.pem and app.key."),
            new("fibrilctl ping --ca-file ca.pem --client-cert app.pem --client-key app.key", "Uses them."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        string identity = parse.GetValue(_identity) ?? "";
        if (string.IsNullOrWhiteSpace(identity)) faults.Add("The identity is empty; name the user that the client is.");
        if (identity.StartsWith('@')) faults.Add($"'{identity}' begins with @, as only names of brokers do.");
        if (identity.AsSpan().IndexOfAny('/', '\\') >= 0 || identity.Any(char.IsControl)) faults.Add($"'{identity}' cannot be the name of a file.");
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string identity = parse.GetRequiredValue(_identity), directory = Path.GetFullPath(parse.GetValue(_outDirectory) ?? ".");
        IssuedCertificate issued = Issue(identity, Path.Combine(_dataDirectory.Find(parse, Global, Context), GeneratedMaterial.DirectoryName), parse.GetValue(_lifetime));
        var files = new PhysicalFileSystem();
        files.CreateDirectory(directory);
        PrivateFiles.Replace(files, directory, $"{identity}.key", Encoding.UTF8.GetBytes(issued.KeyPem));
        PrivateFiles.Replace(files, directory, $"{identity}.pem", Encoding.UTF8.GetBytes(issued.CertificatePem), isSecret: false);
        Write($"{Path.Combine(directory, $"{identity}.pem")}\n{Path.Combine(directory, $"{identity}.key")}\n");
        talk.Say($"A user of the name {identity} must exist: fibrilctl user add {identity}");
        return Task.FromResult(ExitCode.Success);
    }

    private IssuedCertificate Issue(string identity, string directory, TimeSpan? lifetime)
    {
        string certificate = Path.Combine(directory, GeneratedMaterial.CaFile), key = Path.Combine(directory, GeneratedMaterial.CaKeyFile);
        try
        {
            using CertificateAuthority authority = CertificateAuthority.FromPem(Context.ReadText(certificate), Context.ReadText(key));
            return authority.IssueClient(identity, Context.Time.GetUtcNow(), lifetime);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"there is no CA with its key in {directory}", "Name the data directory with --data-dir; fibrilctl cert generate makes a CA.", missing);
        }
        catch (CryptographicException unfit)
        {
            throw new CliException(ExitCode.Failure, $"{certificate} and {key} cannot issue a certificate", cause: unfit);
        }
    }
}
