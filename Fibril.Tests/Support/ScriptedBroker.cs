using System.Net;
using System.Net.Sockets;
using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>Stands in for a broker on a loopback socket. It does nothing by itself: a test reads what a client sent and says what to answer.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<ScriptedPeer> _peers = [];

    public ScriptedBroker() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Options of a client that connects here.</summary>
    public FibrilClientOptions Options(TimeProvider? time = null) => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        TimeProvider = time ?? TimeProvider.System,
    };

    /// <summary>The next connection.</summary>
    public async Task<ScriptedPeer> AcceptAsync()
    {
        var peer = new ScriptedPeer(await Patience.Wait(_listener.AcceptSocketAsync()));
        lock (_peers) _peers.Add(peer);
        return peer;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        lock (_peers)
        {
            foreach (ScriptedPeer peer in _peers) peer.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    public static TopologySnapshot Topology(ulong generation, params ReadOnlySpan<QueueShape> queues)
    {
        var routes = new List<QueueRoute>();
        foreach ((string topic, string? group, uint count, ulong version) in queues)
        {
            for (uint partition = 0; partition < count; partition++) routes.Add(new QueueRoute(topic, partition, group, [], version, count));
        }

        return new TopologySnapshot(generation, routes, []);
    }
}

/// <summary>A queue as a topology shows it.</summary>
internal readonly record struct QueueShape(string Topic, string? Group, uint Count, ulong Version);
