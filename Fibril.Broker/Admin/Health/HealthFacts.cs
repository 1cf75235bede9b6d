using Fibril.Broker.Channels;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Sessions.Transport;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Health;

/// <summary>What readiness is judged by, at one moment.</summary>
/// <param name="IsListening">The broker listener has its port.</param>
/// <param name="IsDraining">Clients were told that the broker is about to go away.</param>
/// <param name="IsDiskFull">No messages are taken in for want of room.</param>
/// <param name="FailingCount">Partitions whose disk does not do what it is told; they try again by themselves.</param>
/// <param name="OutOfService">Partitions that serve nobody.</param>
/// <param name="MaySendClients">False when the policy is not to serve anybody while a partition is damaged (S-50).</param>
/// <param name="Policy">What happens to damaged partitions.</param>
internal sealed record HealthFacts(
    bool IsListening, bool IsDraining, bool IsDiskFull, int FailingCount, IReadOnlyList<OutOfServicePartition> OutOfService, bool MaySendClients, MismatchPolicy Policy)
{
    public static HealthFacts Of(QueueRegistry queues, StreamRegistry streams, BoundAddress bound, Drain drain) => new(
        bound.Value is not null,
        drain.Announced is not null,
        queues.IsDiskFull,
        queues.Loaded.Count(static partition => partition.IsInOutage) + streams.Loaded.Count(static partition => partition.IsInOutage),
        [.. queues.OutOfService, .. streams.OutOfService],
        queues.IsReady && streams.IsReady,
        queues.OnMismatch);
}
