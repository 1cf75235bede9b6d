using Fibril.Client;

namespace Fibril.Cli.Connecting;

/// <summary>How to make sure that the other end is the broker, for its own protocol and for the admin API alike. What is null is left to the operating system.</summary>
internal sealed record TlsSettings
{
    public string? CaFile { get; init; }

    public string? Fingerprint { get; init; }

    public string? ServerName { get; init; }

    public string? ClientCertificateFile { get; init; }

    public string? ClientKeyFile { get; init; }

    /// <summary>True trusts whoever answers, after a warning.</summary>
    public bool IsInsecure { get; init; }

    /// <exception cref="CliException">The options make no sense.</exception>
    public FibrilTlsOptions ToClient() => new()
    {
        CaFile = CaFile,
        Fingerprint = Fingerprint,
        ServerName = ServerName,
        ClientCertificateFile = ClientCertificateFile,
        ClientKeyFile = ClientKeyFile,
    };
}
