using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>Lists users.</summary>
internal sealed class UserListVerb : QueryVerb
{
    public UserListVerb(GlobalOptions global, CliContext context) : base("list", "Lists stored users with their roles and permissions.", global, context, OutputFormat.Json) =>
        Examples = [new("fibrilctl user list -o table", "For people."), new("fibrilctl user list | jq -r '.[].username'", "The names.")];

    protected override View View(ParseResult parse) => UserColumns.List;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/users"), cancellationToken);
}
