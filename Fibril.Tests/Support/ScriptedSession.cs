using Fibril.Client;
using Fibril.Protocol;

namespace Fibril.Tests.Support;

/// <summary>A client that is connected to a scripted broker, on a clock that only the test moves.</summary>
internal sealed class ScriptedSession : IAsyncDisposable
{
    private ScriptedSession(ScriptedBroker broker, ScriptedPeer peer, FibrilClient client, PacedTimeProvider time)
    {
        Broker = broker;
        Peer = peer;
        Client = client;
        Time = time;
    }

    public ScriptedBroker Broker { get; }

    public ScriptedPeer Peer { get; }

    public FibrilClient Client { get; }

    public PacedTimeProvider Time { get; }

    /// <summary>For tests of what happens when nothing brings a connection back, and nothing is tried again.</summary>
    public static void StaysDisconnected(FibrilClientOptions options)
    {
        options.AutoReconnect = false;
        options.RetryTimeout = TimeSpan.Zero;
    }

    public static async Task<ScriptedSession> StartAsync(TopologySnapshot? topology = null, Action<FibrilClientOptions>? configure = null)
    {
        var time = new PacedTimeProvider();
        var broker = new ScriptedBroker();
        FibrilClientOptions options = broker.Options(time);
        options.TopologyRefreshInterval = Timeout.InfiniteTimeSpan; // its questions are asked only of tests that expect them
        configure?.Invoke(options);
        Task<FibrilClient> connecting = FibrilClient.ConnectAsync(options);
        ScriptedPeer peer = await broker.AcceptAsync();
        await peer.WelcomeAsync(topology);
        return new ScriptedSession(broker, peer, await Patience.Wait(connecting), time);
    }

    /// <summary>Subscribes to <c>orders</c>, whose partitions get the subscription ids 1, 2 and so on.</summary>
    public async Task<Subscription> SubscribeAsync(SubscribeOptions? options = null, int partitionCount = 1)
    {
        Task<Subscription> subscribing = Client.SubscribeAsync("orders", options);
        for (int i = 0; i < partitionCount; i++) await Peer.AcceptSubscriptionAsync((ulong)i + 1);
        return await Patience.Wait(subscribing);
    }

    /// <summary>The broker's end of the connection breaks, and the client has noticed.</summary>
    public async Task LoseConnectionAsync()
    {
        CancellationToken gone = Client.Disconnected;
        Peer.Abort();
        var noticed = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = gone.Register(noticed.SetResult);
        await Patience.Wait(noticed.Task);
    }

    /// <summary>Takes the next connection and answers its handshake up to the reconciliation.</summary>
    public async Task<ScriptedPeer> AcceptAgainAsync(ResumeOutcome outcome)
    {
        ScriptedPeer peer = await Broker.AcceptAsync();
        await peer.WelcomeBackAsync(outcome);
        return peer;
    }

    /// <summary>Takes the next connection, which is for one subscription only, and answers its handshake.</summary>
    public async Task<ScriptedPeer> AcceptOwnAsync()
    {
        ScriptedPeer peer = await Broker.AcceptAsync();
        await peer.WelcomeWithoutTopologyAsync();
        return peer;
    }

    /// <summary>The broker goes first: a client that closes waits for its peer, by a clock that stands still here.</summary>
    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Patience.Wait(Client.DisposeAsync());
    }
}
