using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>Shows what a user may do at the broker.</summary>
internal sealed class PermissionListVerb : QueryVerb
{
    private readonly Argument<string> _user = Inputs.Name("user", "Name of the user.");

    public PermissionListVerb(GlobalOptions global, CliContext context) : base("list", "Shows what a user may do with which topics.", global, context)
    {
        Add(_user);
        Examples = [new("fibrilctl user permission list app", "Patterns of topics, and what is allowed there.")];
    }

    protected override View View(ParseResult parse) => UserColumns.Permissions;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        UserColumns.FindAsync(admin, parse.GetRequiredValue(_user), cancellationToken);
}
