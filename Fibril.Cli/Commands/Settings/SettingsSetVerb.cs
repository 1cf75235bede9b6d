using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Changes settings.</summary>
internal sealed class SettingsSetVerb : AdminVerb
{
    private readonly Argument<string[]> _assignments = new("setting") { Arity = ArgumentArity.OneOrMore, Description = "group.field=value; a duration may be written as 30s." };
    private readonly Option<long?> _expectedVersion = Inputs.Number("--expected-version", "Version that the change is meant for; default the one read just before.", 0, long.MaxValue);

    public SettingsSetVerb(GlobalOptions global, CliContext context) : base("set", "Changes runtime settings; those that are not named stay as they are.", global, context)
    {
        Add(_assignments);
        Add(_expectedVersion);
        Notes = ["All of them are changed, or none. When somebody has changed settings since that version, or their group is locked, the exit code is 4."];
        Examples =
        [
            new("fibrilctl settings set delivery.inflight_ttl_ms=45s", "Leases of later deliveries."),
            new("fibrilctl settings set idle_queue_cleanup.enabled=true idle_queue_cleanup.evict_after_ms=10m", "Two at once."),
        ];
    }

    public override void Check(ParseResult parse, ICollection<string> faults)
    {
        foreach (string text in parse.GetValue(_assignments) ?? [])
            if (SettingAssignment.Read(text) is null) faults.Add($"'{text}' is not group.field=value.");
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        SettingAssignment[] assignments = [.. parse.GetRequiredValue(_assignments).Select(SettingAssignment.Read).OfType<SettingAssignment>()];
        var settings = new JsonObject();
        foreach (SettingAssignment assignment in assignments) SettingsDocument.Put(settings, assignment.Name, assignment.ToJson());
        using AdminClient admin = Connect(parse);
        JsonElement now = await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);
        string[] known = [.. SettingsDocument.Fields(now.At("settings")).Select(static field => field.Setting)];
        foreach (SettingAssignment assignment in assignments) SettingsDocument.ThrowIfUnknown(assignment.Name, known);
        var body = new JsonObject { ["expected_version"] = parse.GetValue(_expectedVersion) ?? now.At("version").Number(), ["settings"] = settings };
        JsonElement answer = await SettingsChange.SendAsync(admin, HttpMethod.Patch, new Route(SettingsDocument.Path), body, cancellationToken);
        Print(parse, answer, SettingsDocument.Only(assignments.Select(static assignment => assignment.Name).ToHashSet()));
        return ExitCode.Success;
    }
}
