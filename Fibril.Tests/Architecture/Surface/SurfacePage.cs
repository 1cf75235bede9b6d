using System.Globalization;
using System.Text;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Surface;

/// <summary>docs/surface.md: what the specification lists, how it is used here, and which tests have to do with it.</summary>
internal sealed class SurfacePage(Implemented implemented)
{
    public const string PagePath = "docs/surface.md";
    public const string WriteVariable = "FIBRIL_WRITE_SURFACE";
    public const string WriteCommand = "FIBRIL_WRITE_SURFACE=1 dotnet test Fibril.Tests --filter SurfaceTests";

    private const int MostTests = 3;

    private static readonly (string Kind, string Title)[] Chapters =
    [
        ("route", "Routes of the admin listener"), ("metric", "Metrics"), ("setting", "Settings at the start"), ("field", "Settings while running"), ("cli", "Commands of fibrilctl"),
    ];

    private static readonly Lazy<IReadOnlyList<(string Class, string Text)>> Tests = new(static () =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("Fibril.Tests"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => Path.GetRelativePath(Repository.PathOf("Fibril.Tests"), file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj" or "Architecture" or "Support"))
            .Select(static file => (Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))).OrderBy(static test => test.Item1, StringComparer.Ordinal),
    ]);

    /// <summary>What contradicts the list.</summary>
    public IEnumerable<string> FindMistakes()
    {
        foreach (SurfaceItem item in SurfaceItem.All)
        {
            bool isThere = implemented.Find(item) is not null;
            if (item.Status == "applies" && !isThere) yield return $"{item.Kind} {item.Name} is not there.";
            if (item.Status == "applies" && TestsOf(item).Count == 0) yield return $"{item.Kind} {item.Name} is in no test.";
            if (item.Status == "open" && isThere) yield return $"{item.Kind} {item.Name} is there; let it apply in {SurfaceItem.ListPath}.";
            if (item.Status is "cluster" or "later" && item.Note.Length == 0) yield return $"{item.Kind} {item.Name} is left out without a reason.";
        }
    }

    public string Render()
    {
        var page = new StringBuilder();
        page.Append("# The surface of the specification\n\nMade from [surface.tsv](surface.tsv), the running program and the tests. Do not edit it; after a change run\n\n```console\n")
            .Append(WriteCommand)
            .Append("\n```\n\nThe tests fail while this page is not what that command writes, and when something that applies is not there or in no test. `cluster` needs several\n")
            .Append("nodes, `later` belongs to something that is not built yet, `open` is not done yet. The tests are the files that name the thing, three at most;\n")
            .Append("besides, [ApiFuzzTests](../Fibril.Tests/Unit/Admin/ApiFuzzTests.cs) asks every route of the admin API.\n");
        foreach ((string kind, string title) in Chapters)
        {
            SurfaceItem[] items = [.. SurfaceItem.All.Where(item => item.Kind == kind)];
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| name | status | here | tests |\n| --- | --- | --- | --- |\n");
            foreach (SurfaceItem item in items)
            {
                string here = string.Join("; ", new[] { implemented.Find(item), item.Note }.Where(static text => !string.IsNullOrEmpty(text)));
                page.Append(CultureInfo.InvariantCulture, $"| `{item.Name}` | {item.Status} | {here} | {string.Join(", ", TestsOf(item).Take(MostTests))} |\n");
            }
        }

        return page.ToString();
    }

    private static IReadOnlyList<string> TestsOf(SurfaceItem item)
    {
        var mention = item.Mention;
        return [.. Tests.Value.Where(test => mention.IsMatch(test.Text)).Select(static test => test.Class)];
    }
}
