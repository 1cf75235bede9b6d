using System.CommandLine;
using Fibril.Cli.Connecting;
using Fibril.Client;

namespace Fibril.Cli.Parsing;

/// <summary>The global options about TLS. Each of them switches it on.</summary>
internal sealed class TlsInputs
{
    private readonly Option<bool> _tls = Inputs.Flag("--tls", "Speaks TLS to broker and admin API. So does each of the options below.");
    private readonly Option<string?> _caFile = Inputs.Text("--ca-file", "path", "PEM file with the authorities to trust instead of those of this machine.");

    private readonly Option<string?> _fingerprint = Inputs.Checked<string?>(
        "--fingerprint", "sha256", "Trusts the certificate with this SHA-256, or what it has issued. The broker logs it when it starts.",
        static text => FibrilTlsOptions.ParseFingerprint(text) is null ? Inputs.Bad<string?>($"'{text}' is no SHA-256 fingerprint; it has 64 hexadecimal digits") : (text, null));

    private readonly Option<string?> _serverName = Inputs.Text("--server-name", "name", "Name that the certificate must be for, when it is not the host.");
    private readonly Option<string?> _clientCert = Inputs.Text("--client-cert", "path", "PEM file with a certificate to show; see fibrilctl cert issue.");
    private readonly Option<string?> _clientKey = Inputs.Text("--client-key", "path", "PEM file with the key of that certificate.");
    private readonly Option<bool> _insecure = Inputs.Flag("--insecure", "Trusts whoever answers, and says so loudly.");

    public IReadOnlyList<Option> Options => [_tls, _caFile, _fingerprint, _serverName, _clientCert, _clientKey, _insecure];

    public void Check(ParseResult parse, ICollection<string> faults)
    {
        if (parse.GetValue(_clientCert) is null != parse.GetValue(_clientKey) is null) faults.Add("--client-cert and --client-key go together.");
        if (parse.GetValue(_insecure) && (parse.GetResult(_fingerprint) ?? parse.GetResult(_caFile)) is not null) faults.Add("--insecure excludes --fingerprint and --ca-file, which say whom to trust.");
    }

    /// <summary>What the options say on top of a context; null for no TLS.</summary>
    public TlsSettings? Read(ParseResult parse, TlsSettings? saved)
    {
        if (Options.All(option => parse.GetResult(option) is null or { Implicit: true })) return saved; // flags that are not given have a result too
        TlsSettings settings = saved ?? new TlsSettings();
        return settings with
        {
            CaFile = parse.GetValue(_caFile) ?? settings.CaFile,
            Fingerprint = parse.GetValue(_fingerprint) ?? (parse.GetValue(_insecure) ? null : settings.Fingerprint),
            ServerName = parse.GetValue(_serverName) ?? settings.ServerName,
            ClientCertificateFile = parse.GetValue(_clientCert) ?? settings.ClientCertificateFile,
            ClientKeyFile = parse.GetValue(_clientKey) ?? settings.ClientKeyFile,
            IsInsecure = parse.GetValue(_insecure),
        };
    }
}
