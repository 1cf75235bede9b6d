using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>A value for every field of the runtime settings (K-5). In JSON an object of groups, as configuration.md, section 6, has it. Immutable.</summary>
[JsonConverter(typeof(RuntimeSettingsConverter))]
internal sealed class RuntimeSettingsDocument
{
    private readonly ImmutableDictionary<RuntimeField, long> _values;

    private RuntimeSettingsDocument(ImmutableDictionary<RuntimeField, long> values) => _values = values;

    /// <summary>What is built in.</summary>
    public static RuntimeSettingsDocument Defaults { get; } = Of(static field => field.Default);

    /// <summary>The number of a field, in the unit of the field.</summary>
    public long this[RuntimeField field] => _values[field];

    /// <summary>The values that options hold now.</summary>
    public static RuntimeSettingsDocument From(RuntimeOptions options) => Of(field => field.Read(options));

    public RuntimeSettingsDocument With(RuntimeField field, long value) => new(_values.SetItem(field, value));

    /// <summary>This document with some groups as <paramref name="other"/> has them.</summary>
    public RuntimeSettingsDocument WithGroupsOf(RuntimeSettingsDocument other, IReadOnlySet<string> groups) =>
        Of(field => groups.Contains(field.Group) ? other[field] : this[field]);

    public IReadOnlyList<RuntimeField> DifferencesFrom(RuntimeSettingsDocument other) =>
        [.. RuntimeFields.All.Where(field => this[field] != other[field])];

    /// <summary>Sets every value on the options that modules read.</summary>
    public void ApplyTo(RuntimeOptions options)
    {
        foreach (RuntimeField field in RuntimeFields.All) field.Write(options, this[field]);
    }

    private static RuntimeSettingsDocument Of(Func<RuntimeField, long> value) =>
        new(RuntimeFields.All.ToImmutableDictionary(static field => field, value));
}
