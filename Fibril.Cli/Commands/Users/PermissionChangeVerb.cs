using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Users;

/// <summary>A command that replaces the permissions of a user by others made from them.</summary>
internal abstract class PermissionChangeVerb : AdminVerb
{
    private readonly Argument<string> _user = Inputs.Name("user", "Name of the user.");

    protected PermissionChangeVerb(string name, string description, GlobalOptions global, CliContext context) : base(name, description, global, context) => Add(_user);

    protected abstract TopicPermission[] Change(ParseResult parse, string user, IReadOnlyList<TopicPermission> before);

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        string user = parse.GetRequiredValue(_user);
        using AdminClient admin = Connect(parse);
        JsonElement now = await UserColumns.FindAsync(admin, user, cancellationToken);
        TopicPermission[] before =
        [
            .. now.At("permissions").Items().Select(static rule => new TopicPermission(rule.At("topic").Text() ?? "", [.. rule.At("ops").Items().Select(static op => op.Text()).OfType<string>()])),
        ];
        JsonElement answer = await admin.PatchAsync(
            Route.To("/admin/api/users", user), new ChangeUserRequest(null, null, Change(parse, user, before)), AdminJson.Default.ChangeUserRequest, cancellationToken);
        Print(parse, answer, UserColumns.Permissions);
        return ExitCode.Success;
    }
}
