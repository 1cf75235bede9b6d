using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Users;

/// <summary>Allows a user something.</summary>
internal sealed class PermissionAddVerb : PermissionChangeVerb
{
    private readonly Argument<string> _topic = Inputs.Name("topics", "A topic; each * in it stands for any number of characters.");
    private readonly Argument<string[]> _operations = new("operation") { Arity = ArgumentArity.OneOrMore, Description = "publish, consume, manage (declare)." };

    public PermissionAddVerb(GlobalOptions global, CliContext context) : base("add", "Allows a user to do something with topics, in place of what was allowed with the same pattern.", global, context)
    {
        _operations.AcceptOnlyFromAmong("publish", "consume", "manage");
        Add(_topic);
        Add(_operations);
        Notes = ["A user without permissions may do everything. The first one that is added forbids all that it does not allow."];
        Examples = [new("fibrilctl user permission add app 'orders.*' publish consume", "Quote the pattern, or the shell takes the star for itself.")];
    }

    protected override TopicPermission[] Change(ParseResult parse, string user, IReadOnlyList<TopicPermission> before)
    {
        string topic = parse.GetRequiredValue(_topic);
        return [.. before.Where(rule => rule.Topic != topic), new TopicPermission(topic, [.. parse.GetRequiredValue(_operations).Distinct()])];
    }
}
