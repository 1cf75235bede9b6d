using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.Idle;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Streams;
using SessionOptions = Fibril.Broker.Sessions.SessionOptions;

namespace Fibril.Broker.RuntimeSettings;

/// <summary>The options that runtime settings set: modules hold the same objects and read a value whenever they need it.</summary>
internal sealed record RuntimeOptions(
    DeliveryOptions Delivery,
    IdleQueueOptions IdleQueues,
    SessionOptions Sessions,
    ResumeOptions Resume,
    ReplicationOptions Replication,
    CohortOptions Cohorts,
    StreamOptions Streams)
{
    /// <summary>Options as they are built in.</summary>
    public static RuntimeOptions BuiltIn() => new(
        new DeliveryOptions(), new IdleQueueOptions(), new SessionOptions(), new ResumeOptions(), new ReplicationOptions(), new CohortOptions(),
        new StreamOptions());
}
