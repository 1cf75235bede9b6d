using System.Text.Json.Nodes;

namespace Fibril.Dashboard.Api.Models;

/// <summary>Every runtime setting with what is allowed for it: <c>GET /admin/api/runtime-settings/schema</c>.</summary>
public sealed record SettingsSchema(IReadOnlyList<SettingField> Fields);

/// <summary>One setting.</summary>
/// <param name="Group">Its group.</param>
/// <param name="Name">Its name in the group.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Type"><c>boolean</c> or <c>integer</c>.</param>
/// <param name="Unit"><c>ms</c>, <c>us</c>, <c>bytes</c>, or null.</param>
/// <param name="Nullable">True when null is a value.</param>
/// <param name="Default">What is built in.</param>
/// <param name="Seed">What this start was configured with.</param>
/// <param name="Min">Smallest number.</param>
/// <param name="Max">Largest number.</param>
/// <param name="Applies"><c>live</c>, or <c>next_use</c>.</param>
/// <param name="Locked">True when nobody can change it while the broker runs.</param>
public sealed record SettingField(
    string Group, string Name, string Description, string Type, string? Unit, bool Nullable, JsonNode? Default, JsonNode? Seed, long? Min, long? Max, string Applies, bool Locked);
