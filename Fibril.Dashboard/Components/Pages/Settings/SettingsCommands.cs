using System.Globalization;
using Fibril.Dashboard.Commands;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>The commands that do the same as this page.</summary>
public static class SettingsCommands
{
    public static string Set(IReadOnlyList<SettingChange> changes, long version) =>
        new CliCommand(["settings", "set", .. changes.Select(Assignment)]).With("--expected-version", version).ToString();

    /// <param name="to"><c>seed</c>, <c>defaults</c>, or the number of a version.</param>
    public static string Reset(string to) => new CliCommand("settings", "reset").With("--to", to).If(true, "--yes").ToString();

    private static string Assignment(SettingChange change) =>
        $"{change.Field.Path}={(change.After is not { } value ? "null" : change.Field.IsSwitch ? (value != 0 ? "true" : "false") : value.ToString(CultureInfo.InvariantCulture))}";
}
