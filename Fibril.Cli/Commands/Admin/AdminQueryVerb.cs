using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Admin;

/// <summary>Prints what a route without parameters answers, as JSON unless told otherwise.</summary>
internal sealed class AdminQueryVerb : QueryVerb
{
    private readonly string _route;
    private readonly View _view;

    public AdminQueryVerb(string name, string description, string route, View view, Example example, GlobalOptions global, CliContext context)
        : base(name, description, global, context, OutputFormat.Json)
    {
        _route = route;
        _view = view;
        Examples = [example];
    }

    protected override View View(ParseResult parse) => _view;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route(_route), cancellationToken);
}
