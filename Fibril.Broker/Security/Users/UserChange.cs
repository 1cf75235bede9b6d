namespace Fibril.Broker.Security.Users;

/// <summary>What a request to change a user came to.</summary>
/// <param name="Before">The user as it was; null when it was added.</param>
/// <param name="After">The user as it is.</param>
internal sealed record UserChange(StoredUser? Before, StoredUser After)
{
    public bool IsPasswordChanged => Before?.PasswordHash != After.PasswordHash;

    public bool IsRoleChanged => Before?.Role != After.Role;

    public bool AreRulesChanged => Before?.Rules != After.Rules;

    /// <summary>True when the user was what it was to become already.</summary>
    public bool IsNone => !IsPasswordChanged && !IsRoleChanged && !AreRulesChanged;
}
