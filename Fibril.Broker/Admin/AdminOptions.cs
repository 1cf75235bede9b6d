using System.Net;
using Fibril.Protocol;

namespace Fibril.Broker.Admin;

/// <summary>The admin HTTP listener. The keys live under <c>admin</c>.</summary>
internal sealed class AdminOptions
{
    /// <summary>Address and port of the admin listener; default loopback, port 8081. Port 0 picks a free one.</summary>
    public IPEndPoint Bind { get; set; } = new(IPAddress.Loopback, ProtocolDefaults.AdminPort);

    /// <summary>
    /// True lets the admin listener bind to an address other than loopback although it asks nobody for a password; default false,
    /// and the broker then refuses to start with such an address.
    /// </summary>
    public bool AllowUnauthenticated { get; set; }
}
