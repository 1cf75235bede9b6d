using Fibril.Cli.Connecting;

namespace Fibril.Cli.Parsing;

/// <summary>Where to connect to, as whom, and how long to wait for it.</summary>
/// <param name="Address">The broker.</param>
/// <param name="Credentials">The user.</param>
/// <param name="Timeout">Longest wait for an answer; null for the client's defaults.</param>
internal sealed record BrokerTarget(BrokerAddress Address, Credentials Credentials, TimeSpan? Timeout)
{
    /// <summary>Null for a connection without TLS.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>What warns when nobody is checked.</summary>
    public required Output.Talk Talk { get; init; }
}
