using System.CommandLine;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Connecting;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Contexts;

/// <summary>Lists named contexts.</summary>
internal sealed class ContextListVerb : Verb
{
    private static readonly View Contexts = new(new Table(
        "contexts", "No contexts. Add one with fibrilctl context add.",
        Column.Text("CURRENT", "current"), Column.Text("NAME", "name"), Column.Text("BROKER", "broker"), Column.Text("ADMIN", "admin"), Column.Text("USER", "username"),
        Column.Text("PASSWORD", "has_password")));

    private readonly OutputOption _output = new(null);

    public ContextListVerb(GlobalOptions global, CliContext context) : base("list", "Lists named contexts; passwords are not shown.", global, context)
    {
        _output.AddTo(this);
        Examples = [new("fibrilctl context list", "Which there are, and which is the current one.")];
    }

    protected override Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        ContextList list = new ContextFile(Context).Read();
        var rows = new JsonArray();
        foreach (SavedContext saved in list.Contexts)
        {
            rows.Add((JsonNode)new JsonObject
            {
                ["name"] = saved.Name,
                ["current"] = saved.Name == list.Current,
                ["broker"] = saved.Broker,
                ["admin"] = saved.Admin,
                ["username"] = saved.UserName,
                ["has_password"] = saved.Password is not null,
            });
        }

        Print(AdminJson.Element(new JsonObject { ["contexts"] = rows }), Contexts, _output.Read(parse, Context));
        return Task.FromResult(ExitCode.Success);
    }
}
