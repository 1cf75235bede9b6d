using System.Collections.Concurrent;
using System.Net;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.Security;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Security;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>
/// A whole broker behind its listener: the real connection handler, registry, queues and threads, on a simulated disk and clock, with
/// pipes instead of sockets.
/// </summary>
internal sealed class SessionHarness : IAsyncDisposable
{
    public static readonly IPAddress Remote = IPAddress.Parse("203.0.113.7");

    public const long TailCacheBytes = 16 << 20;

    /// <summary>What the clock shows when the broker starts, unless the test brings one.</summary>
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000);

    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private readonly ConcurrentBag<RawPeer> _peers = [];
    private readonly DeadlineScheduler _deadlines;
    private readonly BrokerConnectionHandler _handler;
    private readonly ManualResetEventSlim _disk = new(initialState: true);
    private int _heldSyncs;

    public SessionHarness(
        Action<SessionOptions>? configure = null,
        AuthOptions? auth = null,
        DeliveryOptions? delivery = null,
        SimulatedFileSystem? disk = null,
        int borrowedFlushes = 0,
        FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(Start);
        Disk = disk ?? new SimulatedFileSystem();
        Disk.BeforeOperation = PassOrFail;
        configure?.Invoke(Options);
        _deadlines = new DeadlineScheduler(Time);
        var log = new LogEnvironment(
            Disk, Threads, Time, static () => (uint)Random.Shared.NextInt64(), new LogOptions { PreallocateBytes = 64 << 10 })
        { Metrics = Metrics.Log };
        StorageDirectories.EnsureRoot(Disk, Root);
        var queues = new QueueEnvironment(
            log, Threads, _deadlines, delivery ?? new DeliveryOptions(), Cohorts, new DeliveryTags(Time), TailCache,
            new BorrowedFlushes(borrowedFlushes), new DiskReserve(Disk, Root, 0, Time, static _ => { }), Log)
        { Metrics = Metrics.Queues }; // WhenIdleAsync does not see a borrowed flush, so there is none unless asked for
        Catalogue = ChannelCatalogue.Open(log, Root, [QueueEntry.Queues, StreamEntry.Streams]);
        Queues = new QueueRegistry(queues, Catalogue, GlobalTarget.Open(Disk, Root), Recovery, Root, Options.MaxPartitionCount);
        var streams = new StreamEnvironment(log, Threads, _deadlines, StreamOptions, TailCache, queues.BorrowedFlushes, queues.Reserve, Log) { Metrics = Metrics.Streams };
        Streams = new StreamRegistry(streams, Catalogue, Recovery, Root, () => queues.Delivery.DefaultPartitionCount, Options.MaxPartitionCount);
        Queues.FinishDeletions();
        Streams.FinishDeletions();
        Catalogue.CompactIfLong();
        Identity = BrokerIdentity.Load(Disk, Root);
        Store = SessionStore.Open(Disk, Root, Resume, Time, Log);
        Auth = auth ?? new AuthOptions();
        Users = UserDirectory.Open(Disk, Root, Time, Log);
        Users.SeedIfEmpty(Auth.Users.Select(static user => (user.UserName, user.Password)));
        var secret = ClusterSecret.Load(Auth.ClusterSecret, path: null, Disk, Root);
        Environment = new SessionEnvironment(
            Options, Queues, Streams, new SessionRegistry(Resume, Identity, Queues, Store, Time, Log), new Authenticator(Auth, Users, secret, Time),
            new TopologyView(Catalogue, Options.StandaloneTopology), Time, Time, Log)
        { Metrics = Metrics.Sessions };
        Connections = new ConnectionRegistry(Options, Time);
        _handler = new BrokerConnectionHandler(Environment, Connections);
    }

    /// <summary>What was counted.</summary>
    public BrokerMetrics Metrics { get; } = new(new Instruments());

    /// <summary>What statistics look at.</summary>
    public BrokerParts Parts => new(Queues, Streams, Sessions, Connections, Disk, Root);

    public FakeTimeProvider Time { get; }

    public SimulatedFileSystem Disk { get; }

    public SessionOptions Options { get; } = new();

    public ChannelCatalogue Catalogue { get; }

    public QueueRegistry Queues { get; }

    public StreamRegistry Streams { get; }

    public StreamOptions StreamOptions { get; } = new();

    public ConnectionRegistry Connections { get; }

    /// <summary>Memory for messages that consumers are about to reach.</summary>
    public TailCacheBudget TailCache { get; } = new(TailCacheBytes);

    public AuthOptions Auth { get; }

    public UserDirectory Users { get; }

    public SessionEnvironment Environment { get; }

    public BrokerIdentity Identity { get; }

    /// <summary>How long sessions outlive their connections: not at all, unless a test is about that.</summary>
    public ResumeOptions Resume { get; } = new() { ReconnectGrace = TimeSpan.Zero };

    public CohortOptions Cohorts { get; } = new();

    /// <summary>What outlives this broker of its sessions.</summary>
    public SessionStore Store { get; }

    public SessionRegistry Sessions => Environment.Sessions;

    public RecoveryOptions Recovery { get; } = new();

    public WatchedThreads Threads { get; } = new();

    public RecordingLogger Log { get; } = new();

    public ulong NowMs => (ulong)Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A broker that pushes nothing by itself, for tests that let much time pass.</summary>
    public static SessionHarness WithoutPushes(
        Action<SessionOptions>? configure = null, DeliveryOptions? delivery = null, FakeTimeProvider? time = null) => new(
        options =>
        {
            options.HeartbeatInterval = TimeSpan.FromHours(1);
            options.StandaloneTopology = false;
            configure?.Invoke(options);
        },
        delivery: delivery,
        time: time);

    /// <summary>Opens a connection that has not sent anything yet.</summary>
    /// <param name="from">The peer's address; this machine unless given.</param>
    /// <param name="receiveBlockBytes">Size of the blocks the broker receives in.</param>
    public RawPeer Accept(IPAddress? from = null, int? receiveBlockBytes = null)
    {
        var connection = new PipeConnection(new IPEndPoint(from ?? IPAddress.Loopback, 50_000), receiveBlockBytes);
        var peer = new RawPeer(this, connection, ServeAsync(connection));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Opens a connection and logs in.</summary>
    public async Task<RawPeer> ConnectAsync(int? receiveBlockBytes = null)
    {
        RawPeer peer = Accept(receiveBlockBytes: receiveBlockBytes);
        await peer.HelloAsync();
        await peer.AuthAsync();
        return peer;
    }

    /// <summary>Opens a connection and logs in as this user; from this machine unless told otherwise.</summary>
    public async Task<RawPeer> LogInAsync(string userName = "fibril", string password = "fibril", IPAddress? from = null)
    {
        RawPeer peer = Accept(from);
        await peer.HelloAsync();
        await peer.AuthAsync(userName, password);
        return peer;
    }

    /// <summary>Opens a connection that resumes the session of an earlier one, and logs in.</summary>
    public async Task<RawPeer> ResumeAsync(ResumeIdentity identity, ResumeOutcome expected = ResumeOutcome.Resumed)
    {
        RawPeer peer = Accept();
        HelloOkMessage reply = await peer.HelloAsync(identity);
        Assert.Equal(expected, reply.Outcome);
        await peer.AuthAsync();
        return peer;
    }

    /// <summary>Lets time pass, in steps that no periodic timer of the broker can miss.</summary>
    public void Advance(TimeSpan time)
    {
        for (TimeSpan rest = time; rest > TimeSpan.Zero; rest -= LongestStep) Time.Advance(rest < LongestStep ? rest : LongestStep);
    }

    /// <summary>Completes when partitions and flush threads have nothing left to do.</summary>
    public Task WhenIdleAsync() => Patience.Wait(Threads.WhenIdleAsync());

    /// <summary>Holds every sync of the disk up until <see cref="ResumeSyncs"/>.</summary>
    public void StallSyncs() => _disk.Reset();

    /// <summary>Completes when a sync is held up.</summary>
    public Task WhenSyncIsHeldUpAsync() => Patience.Until(() => Volatile.Read(ref _heldSyncs) > 0);

    public void ResumeSyncs() => _disk.Set();

    /// <summary>Makes every sync from now on fail.</summary>
    public bool FailSyncs { get; set; }

    /// <summary>Takes a partition out of service, by a fault that it does not know.</summary>
    public async Task BreakAsync(PartitionId id) => await (await Queues.GetAsync(id)).PostAsync(new BrokenCommand(), CancellationToken.None);

    /// <summary>
    /// Makes partitions of <c>orders</c> take nothing out of their lanes any more, which are full; until the watched threads resume work. Each of
    /// them has a delayed message, and six seconds pass until it looks at that one next.
    /// </summary>
    public void ChokeOrders(int partitionCount, params QueueCommand[] first)
    {
        Threads.HoldWork();
        Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(partitionCount, Threads.HeldCount);
        for (int partition = 0; partition < partitionCount; partition++)
        {
            QueuePartition choked = Queues.FindLoaded(new PartitionId(new QueueName("orders", null), partition))!;
            foreach (QueueCommand command in first) Assert.True(choked.TryPost(command));
            while (choked.TryPost(new IdleCommand()))
            {
                // until its lane is full
            }
        }
    }

    /// <summary>Stops the broker as its host does; connections end when everything they asked for is answered.</summary>
    public async Task StopAsync()
    {
        await Patience.Wait(Connections.BeginStopAsync());
        await Patience.Wait(Sessions.StopAsync());
        await Patience.Wait(Queues.StopAsync());
        await Patience.Wait(Streams.StopAsync());
        await Patience.Wait(Catalogue.CloseAsync());
        Connections.Release();
    }

    public async ValueTask DisposeAsync()
    {
        FailSyncs = false;
        ResumeSyncs();
        Connections.Release();
        foreach (RawPeer peer in _peers) await peer.DisposeAsync();
        await WhenIdleAsync();
        Connections.Dispose();
        await Store.DisposeAsync();
        _deadlines.Dispose();
        Threads.Dispose();
        _disk.Dispose();
    }

    private async Task ServeAsync(PipeConnection connection)
    {
        await _handler.OnConnectedAsync(connection);
        connection.CloseByBroker();
    }

    private void PassOrFail(DiskOperation operation)
    {
        if (operation.Kind != DiskOperationKind.Sync) return;
        Interlocked.Increment(ref _heldSyncs);
        _disk.Wait();
        Interlocked.Decrement(ref _heldSyncs);
        if (FailSyncs) throw DiskFaults.InputOutputError();
    }
}
