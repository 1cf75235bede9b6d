using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Security.Tls.Issuing;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Security;

/// <summary>Makes what a broker needs for TLS.</summary>
internal sealed class CertGenerateVerb : Verb
{
    private static readonly string[] UsualNames = ["localhost", "127.0.0.1", "::1"];

    private readonly DataDirectoryOption _dataDirectory = new();
    private readonly Option<string[]?> _names = new("--san") { HelpName = "name or ip", Description = "Name or address that clients reach the broker by, besides localhost; may be repeated." };

    public CertGenerateVerb(GlobalOptions global, CliContext context)
        : base("generate", "Makes a CA and a certificate for a broker in its data directory, or what is missing of them.", global, context)
    {
        _dataDirectory.AddTo(this);
        AddOptions(_names);
        Notes =
        [
            "With nothing there it makes a CA and a certificate; with a CA of another broker of the cluster (ca.pem and ca.key) only the certificate; what is complete is kept. "
            + "Any other combination is refused. A broker with tls.auto_self_signed does the same when it starts.",
        ];
        Examples = [new("fibrilctl cert generate --data-dir /var/lib/fibril --san broker-1.example.org --san 10.0.0.5", "For one that is reached by name and by address.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string data = _dataDirectory.Find(parse, Global, Context);
        var files = new PhysicalFileSystem();
        string directory = Path.Combine(data, GeneratedMaterial.DirectoryName);
        bool wasThere = File.Exists(Path.Combine(directory, GeneratedMaterial.ServerFile));
        GeneratedMaterial material;
        try
        {
            StorageDirectories.EnsureRoot(files, data);
            material = GeneratedMaterial.Open(files, data, [.. UsualNames.Concat(parse.Given(_names) ?? []).Distinct(StringComparer.OrdinalIgnoreCase)], Context.Time);
        }
        catch (InvalidDataException unfit)
        {
            throw new CliException(ExitCode.Failure, unfit.Message, cause: unfit.InnerException);
        }

        if (wasThere) talk.Say("The material was complete and is kept" + (parse.Given(_names) is null ? "." : "; --san counts for new certificates only."));
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(material.CaPath);
        Write(
            $"""
            directory: {directory}
              {GeneratedMaterial.CaFile}      certificate of the CA; give it to clients (--ca-file)
              {GeneratedMaterial.CaKeyFile}      key of the CA; a secret
              {GeneratedMaterial.ServerFile}  certificate of this broker
              {GeneratedMaterial.ServerKeyFile}  key of this broker; a secret
            CA fingerprint: {CertificateFingerprint.Of(authority)}

            To switch it on, in the configuration of the broker:

            [tls]
            enabled = true
            auto_self_signed = true

            """);
        return Task.FromResult(ExitCode.Success);
    }
}
