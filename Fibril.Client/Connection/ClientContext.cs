using Fibril.Client.Consuming;
using Fibril.Client.Events;
using Fibril.Client.Routing;
using Fibril.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Connection;

/// <summary>What all connections of one client share.</summary>
internal sealed class ClientContext(FibrilClientOptions options, ILogger logger)
{
    public FibrilClientOptions Options => options;

    public ILogger Logger => logger;

    public TimeProvider Time => options.TimeProvider;

    public TopologyCache Topology { get; } = new();

    public ClientEvents Events { get; } = new();

    public ClientTelemetry Telemetry { get; } = ClientTelemetry.Create(options.MeterFactory);

    /// <summary>Who this client is in consumer groups, whichever broker it talks to (COH-5).</summary>
    public CohortMember Member { get; } = new();

    /// <summary>For delays that must not be alike. Thread-safe.</summary>
    public Random Random { get; } = Random.Shared;
}
