using System.Text.Json.Nodes;
using Fibril.Dashboard.Api;
using Fibril.Dashboard.Formats;

namespace Fibril.Dashboard.Components.Pages.Activity;

/// <summary>One thing that an entry of the audit trail says was changed.</summary>
/// <param name="Path">Where, with dots between the names.</param>
/// <param name="Before">Null when it was not there.</param>
/// <param name="After">Null when it is not there any more.</param>
public sealed record AuditDiff(string Path, string? Before, string? After)
{
    /// <summary>What differs between two documents, in the order of the names as they come.</summary>
    public static IReadOnlyList<AuditDiff> Between(JsonNode? before, JsonNode? after)
    {
        var was = new OrderedDictionary<string, string>();
        var now = new OrderedDictionary<string, string>();
        Flatten("", before, was);
        Flatten("", after, now);
        return
        [
            .. was.Keys.Union(now.Keys).Select(path => new AuditDiff(path, was.GetValueOrDefault(path), now.GetValueOrDefault(path))).Where(static change => change.Before != change.After),
        ];
    }

    private static void Flatten(string path, JsonNode? node, OrderedDictionary<string, string> into)
    {
        switch (node)
        {
            case null: return;
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members) Flatten(path.Length == 0 ? name : $"{path}.{name}", value, into);
                return;
            case JsonArray items:
                into[NameOf(path)] = string.Join(", ", items.Select(static item => item?.ToJsonString(ApiJson.Options) ?? Show.Nothing));
                return;
            default:
                into[NameOf(path)] = node.ToString();
                return;
        }
    }

    /// <summary>A document may be a single value.</summary>
    private static string NameOf(string path) => path.Length == 0 ? "value" : path;
}
