using System.CommandLine;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Takes a drain back.</summary>
internal sealed class DrainCancelVerb : AdminVerb
{
    public DrainCancelVerb(GlobalOptions global, CliContext context) : base("cancel", "Takes a drain back: the broker stays.", global, context)
    {
        Notes = ["Clients that were told are not told again; they stay or come back by themselves."];
        Examples = [new("fibrilctl drain cancel", "Succeeds also when there is no drain.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        Print(parse, await admin.DeleteAsync(new Route("/admin/api/drain"), cancellationToken), DrainStatusVerb.State);
        return ExitCode.Success;
    }
}
