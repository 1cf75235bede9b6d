using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Errors;

/// <summary>What the documentation comments of a source file say, by the name that they stand above.</summary>
internal static partial class SourceSummaries
{
    public static IReadOnlyDictionary<string, string> Read(params ReadOnlySpan<string> path)
    {
        var summaries = new Dictionary<string, string>();
        foreach (Match match in Documented().Matches(File.ReadAllText(Repository.PathOf(path)).ReplaceLineEndings("\n")))
            summaries[match.Groups["name"].Value] = Plain(match.Groups["text"].Value);
        return summaries;
    }

    private static string Plain(string comment)
    {
        string text = Reference().Replace(comment.Replace("///", "", StringComparison.Ordinal), static match => match.Groups[1].Value.Split('.')[^1]);
        return string.Join(' ', Tag().Replace(text, "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex(@"/// <summary>(?<text>(?:[^\n]|\n\s*///)*?)</summary>\n(?:\s*(?:///|\[)[^\n]*\n)*\s*(?:public (?:sealed |abstract )?class )?(?<name>\w+)")]
    private static partial Regex Documented();

    [GeneratedRegex("""<(?:see|paramref) (?:cref|langword|name)="([^"]+)"\s*/>""")]
    private static partial Regex Reference();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();
}
