using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Sessions;

/// <summary>What goes over the broker listener. Connections report once for each read and each flush. Thread-safe.</summary>
internal sealed class SessionMetrics
{
    public SessionMetrics(Instruments instruments)
    {
        Accepted = instruments.Counter("fibril.tcp.connections", "{connection}", "Broker connections accepted.");
        Ended = instruments.Counter("fibril.tcp.disconnections", "{connection}", "Broker connections that have ended.");
        BytesIn = instruments.Counter("fibril.tcp.bytes_in", "By", "Bytes read from clients.");
        BytesOut = instruments.Counter("fibril.tcp.bytes_out", "By", "Bytes written to clients.");
        Errors = instruments.Counter(
            "fibril.tcp.errors", "{connection}", "Connection errors: refused, broken, or closed because the client broke the protocol or failed to log in.");
    }

    public Counter Accepted { get; }

    public Counter Ended { get; }

    public Counter BytesIn { get; }

    public Counter BytesOut { get; }

    public Counter Errors { get; }
}
