using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Users;

/// <summary>Lets a user do everything.</summary>
internal sealed class PermissionClearVerb : PermissionChangeVerb
{
    public PermissionClearVerb(GlobalOptions global, CliContext context) : base("clear", "Takes all permissions away, after which the user may do everything at the broker.", global, context) =>
        Examples = [new("fibrilctl user permission clear app", "No restrictions.")];

    protected override TopicPermission[] Change(ParseResult parse, string user, IReadOnlyList<TopicPermission> before) => [];
}
