namespace Fibril.Cli.Connecting;

/// <summary>A broker under a name: where it is and as whom to sign in there. What is null is found as without a context.</summary>
internal sealed record SavedContext(string Name)
{
    public string? Broker { get; init; }

    public string? Admin { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Null for connections without TLS.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>True when the command line or a variable names it; it then counts more than other variables.</summary>
    public bool IsAskedFor { get; init; }
}
