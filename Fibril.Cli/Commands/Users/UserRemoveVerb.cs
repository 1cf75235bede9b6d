using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>Removes a user.</summary>
internal sealed class UserRemoveVerb : AdminVerb
{
    private readonly Argument<string> _user = Inputs.Name("user", "Name of the user.");

    public UserRemoveVerb(GlobalOptions global, CliContext context) : base("remove", "Removes a user, who cannot sign in any more.", global, context, OutputFormat.Json)
    {
        Add(_user);
        Notes = ["It does not ask: scripts have always relied on that, and a user is quickly added again."];
        Examples = [new("fibrilctl user remove app", "Exit code 3 when there is no such user.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.DeleteAsync(Route.To("/admin/api/users", parse.GetRequiredValue(_user)), cancellationToken);
        Print(parse, answer, new View(new Sentence(document => $"removed user {document.At("username").Text()}")));
        return ExitCode.Success;
    }
}
