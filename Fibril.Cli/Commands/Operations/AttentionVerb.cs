using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Shows what an operator should look at.</summary>
internal sealed class AttentionVerb : QueryVerb
{
    private static readonly View Items = new(new Table(
        "items", "Nothing needs attention.",
        Column.Text("SEVERITY", "severity"), Column.Text("KIND", "kind"), Column.Text("SUBJECT", "subject"), Column.Age("FOR", "since_ms"), Column.Text("WHAT", "headline"),
        Column.Text("REMEDY", "remedy")));

    private readonly Option<bool> _check = Inputs.Flag("--check", "Ends with exit code 1 when something critical is there.");

    public AttentionVerb(GlobalOptions global, CliContext context) : base("attention", "Shows what an operator should look at, critical things first.", global, context)
    {
        Add(_check);
        Examples = [new("fibrilctl attention", "Is anything wrong?"), new("fibrilctl attention --check --quiet > /dev/null || page-somebody", "In a cron job.")];
    }

    protected override View View(ParseResult parse) => Items;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/attention"), cancellationToken);

    protected override int Judge(ParseResult parse, JsonElement answer) =>
        parse.GetValue(_check) && answer.At("items").Items().Any(static item => item.At("severity").Text() == "critical") ? ExitCode.Failure : ExitCode.Success;
}
