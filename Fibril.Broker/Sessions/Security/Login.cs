namespace Fibril.Broker.Sessions.Security;

/// <summary>What an attempt to log in came to: a principal, or the text of a refusal.</summary>
internal readonly record struct Login(Principal? Principal, string? Refusal)
{
    public static Login As(string name, PrincipalKind kind) => new(new Principal(name, kind), null);

    public static Login Refused(string text) => new(null, text);
}
