using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>What people see of users.</summary>
internal static class UserColumns
{
    public static string[] Roles { get; } = ["none", "viewer", "operator", "admin"];

    public static View List { get; } = new(new Table(
        "", "No stored users.",
        Column.Text("USER", "username"), Column.Text("ROLE", "role"), Column.Time("CREATED", "created_ms"), Column.Time("CHANGED", "updated_ms"),
        Column.Made("PERMISSIONS", "permissions", PermissionsOf)));

    public static View Permissions { get; } = new(new Table(
        "permissions", "No permissions: the user may do everything at the broker.",
        Column.Text("TOPICS", "topic"), Column.Text("MAY", "ops")));

    public static Option<string?> RoleOption() => Inputs.Choice("--role", "What the user may do at the admin API.", Roles);

    /// <exception cref="CliException">There is no such user.</exception>
    public static async Task<JsonElement> FindAsync(AdminClient admin, string user, CancellationToken cancellationToken)
    {
        JsonElement users = await admin.GetAsync(new Route("/admin/api/users"), cancellationToken);
        JsonElement found = users.Items().FirstOrDefault(row => row.At("username").Text() == user);
        return found.IsMissing() ? throw new CliException(ExitCode.NotFound, $"there is no user {user}", "See fibrilctl user list.") : found;
    }

    private static string PermissionsOf(JsonElement permissions) => permissions.GetArrayLength() == 0
        ? "everything"
        : string.Join("; ", permissions.Items().Select(static rule => $"{rule.At("topic").Text()}: {string.Join(',', rule.At("ops").Items().Select(static op => op.Text()))}"));
}
