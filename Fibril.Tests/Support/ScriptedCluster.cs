using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>Several scripted brokers and one client that was told of the first. The client's clock is the test's.</summary>
internal sealed class ScriptedCluster : IAsyncDisposable
{
    private readonly ScriptedBroker[] _brokers;
    private FibrilClient? _client;

    private ScriptedCluster(int brokers) => _brokers = [.. Enumerable.Range(0, brokers).Select(static _ => new ScriptedBroker())];

    public PacedTimeProvider Time { get; } = new();

    public FibrilClient Client => _client!;

    /// <summary>The connection to the first broker.</summary>
    public ScriptedPeer Home { get; private set; } = null!;

    public ScriptedBroker this[int broker] => _brokers[broker];

    /// <summary>Connects the client; the first broker shows the topology.</summary>
    public static async Task<ScriptedCluster> StartAsync(
        int brokers, Func<ScriptedCluster, TopologySnapshot> topology, Action<ScriptedCluster, FibrilClientOptions>? configure = null)
    {
        var cluster = new ScriptedCluster(brokers);
        FibrilClientOptions options = cluster[0].Options(cluster.Time);
        options.TopologyRefreshInterval = Timeout.InfiniteTimeSpan;
        configure?.Invoke(cluster, options);
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(options);
        cluster.Home = await cluster[0].AcceptAsync();
        await cluster.Home.WelcomeAsync(topology(cluster));
        cluster._client = await Patience.Wait(connecting);
        return cluster;
    }

    /// <summary>Takes the connection that the client makes to a broker next; it comes for one operation and asks nothing else first.</summary>
    public async Task<ScriptedPeer> AcceptAsync(int broker)
    {
        ScriptedPeer peer = await _brokers[broker].AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        return peer;
    }

    /// <summary>How a broker is spelled.</summary>
    public BrokerAddress Address(int broker) => new("127.0.0.1", (ushort)_brokers[broker].Port, []);

    /// <summary>The queue <c>orders</c>, with the owner of each partition; less than 0 for nobody.</summary>
    public IEnumerable<QueueRoute> Orders(ulong version, params int[] owners) =>
        owners.Select((owner, partition) => new QueueRoute(
            "orders", (uint)partition, null, owner < 0 ? [] : [Address(owner)], version, (uint)owners.Length));

    public TopologySnapshot Topology(ulong generation, ulong version, params int[] owners) =>
        new(generation, [.. Orders(version, owners)], []);

    public async ValueTask DisposeAsync()
    {
        foreach (ScriptedBroker broker in _brokers) await broker.DisposeAsync();
        if (_client is not null) await Patience.Wait(_client.DisposeAsync());
    }
}
