using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Fibril.Cli.Connecting;

/// <summary>Reads a TOML file as a list of keys, each with the names of its tables in front, dotted keys and inline tables taken apart.</summary>
internal static class TomlText
{
    /// <param name="path">The file.</param>
    /// <param name="what">What the file is, for messages.</param>
    /// <param name="remedy">What to do when it is no good.</param>
    /// <param name="readText">Reads files.</param>
    /// <exception cref="CliException">The file cannot be read, or is no TOML.</exception>
    public static IEnumerable<(string[] Key, ValueSyntax Value)> Read(string path, string what, string remedy, Func<string, string> readText)
    {
        DocumentSyntax document = Parse(ReadFile(path, what, remedy, readText), path, what, remedy);
        return Flatten(document.KeyValues, []).Concat(document.Tables.SelectMany(static table => Flatten(table.Items, PartsOf(table.Name!))));
    }

    private static DocumentSyntax Parse(string text, string path, string what, string remedy)
    {
        try
        {
            DocumentSyntax document = SyntaxParser.Parse(text, path, validate: true);
            if (!document.HasErrors) return document;
            DiagnosticMessage first = document.Diagnostics.First(message => message.Kind == DiagnosticMessageKind.Error);
            throw new CliException(ExitCode.Failure, $"the {what} {path} is no TOML: line {first.Span.Start.Line + 1}: {first.Message}", remedy);
        }
        catch (TomlException fault)
        {
            throw new CliException(ExitCode.Failure, $"the {what} {path} is no TOML", remedy, fault);
        }
    }

    private static string ReadFile(string path, string what, string remedy, Func<string, string> readText)
    {
        try
        {
            return readText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ExitCode.Failure, $"the {what} {path} cannot be read", remedy, fault);
        }
    }

    private static IEnumerable<(string[] Key, ValueSyntax Value)> Flatten(IEnumerable<KeyValueSyntax> pairs, string[] above)
    {
        foreach (KeyValueSyntax pair in pairs)
        {
            string[] key = [.. above, .. PartsOf(pair.Key!)];
            if (pair.Value is not InlineTableSyntax inner) yield return (key, pair.Value!);
            else foreach ((string[] Key, ValueSyntax Value) found in Flatten(inner.Items.Select(static item => item.KeyValue!), key)) yield return found;
        }
    }

    private static string[] PartsOf(KeySyntax key) => [PartOf(key.Key!), .. key.DotKeys.Select(static dotted => PartOf(dotted.Key!))];

    private static string PartOf(BareKeyOrStringValueSyntax key) =>
        key is StringValueSyntax quoted ? quoted.Value ?? "" : ((BareKeySyntax)key).Key?.Text ?? "";
}
