using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Fibril.Tests.Support;

/// <summary>An address of this machine that others could reach it at: who connects to it comes from it, and so does not come from loopback.</summary>
internal static class OwnAddress
{
    /// <summary>Skips the test on a machine without a network.</summary>
    public static IPAddress Get()
    {
        IPAddress? address = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(address is null, "This machine has no address but loopback.");
        return address!;
    }
}
