using System.Globalization;
using System.Net;
using Fibril.Protocol;

namespace Fibril.Cli.Connecting;

/// <summary>Where the broker listens: a host name or address without brackets, and a port.</summary>
internal readonly record struct BrokerAddress(string Host, int Port)
{
    public const string Forms = "host, host:port or [IPv6 address]:port";

    public static BrokerAddress Default => new("127.0.0.1", ProtocolDefaults.BrokerPort);

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[v6]</c> or <c>[v6]:port</c>; false for everything else.</summary>
    public static bool TryParse(string text, out BrokerAddress address) => TryParse(text, ProtocolDefaults.BrokerPort, out address);

    /// <summary>The same with another port for those texts that have none.</summary>
    public static bool TryParse(string text, int defaultPort, out BrokerAddress address)
    {
        address = default;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int end = EndOfHost(rest);
        if (end < 1 || rest[..end].ContainsAny(" /@\t")) return false;
        ReadOnlySpan<char> host = rest[0] == '[' ? rest[1..(end - 1)] : rest[..end];
        if (host.IsEmpty) return false;
        int port = defaultPort;
        if (end < rest.Length && !IsPort(rest[(end + 1)..], out port)) return false;
        address = new BrokerAddress(host.ToString(), port);
        return true;
    }

    /// <summary>Where to reach a broker that listens on <paramref name="bind"/>: an address for all interfaces is reached by loopback.</summary>
    public static BrokerAddress FromBind(IPEndPoint bind)
    {
        IPAddress address = bind.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : bind.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : bind.Address;
        return new BrokerAddress(address.ToString(), bind.Port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static int EndOfHost(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty) return -1;
        if (rest[0] == '[')
        {
            int close = rest.IndexOf(']');
            bool isClosed = close > 0 && (close == rest.Length - 1 || rest[close + 1] == ':');
            return isClosed && IPAddress.TryParse(rest[1..close], out _) ? close + 1 : -1;
        }

        int colon = rest.IndexOf(':');
        return colon < 0 ? rest.Length : colon == rest.LastIndexOf(':') ? colon : -1;
    }

    private static bool IsPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= ushort.MaxValue;
}
