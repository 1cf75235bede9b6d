using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The process and its broker listener.</summary>
internal static class ServerSettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar("server.data_dir", Kind.Path,
            "Directory of everything the broker stores; one process at a time may use it.",
            options => options.DataDirectory, (options, value) => options.DataDirectory = value,
            "FIBRIL_DATA_DIR", "--data-dir"),
        Scalar("server.shutdown_timeout_ms", Kind.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            "How long a stop may take to drain and sync before connections are cut.",
            options => options.ShutdownTimeout, (options, value) => options.ShutdownTimeout = value),

        Scalar(Settings.BrokerBind, Kind.Endpoint,
            "Address and port of the broker listener.",
            options => options.Sessions.Bind, (options, value) => options.Sessions.Bind = value,
            "FIBRIL_BROKER_BIND", "--broker-bind"),
        Scalar("broker.listener.advertise", Kind.HostPorts,
            "Addresses of this broker that clients and other brokers of a cluster are told, the first one first; without any, the one it binds to.",
            options => options.Sessions.Advertise, (options, value) => options.Sessions.Advertise = value,
            "FIBRIL_BROKER_ADVERTISE"),

        Scalar("broker.standalone_topology", Kind.Boolean,
            "False answers topology requests with an empty topology, as older standalone brokers do.",
            options => options.Sessions.StandaloneTopology, (options, value) => options.Sessions.StandaloneTopology = value),
        Scalar("broker.max_connections", Kind.Count(1, 1_000_000),
            "Most open connections; further ones are closed at once.",
            options => options.Sessions.MaxConnections, (options, value) => options.Sessions.MaxConnections = value),
        Scalar("broker.max_frame_bytes", Kind.SmallBytes(64 * KiB, GiB),
            "Largest accepted frame body.",
            options => options.Sessions.MaxFrameBytes, (options, value) => options.Sessions.MaxFrameBytes = value),
        Scalar("broker.max_unauthenticated_frame_bytes", Kind.SmallBytes(KiB, MiB),
            "Largest accepted frame body before authentication.",
            options => options.Sessions.MaxUnauthenticatedFrameBytes,
            (options, value) => options.Sessions.MaxUnauthenticatedFrameBytes = value),
        Scalar("broker.output_buffer_bytes", Kind.SmallBytes(64 * KiB, GiB),
            "Bytes waiting to be sent to one connection above which it gets no more deliveries.",
            options => options.Sessions.OutputBufferBytes, (options, value) => options.Sessions.OutputBufferBytes = value),
        Scalar("broker.heartbeat_interval_ms", Kind.Duration(TenthOfSecond, OneHour),
            "How often a PING is sent; three silent intervals end a connection.",
            options => options.Sessions.HeartbeatInterval, (options, value) => options.Sessions.HeartbeatInterval = value),
        Scalar("broker.handshake_timeout_ms", Kind.Duration(TenthOfSecond, TimeSpan.FromMinutes(5)),
            "How long a connection may take for its first frame, and again for its handshake.",
            options => options.Sessions.HandshakeTimeout, (options, value) => options.Sessions.HandshakeTimeout = value),
        Scalar(Settings.MaxPartitionCount, Kind.Count(1, 65_536),
            "Most partitions one queue or stream may have.",
            options => options.Sessions.MaxPartitionCount, (options, value) => options.Sessions.MaxPartitionCount = value),
    ];
}
