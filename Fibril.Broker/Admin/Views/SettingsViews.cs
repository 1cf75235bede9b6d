using System.Text.Json;
using Fibril.Broker.RuntimeSettings;

namespace Fibril.Broker.Admin.Views;

/// <summary>The body of <c>PUT</c> and <c>PATCH /admin/api/runtime-settings</c>: what is left out keeps its value.</summary>
internal sealed record UpdateSettingsBody(long ExpectedVersion, JsonElement Settings);

/// <summary>What to go back to.</summary>
internal enum ResetTo
{
    Seed,
    Defaults,
    Version,
}

/// <summary>The body of <c>POST /admin/api/runtime-settings/reset</c>.</summary>
/// <param name="ExpectedVersion">The version that the caller has seen.</param>
/// <param name="To">What to go back to.</param>
/// <param name="Version">Which version, when that is what to go back to.</param>
internal sealed record ResetSettingsBody(long ExpectedVersion, ResetTo To, long? Version = null);

/// <summary>The versions that are kept, the newest first.</summary>
internal sealed record SettingsHistoryView(IReadOnlyList<RuntimeSettingsVersion> Versions);

/// <summary>Every field with what is allowed for it.</summary>
internal sealed record SettingsSchemaView(IReadOnlyList<RuntimeFieldSchema> Fields);

/// <summary>What the broker was started with (admin-api 13.2).</summary>
internal sealed record StartupConfigView(
    string DataDir,
    string TlsStatus,
    string BrokerBind,
    string AdminBind,
    bool AdminAuthEnabled,
    IReadOnlyList<StartupSettingView> Settings)
{
    /// <summary>Settings by the names that older tools read them by.</summary>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, object>? Numbers { get; init; }
}

/// <summary>One setting of the start.</summary>
internal sealed record StartupSettingView(string Key, string Value, string Source, bool Redacted, string Description);

/// <summary>The served certificate (admin-api 17.1).</summary>
/// <param name="Fingerprint">SHA-256 of the leaf, as hex pairs with colons.</param>
/// <param name="NotBeforeUnix">Start of its time, in Unix seconds.</param>
/// <param name="NotAfterUnix">End of its time, in Unix seconds.</param>
/// <param name="Subject">Whom it names.</param>
/// <param name="IssuerFingerprint">SHA-256 of the CA that is served with it; null when none is.</param>
internal sealed record TlsView(string Fingerprint, long NotBeforeUnix, long NotAfterUnix, string Subject, string? IssuerFingerprint);

/// <summary>The answer of a reload.</summary>
internal sealed record TlsReloadedView(bool Reloaded, string LeafSha256, long NotAfterUnix);
