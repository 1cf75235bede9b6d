using Fibril.Broker.Security.Users;

namespace Fibril.Tests.Support;

/// <summary>Changes of one thing, for tests that are about that.</summary>
internal static class UserDirectoryExtensions
{
    /// <summary>Adds a user who may do everything on the broker, or gives one another password.</summary>
    public static Task SetPasswordAsync(this UserDirectory users, string name, string password, CancellationToken cancellationToken = default) =>
        users.ApplyAsync(name, mustExist: false, password: password, cancellationToken: cancellationToken);

    /// <returns>False when there is no such user.</returns>
    public static async Task<bool> SetRoleAsync(this UserDirectory users, string name, UserRole role) =>
        await users.ApplyAsync(name, mustExist: true, role: role) is not null;

    /// <inheritdoc cref="SetRoleAsync"/>
    public static async Task<bool> SetRulesAsync(this UserDirectory users, string name, IReadOnlyList<TopicRule> rules) =>
        await users.ApplyAsync(name, mustExist: true, rules: rules) is not null;
}
