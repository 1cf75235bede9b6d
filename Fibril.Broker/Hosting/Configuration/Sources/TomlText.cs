using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Something in a TOML text that is not TOML.</summary>
internal sealed record TomlFault(int Line, int Column, string What);

/// <summary>Turns TOML text into one tree: headers, dotted keys and inline tables all become tables in tables.</summary>
internal static class TomlText
{
    /// <summary>Returns the root table, or null with the faults: the first one of each line, the rest being its echo.</summary>
    public static FileTable? Parse(string text, out IReadOnlyList<TomlFault> faults)
    {
        try
        {
            DocumentSyntax document = SyntaxParser.Parse(text, validate: true);
            faults = FaultsOf(document);
            return faults.Count == 0 ? Build(document) : null;
        }
        catch (TomlException)
        {
            faults = [new TomlFault(1, 1, "it is nested too deeply")];
            return null;
        }
    }

    /// <summary>Reads the text of a variable or flag as one TOML value; null when it is none.</summary>
    public static FileNode? ParseValue(string text) =>
        Parse("value = " + text, out _) is { Entries: [{ Name: "value", Value: var value }] } ? value : null;

    private static List<TomlFault> FaultsOf(DocumentSyntax document)
    {
        List<TomlFault> all = [.. document.Diagnostics
            .Where(diagnostic => diagnostic.Kind == DiagnosticMessageKind.Error)
            .Select(diagnostic => new TomlFault(
                diagnostic.Span.Start.Line + 1, diagnostic.Span.Start.Column + 1, TomlFaultText.Explain(diagnostic.Message)))];

        // An echo that has lost its place is put at the start of the text.
        all = [.. all.Where((fault, index) => index == 0 || (fault.Line, fault.Column) != (1, 1))];
        return [.. all.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column).DistinctBy(fault => fault.Line)];
    }

    private static FileTable Build(DocumentSyntax document)
    {
        var root = new FileTable(1, 1);
        foreach (KeyValueSyntax pair in document.KeyValues) Add(root, pair);
        foreach (TableSyntaxBase header in document.Tables)
        {
            FileTable table = Open(root, header);
            foreach (KeyValueSyntax pair in header.Items) Add(table, pair);
        }

        return root;
    }

    private static FileTable Open(FileTable root, TableSyntaxBase header)
    {
        List<KeyPart> path = PartsOf(header.Name!);
        FileTable parent = Descend(root, path);
        KeyPart last = path[^1];
        if (header is not TableArraySyntax) return Step(parent, last);

        if (parent[last.Name] is not FileList list)
        {
            list = new FileList(last.Line, last.Column);
            parent.Entries.Add(new FileEntry(last.Name, last.Line, last.Column, list));
        }

        var item = new FileTable(last.Line, last.Column);
        list.Items.Add(item);
        return item;
    }

    private static void Add(FileTable table, KeyValueSyntax pair)
    {
        List<KeyPart> path = PartsOf(pair.Key!);
        KeyPart last = path[^1];
        Descend(table, path).Entries.Add(new FileEntry(last.Name, last.Line, last.Column, Convert(pair.Value!)));
    }

    private static FileTable Descend(FileTable table, List<KeyPart> path)
    {
        foreach (KeyPart part in path.Take(path.Count - 1)) table = Step(table, part);
        return table;
    }

    // The parser has refused every document in which a key is a value here and a table there.
    private static FileTable Step(FileTable table, KeyPart part)
    {
        switch (table[part.Name])
        {
            case FileTable inner: return inner;
            case FileList { Items: [.., FileTable latest] }: return latest;
            default:
                var added = new FileTable(part.Line, part.Column);
                table.Entries.Add(new FileEntry(part.Name, part.Line, part.Column, added));
                return added;
        }
    }

    private static FileNode Convert(ValueSyntax value)
    {
        int line = value.Span.Start.Line + 1, column = value.Span.Start.Column + 1;
        return value switch
        {
            StringValueSyntax text => new FileText(text.Value ?? "", line, column),
            IntegerValueSyntax integer => new FileInteger(integer.Value, integer.Token?.Text ?? "", line, column),
            BooleanValueSyntax boolean => new FileBoolean(boolean.Value, line, column),
            FloatValueSyntax fraction => new FileLiteral("a fraction", fraction.Token?.Text ?? "", line, column),
            DateTimeValueSyntax date => new FileLiteral("a date or time", date.Token?.Text ?? "", line, column),
            ArraySyntax array => ConvertList(array, line, column),
            InlineTableSyntax table => ConvertTable(table, line, column),
            _ => new FileLiteral("something else", "", line, column),
        };
    }

    private static FileList ConvertList(ArraySyntax array, int line, int column)
    {
        var list = new FileList(line, column);
        foreach (ArrayItemSyntax item in array.Items) list.Items.Add(Convert(item.Value!));
        return list;
    }

    private static FileTable ConvertTable(InlineTableSyntax inline, int line, int column)
    {
        var table = new FileTable(line, column);
        foreach (InlineTableItemSyntax item in inline.Items) Add(table, item.KeyValue!);
        return table;
    }

    private static List<KeyPart> PartsOf(KeySyntax key)
    {
        List<KeyPart> parts = [PartOf(key.Key!)];
        foreach (DottedKeyItemSyntax dotted in key.DotKeys) parts.Add(PartOf(dotted.Key!));
        return parts;
    }

    private static KeyPart PartOf(BareKeyOrStringValueSyntax key)
    {
        string name = key is StringValueSyntax quoted ? quoted.Value ?? "" : ((BareKeySyntax)key).Key?.Text ?? "";
        return new KeyPart(name, key.Span.Start.Line + 1, key.Span.Start.Column + 1);
    }

    private readonly record struct KeyPart(string Name, int Line, int Column);
}
