using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>One setting that is other than it was.</summary>
public sealed record SettingChange(SettingField Field, long? Before, long? After)
{
    public string BeforeText => SettingUnit.Text(Field, Before);

    public string AfterText => SettingUnit.Text(Field, After);

    /// <summary>When it is felt.</summary>
    public string Effect => EffectOf(Field);

    public static string EffectOf(SettingField field) => field.Applies == "live" ? "at once" : "for what begins afterwards; what has begun keeps the old value";

    /// <summary>What differs between two versions, in the order of the schema.</summary>
    public static IReadOnlyList<SettingChange> Between(SettingsSchema schema, SettingValues before, SettingValues after) =>
        [.. schema.Fields.Where(field => before[field] != after[field]).Select(field => new SettingChange(field, before[field], after[field]))];
}
