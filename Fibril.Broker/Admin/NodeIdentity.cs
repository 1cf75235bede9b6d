using System.Net;
using System.Reflection;
using Fibril.Broker.Admin.Views;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Transport;
using Fibril.Broker.Statistics;
using Fibril.Broker.Statistics.Readings;
using SessionOptions = Fibril.Broker.Sessions.SessionOptions;

namespace Fibril.Broker.Admin;

/// <summary>What this broker says of itself. Thread-safe.</summary>
internal sealed class NodeIdentity(SessionOptions sessions, BoundAddress bound, TlsStatus tls, BrokerStatistics statistics, TimeProvider time)
{
    private static readonly string Informational = typeof(NodeIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Version of the broker.</summary>
    public static string Version => Informational.Split('+')[0]; // what follows is the commit

    /// <summary>Name of the node; all brokers that stand alone are called the same.</summary>
    public const string Id = "local";

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>Where the broker listens for clients.</summary>
    public IPEndPoint BrokerAddress => bound.Value ?? sessions.Bind;

    public NodeView Describe()
    {
        MessageReading messages = statistics.ReadMessages();
        return new NodeView(
            Id, BrokerAddress.ToString(), AdminAddr: null, Live: true, RaftId: null, messages.Published.PerSecond, messages.Delivered.PerSecond,
            new NodeRuntimeView(Version, StartedAt.ToUnixTimeMilliseconds(), tls.Mode, tls.Describe()?.NotAfterUnix));
    }
}
