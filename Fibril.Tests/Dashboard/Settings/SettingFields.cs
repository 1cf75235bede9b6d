using System.Text.Json.Nodes;
using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Settings;

namespace Fibril.Tests.Dashboard.Settings;

/// <summary>A small schema: a duration, a count, a size, a switch, and a number that may be none.</summary>
internal static class SettingFields
{
    public static SettingField Lease { get; } = Field("delivery", "inflight_ttl_ms", "ms", 30_000, 1, 31_536_000_000);

    public static SettingField Batch { get; } = Field("delivery", "expiry_batch_max", null, 8192, 1, int.MaxValue);

    public static SettingField Buffer { get; } = Field("stream", "buffer_bytes", "bytes", 1 << 20, 1, 1L << 40);

    public static SettingField Cleanup { get; } = new("idle", "enabled", "", "boolean", null, false, true, true, null, null, "live", false);

    public static SettingField Target { get; } = new("groups", "target", "", "integer", null, true, null, null, 0, 100, "live", false);

    public static SettingsSchema Schema { get; } = new([Lease, Batch, Buffer, Cleanup, Target]);

    public static SettingValues Values(params (SettingField Field, long? Value)[] others)
    {
        var document = new JsonObject();
        foreach ((SettingField field, long? value) in others)
        {
            if (document[field.Group] is not JsonObject group) document[field.Group] = group = [];
            group[field.Name] = SettingValues.Write(field, value);
        }

        return SettingValues.Of(document, Schema);
    }

    public static SettingsDraft Draft(params (SettingField Field, string Text, string Unit)[] typed)
    {
        var draft = new SettingsDraft(Schema, 1, Values());
        foreach ((SettingField field, string text, string unit) in typed) draft.Type(field, new SettingInput(text, SettingUnit.Of(field).Single(known => known.Name == unit)));
        return draft;
    }

    private static SettingField Field(string group, string name, string? unit, long value, long min, long max) =>
        new(group, name, "", "integer", unit, false, value, value, min, max, "next_use", false);
}
