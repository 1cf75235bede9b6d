using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Shows the settings in effect.</summary>
internal sealed class SettingsGetVerb : QueryVerb
{
    private readonly Argument<string?> _group = SettingsDocument.Wanted("This group only, such as delivery, or one setting, such as delivery.inflight_ttl_ms.");

    public SettingsGetVerb(GlobalOptions global, CliContext context) : base("get", "Shows the runtime settings in effect.", global, context)
    {
        Add(_group);
        Examples = [new("fibrilctl settings get", "All."), new("fibrilctl settings get delivery", "One group."), new("fibrilctl settings get -o json > settings.json", "To keep.")];
    }

    protected override View View(ParseResult parse) => SettingsDocument.View;

    protected override async Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken)
    {
        JsonElement answer = await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);
        return parse.GetValue(_group) is { } wanted ? SettingsDocument.Pick(answer, wanted) : answer;
    }
}
