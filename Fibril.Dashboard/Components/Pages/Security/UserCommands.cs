using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Commands;

namespace Fibril.Dashboard.Components.Pages.Security;

/// <summary>The commands that do the same as the form of a user. Passwords stand in none: the command asks for them.</summary>
public static class UserCommands
{
    /// <param name="user">Who is changed; null to add somebody.</param>
    /// <param name="name">Of the one who is added.</param>
    /// <param name="hasPassword">A new password is wanted.</param>
    /// <param name="role">The role that is wanted.</param>
    /// <param name="permissions">Those that are wanted; null to leave them.</param>
    public static IReadOnlyList<string> Of(UserRow? user, string name, bool hasPassword, Role role, IReadOnlyList<TopicRule>? permissions)
    {
        string who = user?.Username ?? name;
        var commands = new List<CliCommand>();
        if (user is null) commands.Add(new CliCommand("user", "add", who).With("--role", role == Role.None ? null : UserConsequences.Name(role)));
        else if (hasPassword) commands.Add(new CliCommand("user", "passwd", who));
        if (user is not null && role != user.Role) commands.Add(new CliCommand("user", "role", who, UserConsequences.Name(role)));
        if (permissions is not null)
        {
            if (user is { Permissions.Count: > 0 }) commands.Add(new CliCommand("user", "permission", "clear", who));
            commands.AddRange(permissions.Where(static permission => permission.Topic.Length > 0 && permission.Ops.Count > 0).Select(permission =>
                new CliCommand(["user", "permission", "add", who, permission.Topic, .. permission.Ops.Select(static operation => operation.ToString().ToLowerInvariant())])));
        }

        return [.. commands.Select(static command => command.ToString())];
    }
}
