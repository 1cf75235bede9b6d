using System.Text.RegularExpressions;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture.Errors;

/// <summary>Which codes the sources of the broker name, and where.</summary>
internal static partial class BrokerSources
{
    private static readonly Lazy<IReadOnlyList<(string File, string Text)>> Read = new(static () =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("Fibril.Broker"), "*.cs", SearchOption.AllDirectories)
            .Select(static file => (File: Path.GetRelativePath(Repository.PathOf("Fibril.Broker"), file).Replace('\\', '/'), Path: file))
            .Where(static file => file.File.Split('/')[0] is not ("bin" or "obj")).OrderBy(static file => file.File, StringComparer.Ordinal)
            .Select(static file => (file.File, File.ReadAllText(file.Path))),
    ]);

    public static IReadOnlyList<(string File, string Text)> All => Read.Value;

    /// <summary>The members of a type that a text names.</summary>
    public static IReadOnlySet<string> MembersIn(string text, string type) =>
        Regex.Matches(text, $@"\b{type}\.([A-Z]\w+)").Select(static match => match.Groups[1].Value).ToHashSet();

    /// <summary>The members of a type that the broker names anywhere.</summary>
    public static IReadOnlySet<string> MembersOf(string type) => All.SelectMany(source => MembersIn(source.Text, type)).ToHashSet();

    /// <summary>The parts of a text that declare what routes may answer.</summary>
    public static string DeclarationsIn(string text) => string.Join('\n', Declaration().Matches(text).Select(static match => match.Value));

    /// <summary>A text without those parts.</summary>
    public static string WithoutDeclarations(string text) => Declaration().Replace(text, "");

    [GeneratedRegex(@"\.May\([^)]*\)|ApiErrorCode\[\] \w+ =\s*\[[^\]]*\]")]
    private static partial Regex Declaration();
}
