using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Admin.Views;

/// <summary>A stored user; passwords and their hashes are never shown.</summary>
/// <param name="Username">The name.</param>
/// <param name="CreatedMs">Unix milliseconds.</param>
/// <param name="UpdatedMs">Unix milliseconds of the last change.</param>
/// <param name="Role">What the user may do at the admin listener: <c>none</c>, <c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Permissions">What the user may do at the broker listener; empty for everything.</param>
internal sealed record UserView(string Username, long CreatedMs, long UpdatedMs, UserRole Role, IReadOnlyList<PermissionView> Permissions)
{
    public static UserView Of(StoredUser user) => new(user.Name, user.CreatedMs, user.UpdatedMs, user.Role, [.. user.Rules.Select(PermissionView.Of)]);
}

/// <summary>What can be done with a topic.</summary>
internal enum OperationName
{
    Publish,
    Consume,
    Manage,
}

/// <summary>Allows operations on the topics that a pattern matches.</summary>
/// <param name="Topic">A topic; each <c>*</c> in it stands for any number of characters, also none.</param>
/// <param name="Ops">What is allowed there.</param>
internal sealed record PermissionView(string Topic, IReadOnlyList<OperationName> Ops)
{
    public static PermissionView Of(TopicRule rule) => new(
        rule.Topics, [.. Enum.GetValues<OperationName>().Where(name => rule.Operations.HasFlag(FlagOf(name)))]);

    public TopicRule ToRule() => new(Topic, Ops.Aggregate(TopicOperations.None, static (all, name) => all | FlagOf(name)));

    private static TopicOperations FlagOf(OperationName name) => name switch
    {
        OperationName.Publish => TopicOperations.Publish,
        OperationName.Consume => TopicOperations.Consume,
        _ => TopicOperations.Manage,
    };
}

/// <summary>The body of <c>POST /admin/api/users</c>: adds a user, or gives one another password. Role and permissions that are left out stay.</summary>
internal sealed record SetUserBody(string Username, string Password, UserRole? Role = null, IReadOnlyList<PermissionView>? Permissions = null);

/// <summary>The body of <c>PATCH /admin/api/users/{username}</c>. What is left out stays as it is.</summary>
internal sealed record ChangeUserBody(string? Password = null, UserRole? Role = null, IReadOnlyList<PermissionView>? Permissions = null);

/// <summary>The answer of a change of a user.</summary>
internal sealed record ChangedUserView(string Status, string Username);
