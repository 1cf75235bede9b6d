using System.Globalization;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A table of addresses by number. Outside the file it is written as <c>1=host:port,2=host:port</c>.</summary>
internal sealed class PeersKind : ValueKind<IReadOnlyDictionary<long, string>>
{
    public override string Placeholder => "N=HOST:PORT,...";

    public override string Allowed(Notation notation) =>
        (notation == Notation.Toml ? "a table with lines 1 = \"HOST:PORT\"" : "1=HOST:PORT,2=HOST:PORT")
        + $", each number from 1 on once, and each address {HostPort.Allowed}";

    public override Reading<IReadOnlyDictionary<long, string>> Read(string text)
    {
        var entries = new List<(string, string)>();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return Bad($"has the entry {Printable.Quote(part)}, which has no =");
            entries.Add((part[..equals].Trim(), part[(equals + 1)..].Trim()));
        }

        return Check(entries);
    }

    public override Reading<IReadOnlyDictionary<long, string>> Read(FileNode node)
    {
        if (node is not FileTable table) return WrongType(node, "a table");
        FileEntry? other = table.Entries.Find(static entry => entry.Value is not FileText);
        return other is null
            ? Check(table.Entries.Select(static entry => (entry.Name, ((FileText)entry.Value).Value.Trim())))
            : Bad($"has for {Printable.Line(other.Name)} {other.Value.TypeName}, not text");
    }

    public override string Write(IReadOnlyDictionary<long, string> value, Notation notation) =>
        notation == Notation.Toml
            ? value.Count == 0 ? "{}" : $"{{ {Join(value, ", ", static peer => $"{peer.Key} = {Printable.TomlString(peer.Value)}")} }}"
            : Join(value, ",", static peer => $"{peer.Key}={peer.Value}");

    public override string Describe(IReadOnlyDictionary<long, string> value) => value.Count == 0 ? "none" : Write(value, Notation.Plain);

    private static string Join(IReadOnlyDictionary<long, string> peers, string separator, Func<KeyValuePair<long, string>, string> write) =>
        string.Join(separator, peers.OrderBy(static peer => peer.Key).Select(write));

    private static Reading<IReadOnlyDictionary<long, string>> Check(IEnumerable<(string Id, string Address)> entries)
    {
        var peers = new Dictionary<long, string>();
        foreach ((string id, string address) in entries)
        {
            if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number == 0)
                return Bad($"has {Printable.Quote(id)} where a number from 1 on must stand");
            if (HostPort.Explain(address) is { } fault) return Bad($"has for {number} the address {Printable.Quote(address)}, which {fault}");
            if (!peers.TryAdd(number, address)) return Bad($"has {number} twice");
        }

        return Good(peers);
    }
}
