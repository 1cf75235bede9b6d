using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;
using Fibril.Cli.Output;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Settings;

/// <summary>Changes settings in an editor.</summary>
internal sealed class SettingsEditVerb : AdminVerb
{
    private readonly Argument<string?> _group = SettingsDocument.Wanted("This group only, such as delivery, or one setting; default all.");

    public SettingsEditVerb(GlobalOptions global, CliContext context) : base("edit", "Changes runtime settings in your editor.", global, context)
    {
        Add(_group);
        Notes =
        [
            $"Opens the editor that VISUAL or EDITOR names, else {TextEditor.Usual}. Only values that you change are sent, all of them or none; what you delete stays as it is. "
            + "When somebody else has changed settings meanwhile, or a group is locked, the exit code is 4 and your text is kept.",
        ];
        Examples = [new("fibrilctl settings edit delivery", "One group."), new("EDITOR='code --wait' fibrilctl settings edit", "All, in an editor of your choice.")];
    }

    protected override async Task<int> RunAsync(ParseResult parse, Talk talk, CancellationToken cancellationToken)
    {
        using AdminClient admin = Connect(parse);
        JsonElement now = await admin.GetAsync(new Route(SettingsDocument.Path), cancellationToken);
        JsonElement shown = parse.GetValue(_group) is { } wanted ? SettingsDocument.Pick(now, wanted) : now;
        string before = SettingsText.Write(shown.At("settings"));
        EditedText edited = await Context.Edit(before, cancellationToken);
        try
        {
            JsonObject changes = SettingsText.Changes(edited.Text, now.At("settings"));
            if (changes.Count == 0) talk.Say("Nothing was changed.");
            else await SendAsync(parse, admin, now, changes, cancellationToken);
        }
        catch (CliException failure) when (edited.Text != before)
        {
            throw new CliException(failure.ExitCode, failure.Message, $"{failure.Remedy} Your text is in {edited.Path}.".TrimStart(), failure.InnerException);
        }

        edited.Delete();
        return ExitCode.Success;
    }

    private async Task SendAsync(ParseResult parse, AdminClient admin, JsonElement now, JsonObject changes, CancellationToken cancellationToken)
    {
        HashSet<string> names = [.. changes.SelectMany(static group => group.Value!.AsObject().Select(field => $"{group.Key}.{field.Key}"))];
        var body = new JsonObject { ["expected_version"] = now.At("version").Number(), ["settings"] = changes };
        JsonElement answer = await SettingsChange.SendAsync(admin, HttpMethod.Patch, new Route(SettingsDocument.Path), body, cancellationToken);
        Print(parse, answer, SettingsDocument.Only(names));
    }
}
