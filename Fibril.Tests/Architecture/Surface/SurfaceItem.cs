using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Surface;

/// <summary>One thing that the specification lists.</summary>
/// <param name="Kind"><c>route</c>, <c>metric</c>, <c>setting</c>, <c>field</c> or <c>cli</c>.</param>
/// <param name="Status"><c>applies</c>, <c>cluster</c>, <c>later</c> or <c>open</c>.</param>
/// <param name="Name">As the specification names it.</param>
/// <param name="Note">For people; may be empty.</param>
internal sealed record SurfaceItem(string Kind, string Status, string Name, string Note)
{
    public const string ListPath = "docs/surface.tsv";

    public static IReadOnlyList<SurfaceItem> All { get; } = [.. File.ReadLines(Repository.PathOf(ListPath)).Where(static line => line.Length > 0 && line[0] != '#').Select(Parse)];

    /// <summary>How a test that has to do with it names it.</summary>
    public Regex Mention => new(Kind switch
    {
        "route" => Regex.Replace(Regex.Escape(Name.Split(' ')[1]), @"\\\{\w+}", """[^/"?\s]+""") + @"(?![\w/-])",
        "cli" => """["\s]""" + string.Join("""["]?,?\s["]?""", Name.Split(' ').Select(Regex.Escape)) + """["\s]""",
        "field" => $@"\b{Regex.Escape(Name.Split('.')[1])}\b",
        _ => $@"\b{Regex.Escape(Name)}\b",
    });

    private static SurfaceItem Parse(string line)
    {
        string[] parts = line.Split('\t');
        return parts is [("route" or "metric" or "setting" or "field" or "cli") and var kind, ("applies" or "cluster" or "later" or "open") and var status, var name, ..]
            ? new SurfaceItem(kind, status, name, parts.Length > 3 ? parts[3] : "")
            : throw new FormatException($"{ListPath}: '{line}' is no kind, status, name, note.");
    }
}
