using System.Net;
using System.Net.Sockets;

namespace Fibril.Broker.Hosting.Configuration;

internal sealed partial class SettingRules
{
    private IEnumerable<Rule> ListenerRules =>
    [
        new(() => CheckPorts(Settings.AdminBind, options.Admin.Bind, Settings.BrokerBind, options.Sessions.Bind),
            Settings.BrokerBind, Settings.AdminBind),
        new(() => CheckConsensusPort(Settings.BrokerBind, options.Sessions.Bind), Settings.CoordinationListen, Settings.BrokerBind, Settings.Coordination),
        new(() => CheckConsensusPort(Settings.AdminBind, options.Admin.Bind), Settings.CoordinationListen, Settings.AdminBind, Settings.Coordination),
    ];

    private ConfigurationProblem? CheckConsensusPort(string otherKey, IPEndPoint other) =>
        options.Coordination.Mode == CoordinationMode.Ganglion
            ? CheckPorts(Settings.CoordinationListen, options.Coordination.Ganglion.Listen, otherKey, other)
            : null;

    private ConfigurationProblem? CheckPorts(string key, IPEndPoint bind, string otherKey, IPEndPoint other)
    {
        if (bind.Port == 0 || bind.Port != other.Port || !Overlap(bind.Address, other.Address)) return null;

        // Of two values that collide, the one somebody wrote is the one to change.
        if (sourceOf(key) is DefaultSource) (key, otherKey, bind, other) = (otherKey, key, other, bind);
        int free = bind.Port == IPEndPoint.MaxPort ? bind.Port - 1 : bind.Port + 1;
        return Problem(
            key, bind, $"takes the port of {otherKey} ({other}, {sourceOf(otherKey)})",
            "two ports, or two addresses of which neither is every address", new IPEndPoint(bind.Address, free).ToString());
    }

    // The operating system gives "every address" only to a listener that has the port to itself; [::] means IPv4 too.
    private static bool Overlap(IPAddress one, IPAddress other) =>
        Covers(one, other) || Covers(other, one) || Plain(one).Equals(Plain(other));

    private static bool Covers(IPAddress every, IPAddress address) =>
        every.Equals(IPAddress.IPv6Any)
        || Plain(every).Equals(IPAddress.Any) && Plain(address).AddressFamily == AddressFamily.InterNetwork;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
