using Fibril.Broker.Queues;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Security;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Sessions;

/// <summary>What every connection of a broker shares.</summary>
internal sealed record SessionEnvironment(
    SessionOptions Options,
    QueueRegistry Queues,
    StreamRegistry Streams,
    SessionRegistry Sessions,
    Authenticator Authenticator,
    TopologyView Topology,
    TimeProvider Time,
    ILogger Logger);
