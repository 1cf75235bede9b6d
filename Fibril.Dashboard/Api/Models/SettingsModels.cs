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
    string Group, string Name, string Description, string Type, string? Unit, bool Nullable, JsonNode? Default, JsonNode? Seed, long? Min, long? Max, string Applies, bool Locked)
{
    /// <summary>Group and name, as the API writes it.</summary>
    public string Path => $"{Group}.{Name}";

    /// <summary>True for a switch.</summary>
    public bool IsSwitch => Type == "boolean";
}

/// <summary>The runtime settings in effect: <c>GET /admin/api/runtime-settings</c>.</summary>
/// <param name="Version">Grows with every change; what an update has to name.</param>
/// <param name="Settings">Groups with their fields.</param>
/// <param name="Locks">For every group, whether the startup configuration locks it.</param>
/// <param name="LoadIssue">Why what is stored is not in effect; null when it is.</param>
public sealed record RuntimeSettings(long Version, JsonObject Settings, IReadOnlyDictionary<string, bool> Locks, SettingsLoadIssue? LoadIssue);

/// <summary>A stored document that could not be read.</summary>
public sealed record SettingsLoadIssue(long Version, string Message);

/// <summary>The versions that are kept, the newest first: <c>GET /admin/api/runtime-settings/history</c>.</summary>
public sealed record SettingsHistory(IReadOnlyList<SettingsVersion> Versions);

/// <summary>One of them.</summary>
/// <param name="Version">Its number.</param>
/// <param name="AtMs">When it was stored, in Unix milliseconds.</param>
/// <param name="Actor">Who stored it.</param>
/// <param name="Settings">What was stored.</param>
public sealed record SettingsVersion(long Version, long AtMs, string Actor, JsonObject Settings);

/// <summary>What the broker was started with: <c>GET /admin/api/startup-config</c>.</summary>
public sealed record StartupConfig(string DataDir, string TlsStatus, string BrokerBind, string AdminBind, bool AdminAuthEnabled, IReadOnlyList<StartupSetting> Settings);

/// <summary>One setting of the start; secrets are replaced.</summary>
public sealed record StartupSetting(string Key, string Value, string Source, bool Redacted, string Description);
