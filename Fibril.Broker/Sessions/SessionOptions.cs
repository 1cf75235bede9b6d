using System.Net;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions;

/// <summary>The broker listener and what one connection may use. The keys live under <c>broker</c>.</summary>
internal sealed class SessionOptions
{
    /// <summary>Address and port of the broker listener; default every address, port 9876. Port 0 picks a free one.</summary>
    public IPEndPoint Bind { get; set; } = new(IPAddress.Any, ProtocolDefaults.BrokerPort);

    /// <summary>
    /// Addresses that clients and other brokers reach the broker listener at, as <c>host:port</c>, the first one first; none, the default, for
    /// the address it binds to.
    /// </summary>
    public IReadOnlyList<string> Advertise { get; set; } = [];

    /// <summary>Largest accepted frame body, in bytes; 64 KiB to 1 GiB, default 64 MiB (FRM-5).</summary>
    public int MaxFrameBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Largest accepted frame body before authentication, in bytes; 1 KiB to 1 MiB, default 64 KiB. So much may wait to be sent, too,
    /// before reading pauses.
    /// </summary>
    public int MaxUnauthenticatedFrameBytes { get; set; } = 64 << 10;

    /// <summary>Most open connections; 1 to 1,000,000, default 10,000. Further ones are closed at once.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>
    /// Bytes waiting to be sent to one connection above which it gets no more deliveries; 64 KiB to 1 GiB, default 1 MiB.
    /// Replies may go over it; at sixteen times this size reading pauses too.
    /// </summary>
    public int OutputBufferBytes { get; set; } = 1 << 20;

    /// <summary>How often a PING is sent; 100 ms to 1 h, default 5 s. Three silent intervals end a connection.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = ProtocolDefaults.HeartbeatInterval;

    /// <summary>How long a connection may take for its first frame, and again for its handshake; 100 ms to 5 min, default 10 s (HND-3).</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After this time without a publish a connection stops counting as a publisher of a queue, and no longer keeps it loaded; 0, the
    /// default, for never (I-20, I-21). The key lives under <c>runtime_seed.idle_queue_cleanup</c>.
    /// </summary>
    public TimeSpan PublisherIdleTimeout { get; set; }

    /// <summary>False answers every topology request with an empty topology, as older standalone brokers do; default true.</summary>
    public bool StandaloneTopology { get; set; } = true;

    /// <summary>Most partitions one queue may have; 1 to 65,536, default 1024.</summary>
    public int MaxPartitionCount { get; set; } = 1024;
}
