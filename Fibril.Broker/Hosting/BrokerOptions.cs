using Fibril.Broker.Admin;
using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.Idle;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.RuntimeSettings;
using Fibril.Broker.Security.Tls;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Streams;
using SessionOptions = Fibril.Broker.Sessions.SessionOptions;

namespace Fibril.Broker.Hosting;

/// <summary>Everything one broker is started with; each module reads its own part.</summary>
internal sealed class BrokerOptions
{
    /// <summary>Directory of everything the broker stores, used by one process at a time; default <c>server_data</c> in the working directory.</summary>
    public string DataDirectory { get; set; } = "server_data";

    /// <summary>How long a stop may take to drain and sync before connections are cut; 0 to 10 min, default 15 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(15);

    public SessionOptions Sessions { get; } = new();

    public ResumeOptions Resume { get; } = new();

    public AuthOptions Auth { get; } = new();

    public AdminOptions Admin { get; } = new();

    public TlsOptions Tls { get; } = new();

    public LogOptions Log { get; } = new();

    public AcceptedOptions Accepted { get; } = new();

    public DeliveryOptions Delivery { get; } = new();

    public CohortOptions Cohorts { get; } = new();

    public IdleQueueOptions IdleQueues { get; } = new();

    public StreamOptions Streams { get; } = new();

    public ReplicationOptions Replication { get; } = new();

    public RecoveryOptions Recovery { get; } = new();

    public CoordinationOptions Coordination { get; } = new();

    /// <summary>True asks for TLS and users before the first start on a data directory; default false.</summary>
    public bool SetupMode { get; set; }

    /// <summary>Groups of the runtime settings that stay at their startup seeds; default none (K-8).</summary>
    public HashSet<string> RuntimeLocks { get; } = [];

    /// <summary>The options that runtime settings set: before the start their seeds.</summary>
    public RuntimeOptions Runtime => new(Delivery, IdleQueues, Sessions, Resume, Replication, Cohorts, Streams);
}
