using System.Globalization;
using System.Text.Json.Nodes;
using Fibril.Cli.Parsing;

namespace Fibril.Cli.Commands.Settings;

/// <summary>One <c>group.field=value</c>.</summary>
internal sealed record SettingAssignment(string Group, string Field, string Text)
{
    private const decimal MicrosecondsPerMillisecond = 1000;

    public string Name => $"{Group}.{Field}";

    /// <summary>Null for what is no assignment.</summary>
    public static SettingAssignment? Read(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal), dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && equals > dot + 1 && equals < text.Length - 1 ? new SettingAssignment(text[..dot], text[(dot + 1)..equals], text[(equals + 1)..]) : null;
    }

    /// <summary>The value in JSON: a duration such as 30s becomes a number in the unit that the field's name ends in.</summary>
    public JsonNode? ToJson()
    {
        if (Text == "null") return null;
        if (bool.TryParse(Text, out bool flag)) return flag;
        if (long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)) return number;
        if (!DurationText.TryParse(Text, out TimeSpan duration)) return Text;
        return Field.EndsWith("_ms", StringComparison.Ordinal) ? (long)duration.TotalMilliseconds
            : Field.EndsWith("_us", StringComparison.Ordinal) ? (long)((decimal)duration.TotalMilliseconds * MicrosecondsPerMillisecond)
            : Text;
    }
}
