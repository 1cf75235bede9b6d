using System.Text.Json.Nodes;
using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>What somebody has typed over the version that they saw. Nothing typed is lost until they say so.</summary>
public sealed class SettingsDraft(SettingsSchema schema, long version, SettingValues seen)
{
    private readonly Dictionary<string, SettingInput> _inputs = [];

    public SettingsSchema Schema => schema;

    /// <summary>The version that what is typed is meant for.</summary>
    public long Version { get; private set; } = version;

    /// <summary>The values of that version.</summary>
    public SettingValues Seen { get; private set; } = seen;

    /// <summary>True when something was typed that differs from what was seen, or makes no sense.</summary>
    public bool IsTouched => _inputs.Count > 0;

    /// <summary>What would be changed.</summary>
    public IReadOnlyList<SettingChange> Changes =>
        [.. schema.Fields.Where(setting => _inputs.ContainsKey(setting.Path) && ProblemOf(setting) is null).Select(setting => new SettingChange(setting, Seen[setting], ValueOf(setting)))];

    /// <summary>Settings whose input makes no sense.</summary>
    public IReadOnlyList<SettingField> Faulty => [.. schema.Fields.Where(setting => ProblemOf(setting) is not null)];

    public SettingInput InputOf(SettingField field) => _inputs.GetValueOrDefault(field.Path) ?? SettingInput.Of(field, Seen[field]);

    /// <summary>What is wrong with what was typed; null for nothing.</summary>
    public string? ProblemOf(SettingField field) => _inputs.TryGetValue(field.Path, out SettingInput? input) ? input.Read(field, out _) : null;

    public bool IsChanged(SettingField field) => _inputs.ContainsKey(field.Path);

    /// <summary>Takes what was typed. What comes to the value that was seen is no change.</summary>
    public void Type(SettingField field, SettingInput input)
    {
        if (input.Read(field, out long? value) is null && Same(field, value, Seen[field])) _inputs.Remove(field.Path);
        else _inputs[field.Path] = input;
    }

    public void Set(SettingField field, long? value) => Type(field, SettingInput.Of(field, value));

    public void Undo(SettingField field) => _inputs.Remove(field.Path);

    public void Clear() => _inputs.Clear();

    /// <summary>Goes over to another version; what was typed stays typed, unless that version has it already.</summary>
    public void Rebase(long version, SettingValues theirs)
    {
        (Version, Seen) = (version, theirs);
        foreach (SettingField field in schema.Fields)
        {
            if (_inputs.TryGetValue(field.Path, out SettingInput? input)) Type(field, input);
        }
    }

    /// <summary>The body of a change: the settings that were changed, and no others.</summary>
    public JsonObject ToRequest()
    {
        var settings = new JsonObject();
        foreach (SettingChange change in Changes)
        {
            if (settings[change.Field.Group] is not JsonObject group) settings[change.Field.Group] = group = [];
            group[change.Field.Name] = SettingValues.Write(change.Field, change.After);
        }

        return new JsonObject { ["expected_version"] = Version, ["settings"] = settings };
    }

    private long? ValueOf(SettingField field)
    {
        InputOf(field).Read(field, out long? value);
        return value;
    }

    /// <summary>Where null is a value, 0 is written the same.</summary>
    private static bool Same(SettingField field, long? one, long? other) => one == other || (field.Nullable && (one ?? 0) == (other ?? 0) && field.Min == 0);
}
