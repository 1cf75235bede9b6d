using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Messages;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Admin;

/// <summary><c>admin dlq replay</c>: picked dead letters, in one request.</summary>
internal sealed class AdminDlqReplayVerb : AdminVerb
{
    private readonly Argument<string> _topic = new("dlq_topic") { Description = "Topic of the dead letters." };
    private readonly Option<string?> _group = Inputs.Group("--dlq-group", "Group of that topic.");
    private readonly Option<long?> _partition = Inputs.Number("--partition", "Partition of the dead letters; default 0.", 0, int.MaxValue);
    private readonly Option<long[]?> _offsets = Inputs.Offsets("Dead letters, at most 100; may be repeated.");

    public AdminDlqReplayVerb(GlobalOptions global, CliContext context)
        : base("replay", "Copies picked dead letters back to the queues they came from.", global, context, OutputFormat.Json)
    {
        _offsets.Required = true;
        Add(_topic);
        AddOptions(_group, _partition, _offsets);
        Notes = ["Prints what became of each, and succeeds also when some were skipped. For filters and a judging exit code see fibrilctl dlq replay."];
        Examples = [new("fibrilctl admin dlq replay jobs.failed --offset 3 --offset 7", "Two of them.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        var request = new ReplayRequest(
            parse.GetRequiredValue(_topic), parse.GetValue(_group), parse.GetValue(_partition) ?? 0, parse.GetRequiredValue(_offsets)!, "keep");
        JsonElement answer = await admin.PostAsync(new Route("/admin/api/dlq/replay"), request, AdminJson.Default.ReplayRequest, cancellationToken);
        Print(parse, answer, MessageBatch.Outcomes);
        return ExitCode.Success;
    }
}
