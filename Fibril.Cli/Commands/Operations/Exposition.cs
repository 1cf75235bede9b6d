using System.Text.Json;
using System.Text.Json.Nodes;
using Fibril.Cli.Admin;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Reads the text format of Prometheus, as far as the broker writes it.</summary>
internal static class Exposition
{
    /// <summary>One document with <c>samples</c>, each with <c>name</c>, <c>labels</c> and <c>value</c>.</summary>
    /// <param name="text">The exposition.</param>
    /// <param name="isWanted">Picks by name.</param>
    public static JsonElement Parse(string text, Func<string, bool> isWanted)
    {
        var samples = new JsonArray();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#') continue;
            int end = line.AsSpan().IndexOfAny("{ ");
            if (end < 1 || !isWanted(line[..end])) continue;
            var labels = new JsonObject();
            int at = line[end] == '{' ? ReadLabels(line, end + 1, labels) : end;
            string value = line[at..].Trim().Split(' ')[0];
            samples.Add((JsonNode)new JsonObject { ["name"] = line[..end], ["labels"] = labels, ["value"] = ValueOf(value) });
        }

        return AdminJson.Element(new JsonObject { ["samples"] = samples });
    }

    /// <summary>Reads up to behind the closing brace.</summary>
    private static int ReadLabels(string line, int at, JsonObject labels)
    {
        while (at < line.Length && line[at] != '}')
        {
            int equals = line.IndexOf('=', at);
            if (equals < 0) return line.Length;
            string name = line[at..equals].Trim(',', ' ');
            var value = new System.Text.StringBuilder();
            for (at = equals + 2; at < line.Length && line[at] != '"'; at++)
            {
                if (line[at] == '\\' && at + 1 < line.Length) value.Append(line[++at] == 'n' ? '\n' : line[at]);
                else value.Append(line[at]);
            }

            labels[name] = value.ToString();
            at++;
            if (at < line.Length && line[at] == ',') at++;
        }

        return Math.Min(at + 1, line.Length);
    }

    /// <summary>Numbers as they are; what JSON has no number for, such as +Inf, as text.</summary>
    private static JsonNode? ValueOf(string value) =>
        double.TryParse(value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(number, AdminJson.Default.Double))
            : value;
}
