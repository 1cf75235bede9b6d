using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>An address that others use: a name or literal address, and a port.</summary>
internal static class HostPort
{
    public const string Allowed = "HOST:PORT such as broker-1.example:9876 or [fd00::1]:9876, with a port from 1 to 65535";

    /// <summary>Says what is wrong with an already trimmed text; null when it may be used.</summary>
    public static string? Explain(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 1) return "has no host, or no port";
        bool hasPort = ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        if (!hasPort) return "has no port from 1 to 65535";
        string host = text[..colon];
        if (host is ['[', .., ']'])
        {
            bool isLiteral = IPAddress.TryParse(host[1..^1], out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;
            return isLiteral ? null : "has brackets around what is no IPv6 address";
        }

        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? null : "has a host that is neither a name nor an address";
    }
}
