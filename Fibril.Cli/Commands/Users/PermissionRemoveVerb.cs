using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Users;

/// <summary>Takes a permission away.</summary>
internal sealed class PermissionRemoveVerb : PermissionChangeVerb
{
    private readonly Argument<string> _topic = Inputs.Name("topics", "The pattern, as permission list shows it.");

    public PermissionRemoveVerb(GlobalOptions global, CliContext context) : base("remove", "Takes a permission away.", global, context)
    {
        Add(_topic);
        Notes = ["The last permission cannot be taken away with this command: without any the user may do everything. Use permission clear if that is meant."];
        Examples = [new("fibrilctl user permission remove app 'orders.*'", "Everything else stays as it is.")];
    }

    protected override TopicPermission[] Change(ParseResult parse, string user, IReadOnlyList<TopicPermission> before)
    {
        string topic = parse.GetRequiredValue(_topic);
        TopicPermission[] after = [.. before.Where(rule => rule.Topic != topic)];
        if (after.Length == before.Count) throw new CliException(ExitCode.NotFound, $"user {user} has no permission for {topic}", $"See fibrilctl user permission list {user}.");
        if (after.Length == 0)
            throw new CliException(ExitCode.Conflict, $"{topic} is the last permission of {user}, and without any a user may do everything", "Use fibrilctl user permission clear if that is meant, or remove the user.");
        return after;
    }
}
