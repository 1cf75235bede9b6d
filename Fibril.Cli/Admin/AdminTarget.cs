using Fibril.Cli.Connecting;

namespace Fibril.Cli.Admin;

/// <summary>Which admin API to ask, as whom, and how long to wait for it.</summary>
/// <param name="Address">Scheme, host and port.</param>
/// <param name="Credentials">The user.</param>
/// <param name="Timeout">Longest wait for an answer; null for the default.</param>
internal sealed record AdminTarget(Uri Address, Credentials Credentials, TimeSpan? Timeout)
{
    /// <summary>Whom HTTPS trusts; null leaves it to the operating system.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>What warns when nobody is checked.</summary>
    public required Output.Talk Talk { get; init; }
}
