using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands;

/// <summary>Prints the versions of this tool and of the broker.</summary>
internal sealed class VersionVerb : AdminVerb
{
    private static readonly View Versions = new(new Sheet(null, "", Column.Text("fibrilctl", "fibrilctl"), Column.Text("broker", "broker"), Column.Text("broker not asked", "broker_error")));

    private readonly Option<bool> _json = Inputs.Flag("--json", "The same as --output json.");

    public VersionVerb(GlobalOptions global, CliContext context) : base("version", "Prints the versions of this tool and of the broker, if one answers.", global, context, OutputFormat.Table)
    {
        Add(_json);
        Examples = [new("fibrilctl version", "Both."), new("fibrilctl version --json", "For a script."), new("fibrilctl --version", "This tool's alone, without asking a broker.")];
    }

    public static string Own => (typeof(VersionVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        var document = new JsonObject { ["fibrilctl"] = Own, ["broker"] = null, ["broker_error"] = null };
        try
        {
            using AdminClient admin = Connect(parse);
            JsonElement topology = await admin.GetAsync(new Route("/admin/api/topology"), cancellationToken);
            document["broker"] = VersionOf(topology);
        }
        catch (CliException failure)
        {
            document["broker_error"] = failure.Message;
        }

        Print(AdminJson.Element(document), Versions, parse.GetValue(_json) ? OutputFormat.Json : FormatOf(parse));
        return ExitCode.Success;
    }

    /// <summary>The version of the node that answered.</summary>
    internal static string? VersionOf(JsonElement topology) => topology.At("coordination.nodes").Items()
        .FirstOrDefault(node => node.At("node_id").Text() == topology.At("coordination.node_id").Text()).At("runtime.version").Text();
}
