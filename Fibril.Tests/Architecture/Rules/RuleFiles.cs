using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Rules;

/// <summary>The list of rules and the sources of the tests, as they stand in the repository.</summary>
internal static class RuleFiles
{
    private static readonly Lazy<IReadOnlyList<Rule>> List = new(static () => RuleList.Parse(File.ReadAllLines(Repository.PathOf(RuleTable.ListPath))));
    private static readonly Lazy<IReadOnlyList<TestSource>> Read = new(static () => [.. ReadSources()]);

    public static IReadOnlyList<Rule> Rules => List.Value;

    public static IReadOnlyList<TestSource> Sources => Read.Value;

    private static IEnumerable<TestSource> ReadSources()
    {
        string root = Repository.PathOf();
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("Fibril.Tests"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string path = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (path.Split('/')[1] is not ("bin" or "obj")) yield return CitationReader.Read(path, File.ReadLines(file));
        }
    }
}
