using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Security;

/// <summary>What an attempt to log in came to: a principal, or the code and the text of a refusal.</summary>
internal readonly record struct Login(Principal? Principal, ErrorCode Code, string? Refusal)
{
    public static Login As(string name, PrincipalKind kind) => new(new Principal(name, kind), default, null);

    /// <summary>The same credentials get the same answer again.</summary>
    public static Login Refused(string text) => new(null, ErrorCode.Unauthenticated, text);

    /// <summary>Nobody has looked at the credentials: trying again can help (ERR-1).</summary>
    public static Login Overloaded(string text) => new(null, ErrorCode.ServerFault, text);
}
