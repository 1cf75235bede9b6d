namespace Fibril.Dashboard.Api.Models;

/// <summary>Who is logged in: <c>GET /admin/api/session</c>.</summary>
/// <param name="UserName">As in the audit trail.</param>
/// <param name="Role">What for.</param>
/// <param name="CsrfToken">What changes of this session need; null without one.</param>
public sealed record SessionInfo(string UserName, Role Role, string? CsrfToken)
{
    /// <summary>True when the role is this one, or one that may do more.</summary>
    public bool Is(Role role) => Role >= role;

    /// <summary>True while the broker asks nobody for a password.</summary>
    public bool IsAnybody => CsrfToken is null && UserName == "anonymous";
}

/// <summary>What somebody may do; each may do what those before it may.</summary>
public enum Role
{
    None,
    Viewer,
    Operator,
    Admin,
}
