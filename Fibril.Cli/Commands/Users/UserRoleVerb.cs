using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>Changes what a user may do at the admin API.</summary>
internal sealed class UserRoleVerb : AdminVerb
{
    private readonly Argument<string> _user = Inputs.Name("user", "Name of the user.");
    private readonly Argument<string> _role = Inputs.Name("role", "none, viewer (looks), operator (works with queues, streams and messages) or admin (also settings, users and certificates).");

    public UserRoleVerb(GlobalOptions global, CliContext context) : base("role", "Changes what a user may do at the admin API.", global, context)
    {
        _role.AcceptOnlyFromAmong(UserColumns.Roles);
        Add(_user);
        Add(_role);
        Examples = [new("fibrilctl user role ops operator", "May work with queues, not with users."), new("fibrilctl user role app none", "Is for the broker only.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PatchAsync(
            Route.To("/admin/api/users", parse.GetRequiredValue(_user)), new ChangeUserRequest(null, parse.GetValue(_role), null), AdminJson.Default.ChangeUserRequest, cancellationToken);
        Print(parse, answer, new View(new Sentence(document => $"user {document.At("username").Text()} has the role {document.At("role").Text()} now")));
        return ExitCode.Success;
    }
}
