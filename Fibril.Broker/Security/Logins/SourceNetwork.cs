using System.Net;
using System.Net.Sockets;

namespace Fibril.Broker.Security.Logins;

/// <summary>What counts as one source of logins: an IPv4 address, or an IPv6 network of 64 bits, because whoever has one address of that has all.</summary>
internal static class SourceNetwork
{
    private const int Ipv6NetworkBytes = 8;

    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, Ipv6NetworkBytes, bytes.Length - Ipv6NetworkBytes);
        return new IPAddress(bytes);
    }
}
