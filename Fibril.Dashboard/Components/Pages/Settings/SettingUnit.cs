using System.Globalization;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>A unit that a setting can be written in.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Factor">How many of the API's units it is.</param>
public sealed record SettingUnit(string Name, long Factor)
{
    private static readonly SettingUnit[] Durations = [new("ms", 1), new("s", 1000), new("min", 60_000), new("h", 3_600_000), new("d", 86_400_000)];
    private static readonly SettingUnit[] ShortDurations = [new("µs", 1), new("ms", 1000), new("s", 1_000_000)];
    private static readonly SettingUnit[] Sizes = [new("bytes", 1), new("KiB", 1 << 10), new("MiB", 1 << 20), new("GiB", 1 << 30)];
    private static readonly SettingUnit[] Counts = [new("", 1)];

    /// <summary>The units of a setting, the smallest first: that of the API.</summary>
    public static IReadOnlyList<SettingUnit> Of(SettingField field) => field.Unit switch
    {
        "ms" => Durations,
        "us" => ShortDurations,
        "bytes" => Sizes,
        _ => Counts,
    };

    /// <summary>The largest unit that a value is a whole number of.</summary>
    public static SettingUnit For(SettingField field, long? value) =>
        value is not { } number || number == 0 ? Of(field)[0] : Of(field).Last(unit => number % unit.Factor == 0);

    /// <summary>A value with its unit: <c>30 s</c>, <c>on</c>, <c>none</c>.</summary>
    public static string Text(SettingField field, long? value)
    {
        if (value is not { } number) return "none";
        if (field.IsSwitch) return number != 0 ? "on" : "off";
        SettingUnit unit = For(field, value);
        return unit.Name.Length == 0 ? Show.Exact(number) : $"{Show.Exact(number / unit.Factor)} {unit.Name}";
    }

    /// <summary>What a number may be: <c>1 ms to 365 d</c> is written in units that fit; null for a switch.</summary>
    public static string? Range(SettingField field) =>
        field.IsSwitch || field.Min is null || field.Max is null ? null : $"{Text(field, field.Min)} to {Text(field, field.Max)}{(field.Nullable ? ", or empty for none" : "")}";

    /// <summary>A value as it stands in an input of this unit.</summary>
    public string Write(decimal? value) => value is { } number ? (number / Factor).ToString("0.######", CultureInfo.InvariantCulture) : "";
}
