using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>Shows the nodes and what they own.</summary>
internal sealed class TopologyVerb : QueryVerb
{
    private readonly Option<bool> _check = Inputs.Flag("--check", "Ends with exit code 1 when a node is dead, a partition has no owner or too few copies, or there is no leader.");

    public TopologyVerb(GlobalOptions global, CliContext context) : base("topology", "Shows the brokers, which partitions each owns, and who follows.", global, context)
    {
        Add(_check);
        Examples =
        [
            new("fibrilctl topology", "Nodes and partitions."),
            new("fibrilctl topology --check > /dev/null || page-somebody", "In a cron job."),
        ];
    }

    protected override View View(ParseResult parse) => TopologyTables.View;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/topology"), cancellationToken);

    protected override int Judge(ParseResult parse, JsonElement answer)
    {
        if (!parse.GetValue(_check)) return ExitCode.Success;
        IReadOnlyList<string> troubles = TopologyTables.Troubles(answer);
        return troubles.Count == 0 ? ExitCode.Success : throw new CliException(ExitCode.Failure, string.Join("; ", troubles));
    }
}
