namespace Fibril.Broker.Sessions.Security;

/// <summary>Who is at the other end of a connection.</summary>
internal sealed record Principal(string Name, PrincipalKind Kind);

internal enum PrincipalKind
{
    /// <summary>The built-in pair, which is in no document.</summary>
    BuiltIn,

    /// <summary>A user in the directory.</summary>
    Stored,

    /// <summary>Another broker: it may replicate, and do nothing that clients do .</summary>
    Node,
}
