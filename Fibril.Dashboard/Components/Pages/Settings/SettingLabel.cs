using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>What settings and their groups are called on pages.</summary>
public static class SettingLabel
{
    private static readonly string[] Units = ["_ms", "_us", "_bytes"];

    /// <summary>The name without its unit: <c>inflight ttl</c>.</summary>
    public static string Of(SettingField field)
    {
        string name = field.Name;
        foreach (string unit in Units)
        {
            if (field.Unit is not null && name.EndsWith(unit, StringComparison.Ordinal)) name = name[..^unit.Length];
        }

        return Show.Words(name);
    }

    /// <summary><c>Idle queue cleanup</c>.</summary>
    public static string OfGroup(string group) => group.Length == 0 ? group : char.ToUpperInvariant(group[0]) + Show.Words(group)[1..];

    /// <summary>Whether a text is somewhere in what is written about a setting.</summary>
    public static bool Matches(SettingField field, string? text) =>
        string.IsNullOrWhiteSpace(text) || text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
            field.Path.Contains(word, StringComparison.OrdinalIgnoreCase) || Of(field).Contains(word, StringComparison.OrdinalIgnoreCase)
            || field.Description.Contains(word, StringComparison.OrdinalIgnoreCase));
}
