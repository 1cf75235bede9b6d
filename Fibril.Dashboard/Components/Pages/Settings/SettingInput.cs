using System.Globalization;
using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>What somebody has typed for a setting, whether it makes sense or not.</summary>
/// <param name="Text">As typed; for a switch <c>true</c> or <c>false</c>.</param>
/// <param name="Unit">What it is counted in.</param>
public sealed record SettingInput(string Text, SettingUnit Unit)
{
    /// <summary>How a value looks before anybody has touched it.</summary>
    public static SettingInput Of(SettingField field, long? value)
    {
        SettingUnit unit = SettingUnit.For(field, value);
        return new SettingInput(field.IsSwitch ? (value is > 0 ? "true" : "false") : unit.Write(value), unit);
    }

    /// <summary>The same value counted in another unit. What is no number stays as it is.</summary>
    public SettingInput In(SettingUnit unit) => TryScale(out decimal scaled) ? new SettingInput(unit.Write(scaled), unit) : this with { Unit = unit };

    /// <summary>Reads it.</summary>
    /// <returns>What is wrong with it, as a predicate; null when nothing is.</returns>
    public string? Read(SettingField field, out long? value)
    {
        value = null;
        if (field.IsSwitch)
        {
            value = Text == "true" ? 1 : 0;
            return null;
        }

        if (string.IsNullOrWhiteSpace(Text)) return field.Nullable ? null : $"is empty; write {SettingUnit.Range(field)}";
        if (!TryScale(out decimal scaled)) return $"is no number; write {SettingUnit.Range(field)}";
        if (scaled != decimal.Truncate(scaled)) return $"is no whole number of {(SettingUnit.Of(field)[0].Name is { Length: > 0 } smallest ? smallest : "pieces")}";
        value = (long)scaled;
        bool meansNull = field.Nullable && value == 0;
        return (value < field.Min && !meansNull) || value > field.Max ? $"is out of range; write {SettingUnit.Range(field)}" : null;
    }

    private bool TryScale(out decimal scaled)
    {
        scaled = 0;
        if (!decimal.TryParse(Text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)) return false;
        if (Math.Abs(number) > long.MaxValue / Unit.Factor) return false;
        scaled = number * Unit.Factor;
        return true;
    }
}
