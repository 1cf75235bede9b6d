namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A list of addresses that others use, the first one first. Outside the file commas separate them, and blanks count for nothing.</summary>
internal sealed class HostPortsKind : ValueKind<IReadOnlyList<string>>
{
    public override string Placeholder => "HOST:PORT,...";

    public override string Allowed(Notation notation) =>
        (notation == Notation.Toml ? "a list of texts, each one " : "addresses with commas between them, each one ") + HostPort.Allowed;

    public override Reading<IReadOnlyList<string>> Read(string text) =>
        Check(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    public override Reading<IReadOnlyList<string>> Read(FileNode node)
    {
        if (node is FileText text && Read(text.Value) is { Fault: null, Value: { } meant })
            return WrongType(node, "a list", Write(meant, Notation.Toml));
        if (node is not FileList list) return WrongType(node, "a list");
        FileNode? other = list.Items.Find(static item => item is not FileText);
        return other is null
            ? Check([.. list.Items.Cast<FileText>().Select(static item => item.Value.Trim())])
            : Bad($"has an entry that is {other.TypeName}, not text");
    }

    public override string Write(IReadOnlyList<string> value, Notation notation) =>
        notation == Notation.Toml ? $"[{string.Join(", ", value.Select(Printable.TomlString))}]" : string.Join(',', value);

    public override string Describe(IReadOnlyList<string> value) => value.Count == 0 ? "none" : Write(value, Notation.Plain);

    private static Reading<IReadOnlyList<string>> Check(string[] addresses)
    {
        foreach (string address in addresses)
        {
            if (HostPort.Explain(address) is { } fault) return Bad($"has the entry {Printable.Quote(address)}, which {fault}");
        }

        return Good([.. addresses.Distinct(StringComparer.Ordinal)]);
    }
}
