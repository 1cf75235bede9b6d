using System.Text.Json.Serialization;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>The JSON of this module's records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RuntimeSettingsDocument))]
[JsonSerializable(typeof(RuntimeSettingsSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<RuntimeSettingsVersion>))]
[JsonSerializable(typeof(IReadOnlyList<RuntimeFieldSchema>))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(bool))]
internal sealed partial class RuntimeSettingsJson : JsonSerializerContext;
