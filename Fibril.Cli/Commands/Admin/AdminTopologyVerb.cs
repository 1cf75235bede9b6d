using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Admin;

/// <summary><c>admin topology</c>, with the tables that scripts know (cli 3.1). <c>fibrilctl topology</c> shows more.</summary>
internal sealed class AdminTopologyVerb : AdminVerb
{
    private static readonly View Tables = new(new FixedTables());

    private readonly Option<bool> _json = Inputs.Flag("--json", "Prints the whole answer.");

    public AdminTopologyVerb(GlobalOptions global, CliContext context)
        : base("topology", "Shows nodes and queue assignments in tables of fixed width.", global, context, OutputFormat.Table)
    {
        Add(_json);
        Notes = ["fibrilctl topology shows more: streams, liveness, rates, versions, copies in sync."];
        Examples = [new("fibrilctl admin topology", "Tables."), new("fibrilctl admin topology --json", "Everything.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement answer = await admin.GetAsync(new Route("/admin/api/topology"), cancellationToken);
        Print(answer, Tables, parse.GetValue(_json) ? OutputFormat.Json : FormatOf(parse));
        return ExitCode.Success;
    }

    private sealed class FixedTables : Section
    {
        public override void Write(JsonElement document, Rendering rendering)
        {
            TextWriter output = rendering.Output;
            JsonElement coordination = document.At("coordination"), consensus = document.At("consensus");
            if (coordination.IsMissing() || (consensus.IsMissing() && coordination.At("generation").Number() == 0)) output.WriteLine("single-node/static mode: no coordination");
            else output.WriteLine($"node {coordination.At("node_id").Text()}, generation {coordination.At("generation").Number()}");
            if (coordination.IsMissing()) return;

            output.WriteLine("nodes:");
            output.WriteLine($"{"NODE",-16} {"BROKER",-22} ADMIN");
            foreach (JsonElement node in coordination.At("nodes").Items())
                output.WriteLine($"{Cell(node, "node_id"),-16} {Cell(node, "broker_addr"),-22} {Cell(node, "admin_addr")}");

            output.WriteLine("assignments:");
            output.WriteLine($"{"TOPIC",-20} {"PART",-5} {"GROUP",-10} {"OWNER",-16} {"EPOCH",-6} FOLLOWERS");
            foreach (JsonElement row in coordination.At("assignments").Items())
                output.WriteLine($"{Cell(row, "topic"),-20} {Cell(row, "partition"),-5} {Cell(row, "group"),-10} {Cell(row, "owner"),-16} {Cell(row, "epoch"),-6} {Cell(row, "followers")}");

            if (consensus.IsMissing()) return;
            output.WriteLine("consensus:");
            foreach ((string title, string field) in (ReadOnlySpan<(string, string)>)[
                ("local id", "local_id"), ("leader", "leader"), ("voters", "voters"), ("learners", "learners"), ("applied index", "last_applied_index"), ("committed generation", "committed_generation")])
            {
                string cell = Cell(consensus, field);
                output.WriteLine($"  {title}: {(field == "leader" && cell == Column.Nothing ? "none" : cell)}");
            }
        }

        private static string Cell(JsonElement row, string field) => Column.Text("", field).CellOf(row, default);
    }
}
