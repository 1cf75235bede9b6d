using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Security;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Sessions;

/// <summary>What every connection of a broker shares.</summary>
/// <remarks>
/// <c>Time</c> is that of messages. <c>WireTime</c> is that of the peers, for heartbeats and for how long one waits for them: the same, unless a test
/// advances the former by itself.
/// </remarks>
internal sealed record SessionEnvironment(
    SessionOptions Options,
    QueueRegistry Queues,
    StreamRegistry Streams,
    SessionRegistry Sessions,
    Authenticator Authenticator,
    TopologyView Topology,
    TimeProvider Time,
    TimeProvider WireTime,
    ILogger Logger)
{
    /// <summary>Told what goes over the listener; by default nobody looks there.</summary>
    public SessionMetrics Metrics { get; init; } = new(new Instruments());
}
