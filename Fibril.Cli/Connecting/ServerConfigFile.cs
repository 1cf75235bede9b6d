using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Fibril.Cli.Connecting;

/// <summary>The server's TOML file, read for the one setting that a client can use. What else is in it, right or wrong, is not looked at.</summary>
internal static class ServerConfigFile
{
    public const string BindKey = "broker.listener.bind";

    private const string Remedy = "Correct the file, or name the broker with --broker host:port; then the file is not read.";

    /// <summary>The address the server listens on, as written; null when the file does not say.</summary>
    /// <exception cref="CliException">The file cannot be read, is no TOML, or has something else there.</exception>
    public static string? ReadBind(string path, Func<string, string> readText)
    {
        DocumentSyntax document = Parse(ReadText(path, readText), path);
        ValueSyntax? value = Find(document.KeyValues, [])
            ?? document.Tables.Select(table => Find(table.Items, PartsOf(table.Name!))).FirstOrDefault(found => found is not null);
        return value switch
        {
            null => null,
            StringValueSyntax { Value: { } text } => text,
            _ => throw new CliException(ExitCode.Failure, $"{BindKey} in {path} is not text", "Write it in quotes, for instance \"127.0.0.1:9876\"."),
        };
    }

    private static DocumentSyntax Parse(string text, string path)
    {
        try
        {
            DocumentSyntax document = SyntaxParser.Parse(text, path, validate: true);
            if (!document.HasErrors) return document;
            DiagnosticMessage first = document.Diagnostics.First(message => message.Kind == DiagnosticMessageKind.Error);
            throw new CliException(
                ExitCode.Failure, $"the server configuration {path} is no TOML: line {first.Span.Start.Line + 1}: {first.Message}", Remedy);
        }
        catch (TomlException fault)
        {
            throw new CliException(ExitCode.Failure, $"the server configuration {path} is no TOML", Remedy, fault);
        }
    }

    private static string ReadText(string path, Func<string, string> readText)
    {
        try
        {
            return readText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(ExitCode.Failure, $"the server configuration {path} cannot be read", Remedy, fault);
        }
    }

    /// <summary>Looks for the key among pairs that stand below <paramref name="path"/>, in dotted keys and in inline tables too.</summary>
    private static ValueSyntax? Find(IEnumerable<KeyValueSyntax> pairs, string[] path)
    {
        foreach (KeyValueSyntax pair in pairs)
        {
            string[] full = [.. path, .. PartsOf(pair.Key!)];
            string key = string.Join('.', full);
            if (key == BindKey) return pair.Value;
            if (pair.Value is not InlineTableSyntax inner || !BindKey.StartsWith(key + ".", StringComparison.Ordinal)) continue;
            if (Find(inner.Items.Select(item => item.KeyValue!), full) is { } found) return found;
        }

        return null;
    }

    private static string[] PartsOf(KeySyntax key) => [PartOf(key.Key!), .. key.DotKeys.Select(dotted => PartOf(dotted.Key!))];

    private static string PartOf(BareKeyOrStringValueSyntax key) =>
        key is StringValueSyntax quoted ? quoted.Value ?? "" : ((BareKeySyntax)key).Key?.Text ?? "";
}
