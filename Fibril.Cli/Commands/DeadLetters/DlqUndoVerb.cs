using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Withdraws the copies of a replay.</summary>
internal sealed class DlqUndoVerb : AdminVerb
{
    private static readonly View Undone = new(new Sheet(
        null, "",
        Column.Text("Replay", "id"), Column.Count("Withdrawn", "withdrawn"), Column.Count("Too late for", "too_late"), Column.Count("Left", "left"), Column.Text("Error", "error")));

    private readonly Argument<string> _id = Inputs.Name("id", "Number of the replay, as fibrilctl dlq jobs shows it.");

    public DlqUndoVerb(GlobalOptions global, CliContext context) : base("undo", "Withdraws the copies that a replay has made, as far as nobody was given them.", global, context)
    {
        Add(_id);
        Notes = ["The dead letters stay where they are: a replay that has removed them cannot be undone. When it was too late for some copies the exit code is 8."];
        Examples = [new("fibrilctl dlq undo 3", "Takes back what replay 3 has sent.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.PostAsync(Route.To("/admin/api/dlq/replay/jobs", parse.GetRequiredValue(_id), "/undo"), cancellationToken);
        Print(parse, answer, Undone);
        return (answer.At("too_late").Number() ?? 0) + (answer.At("left").Number() ?? 0) == 0 ? ExitCode.Success : ExitCode.Partial;
    }
}
