using System.Net;

namespace Fibril.Broker.Sessions.Transport;

/// <summary>The address of the broker listener: a type of its own, so that its transport can tell it from the admin listener's.</summary>
internal sealed class BrokerEndPoint(IPEndPoint address) : IPEndPoint(address.Address, address.Port);
