using Fibril.Broker.Admin.Http;

namespace Fibril.Broker.Admin;

/// <summary>Who sends a request to the admin listener.</summary>
/// <param name="Name">As in the audit trail.</param>
/// <param name="Access">What they may do.</param>
/// <param name="Session">The session of their browser; null for scripts, which send a password or nothing.</param>
internal sealed record Caller(string Name, Access Access, Login.AdminSession? Session = null)
{
    /// <summary>How the caller has logged in; null while nobody has to.</summary>
    public Login.AdminLogin? Login { get; init; }

    /// <summary>Everybody, while nobody is asked for a password .</summary>
    public static Caller Anybody { get; } = new("anonymous", Access.Administer);

    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request was not authenticated.");

    public ApiException Refusal(Access needed, string what) => new(
        ApiErrorCodes.Forbidden,
        $"{Name} may not do this: {what} It takes the role {RoleOf(needed)}, and {Name} has {RoleOf(Access)}. An administrator can change that.");

    /// <summary>The role that gives this access.</summary>
    public static string RoleOf(Access access) => access switch
    {
        Access.View => "viewer",
        Access.Operate => "operator",
        Access.Administer => "admin",
        _ => "none",
    };
}
