using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fibril.Tests.Support;

/// <summary>What the dashboards and alerts of <c>deploy/</c> ask Prometheus.</summary>
internal static partial class DeployedNames
{
    /// <summary>Every expression, with the file that it is from.</summary>
    public static IEnumerable<(string File, string Expression)> Expressions()
    {
        string deploy = Repository.PathOf("deploy");
        foreach (string file in Directory.EnumerateFiles(Path.Combine(deploy, "grafana"), "*.json"))
        {
            using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (string expression in Texts(dashboard.RootElement, "expr").Concat(Texts(dashboard.RootElement, "query"))) yield return (Path.GetFileName(file), expression);
        }

        foreach (string line in File.ReadLines(Path.Combine(deploy, "prometheus", "fibril.rules.yml")))
        {
            if (ExpressionLine().Match(line) is { Success: true } found) yield return ("fibril.rules.yml", found.Groups[1].Value);
        }
    }

    /// <summary>The names of metrics in an expression.</summary>
    public static IEnumerable<string> MetricsIn(string expression) => MetricName().Matches(expression).Select(static match => match.Value);

    /// <summary>The names of labels in an expression: in selectors, groupings, and variables of dashboards.</summary>
    public static IEnumerable<string> LabelsIn(string expression) =>
        Selector().Matches(expression).Select(static match => match.Groups[1].Value)
            .Concat(Grouping().Matches(expression).SelectMany(static match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)))
            .Concat(VariableQuery().Matches(expression).Select(static match => match.Groups[1].Value));

    private static IEnumerable<string> Texts(JsonElement element, string property) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.NameEquals(property) && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : Texts(member.Value, property)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(item => Texts(item, property)),
        _ => [],
    };

    [GeneratedRegex(@"^\s+expr: (.+)$")]
    private static partial Regex ExpressionLine();

    [GeneratedRegex("fibril_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("""([a-z_]+)\s*(?:=~|!~|!=|=)\s*["]""")]
    private static partial Regex Selector();

    [GeneratedRegex(@"by \(([a-z_, ]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"label_values\([a-z_]+, ([a-z_]+)\)")]
    private static partial Regex VariableQuery();
}
