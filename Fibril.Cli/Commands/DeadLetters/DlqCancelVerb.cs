using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.DeadLetters;

/// <summary>Ends a replay.</summary>
internal sealed class DlqCancelVerb : AdminVerb
{
    private readonly Argument<string> _id = Inputs.Name("id", "Number of the replay, as fibrilctl dlq jobs shows it.");

    public DlqCancelVerb(GlobalOptions global, CliContext context) : base("cancel", "Ends a replay after the copies that are on their way.", global, context)
    {
        Add(_id);
        Examples = [new("fibrilctl dlq cancel 3", "Ends replay 3.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement job = await admin.DeleteAsync(Route.To("/admin/api/dlq/replay/jobs", parse.GetRequiredValue(_id)), cancellationToken);
        Print(parse, job, ReplayJob.View);
        return ExitCode.Success;
    }
}
