using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>What going back to something earlier would change.</summary>
public static class SettingsReset
{
    private const int MostNamed = 5;

    /// <param name="schema">What there is.</param>
    /// <param name="now">The values in force.</param>
    /// <param name="to"><c>seed</c>, <c>defaults</c> or <c>version</c>.</param>
    /// <param name="version">Which version, when it is one.</param>
    public static IEnumerable<SettingChange> Changes(SettingsSchema schema, SettingValues now, string to, SettingsVersion? version)
    {
        SettingValues? wanted = version is null ? null : SettingValues.Of(version.Settings, schema);
        foreach (SettingField field in schema.Fields.Where(static field => !field.Locked))
        {
            long? value = wanted is not null ? wanted[field] : SettingValues.Read(to == "seed" ? field.Seed : field.Default);
            if (value != now[field]) yield return new SettingChange(field, now[field], value);
        }
    }

    /// <summary>The same as a sentence.</summary>
    public static string Consequence(IReadOnlyList<SettingChange> changes) => changes.Count == 0
        ? "No value would be other than now; a version is stored all the same."
        : $"{Show.Plural(changes.Count, "setting changes", "settings change")}: {string.Join(", ", changes.Take(MostNamed).Select(static change => $"{change.Field.Path} from {change.BeforeText} to {change.AfterText}"))}"
            + (changes.Count > MostNamed ? $", and {changes.Count - MostNamed} more." : ".") + " It becomes a new version, so this can be undone.";
}
