using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>A literal address with a port. Names are refused: they may resolve to another interface than the one that was meant.</summary>
internal sealed class EndpointKind : ValueKind<IPEndPoint>
{
    private const string Localhost = "localhost:";

    public override string Placeholder => "IP:PORT";

    public override string Allowed(Notation notation) =>
        (notation == Notation.Toml ? "in quotes, " : "")
        + "a literal IP:PORT such as 127.0.0.1:9000, 0.0.0.0:9000 or [::1]:9000; port 0 picks a free one";

    public override Reading<IPEndPoint> Read(string text) => ReadLiteral(text, Notation.Plain);

    public override Reading<IPEndPoint> Read(FileNode node) =>
        node is FileText text ? ReadLiteral(text.Value, Notation.Toml) : WrongType(node, "an IP:PORT in quotes");

    public override string Write(IPEndPoint value, Notation notation) => Printable.Spell(value.ToString(), notation);

    private static Reading<IPEndPoint> ReadLiteral(string text, Notation notation)
    {
        if (TryParse(text, out IPEndPoint? endpoint)) return Good(endpoint);
        if (text.StartsWith(Localhost, StringComparison.OrdinalIgnoreCase)
            && TryParse("127.0.0.1:" + text[Localhost.Length..], out IPEndPoint? local))
            return Bad("has a name where an address must stand", Printable.Spell(local.ToString(), notation));
        return Bad("is not a literal IP:PORT");
    }

    // IPEndPoint.TryParse would also take an address without a port, and IPv4 in its historic shapes such as 127.1 or 0x7f000001.
    private static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        int colon = text.LastIndexOf(':');
        string host = colon < 1 ? "" : text[..colon];
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)) return false;
        bool bracketed = host is ['[', .., ']'];
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out IPAddress? address)) return false;
        bool literal = bracketed
            ? address.AddressFamily == AddressFamily.InterNetworkV6
            : address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == host;
        if (literal) endpoint = new IPEndPoint(address, port);
        return literal;
    }
}
