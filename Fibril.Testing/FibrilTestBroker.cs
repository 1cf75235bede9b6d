using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Hosting;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Client;
using Fibril.Protocol;
using Fibril.Testing.Disk;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Testing;

/// <summary>
/// A broker inside this process: the broker itself, on a real socket, with a disk in memory and a clock that stands still until the test
/// advances it. Leases, delays and times to live run out when the test says so. Thread-safe, but for one caller at a time of
/// <see cref="RestartAsync"/>, <see cref="CrashAsync"/> and <see cref="DisposeAsync"/>.
/// </summary>
/// <example>
/// <code>
/// await using var broker = await FibrilTestBroker.StartAsync();
/// await using FibrilClient client = await broker.ConnectAsync();
/// await client.CreatePublisher("orders").PublishTextAsync("one");
/// await broker.AdvanceAsync(TimeSpan.FromSeconds(30)); // whatever is leased now is delivered again
/// </code>
/// </example>
public sealed class FibrilTestBroker : IAsyncDisposable
{
    private const string DataDirectory = "data";
    private const int SegmentBytes = 1 << 20;

    private const int MostSteps = 256;

    private static readonly TimeSpan ShortestStep = TimeSpan.FromSeconds(1);

    private readonly FibrilTestBrokerOptions _options;
    private readonly IdleWatch _threads = new();
    private MemoryDisk _disk = new();
    private RunningBroker _running = null!;
    private bool _isDisposed;

    private FibrilTestBroker(FibrilTestBrokerOptions options)
    {
        _options = options;
        Time = new FakeTimeProvider(options.StartTime ?? DateTimeOffset.UtcNow);
    }

    /// <summary>The broker's clock. Timers that become due run in the call that advances it; <see cref="AdvanceAsync"/> waits for what they start.</summary>
    public FakeTimeProvider Time { get; }

    /// <summary>Where the broker listens, as <c>127.0.0.1:port</c>; the same after a restart.</summary>
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>The port the broker listens on; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The broker of the present run, for this project's own tests.</summary>
    internal BrokerCore Core => _running.Core;

    /// <summary>The disk of the present run, likewise.</summary>
    internal MemoryDisk Disk => _disk;

    /// <summary>Starts a broker without any queues.</summary>
    /// <param name="configure">Changes the defaults.</param>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FibrilTestBroker> StartAsync(Action<FibrilTestBrokerOptions>? configure = null)
    {
        var options = new FibrilTestBrokerOptions();
        configure?.Invoke(options);
        Check(options);
        var broker = new FibrilTestBroker(options) { Port = options.Port };
        await broker.RunAsync().ConfigureAwait(false);
        return broker;
    }

    /// <summary>Connects a client, with the time of this machine and not the broker's.</summary>
    /// <param name="configure">Changes the client's options.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FibrilException">The connection failed.</exception>
    public Task<FibrilClient> ConnectAsync(Action<FibrilClientOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new FibrilClientOptions { Host = "127.0.0.1", Port = Port };
        configure?.Invoke(options);
        return FibrilClient.ConnectAsync(options, cancellationToken);
    }

    /// <summary>Lets time pass in the broker and completes when it has done what became due.</summary>
    /// <param name="time">How much; not negative. It passes in steps of a second, or in 256 steps when those would be longer.</param>
    public async Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        TimeSpan step = time / MostSteps > ShortestStep ? time / MostSteps : ShortestStep;
        for (TimeSpan rest = time; rest > TimeSpan.Zero; rest -= step)
        {
            Time.Advance(rest < step ? rest : step);
            await _threads.WhenIdleAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Messages of a queue that are not settled, over all its partitions: ready, leased, delayed or waiting to be dead-lettered.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group; null for none.</param>
    /// <returns>0 for a queue that does not exist.</returns>
    public async Task<long> CountMessagesAsync(string topic, string? group = null)
    {
        var name = new QueueName(topic, Names.NormaliseGroup(group));
        int partitions = _running.Core.Queues.Catalogue.Find(name)?.PartitionCount ?? 0;
        long count = 0;
        for (int partition = 0; partition < partitions; partition++)
        {
            var id = new PartitionId(name, partition);
            using PartitionLease<QueuePartition> lease = await _running.Core.Queues.AcquireAsync(id, PartitionUse.Visit).ConfigureAwait(false);
            await _threads.WhenIdleAsync().ConfigureAwait(false);
            count += lease.Partition.ActiveCount;
        }

        return count;
    }

    /// <summary>Cuts every connection, as a network does that fails. Sessions wait for their clients for the time of grace.</summary>
    public void CutConnections() => _running.Core.Connections.Cut();

    /// <summary>Tells every client that the broker is about to go away; it goes on serving.</summary>
    /// <param name="grace">How long it is expected to.</param>
    /// <param name="message">For humans.</param>
    public void AnnounceGoingAway(TimeSpan grace, string message) => _running.Core.Connections.AnnounceGoingAway(grace, message);

    /// <summary>Stops the broker in order and starts it again, on the same port and the same data.</summary>
    public async Task RestartAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        await _running.StopAsync().ConfigureAwait(false);
        await RunAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the broker without warning and starts it again, on the same port and what is left of the data.</summary>
    /// <param name="kind">What is lost. Settlements are synced 50 ms after they were made, in the broker's time; losing one means a redelivery.</param>
    public async Task CrashAsync(CrashKind kind = CrashKind.PowerLoss)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _disk = _disk.Crash(kind);
        await _running.CrashAsync().ConfigureAwait(false);
        await RunAsync().ConfigureAwait(false);
    }

    /// <summary>Stops the broker. Its data is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await _running.StopAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        _running = await RunningBroker.StartAsync(BrokerOptions(), _disk, _threads, Time, Port, _options.LoggerFactory).ConfigureAwait(false);
        Port = _running.Port;
    }

    private BrokerOptions BrokerOptions()
    {
        var options = new BrokerOptions { DataDirectory = Path.Combine(Path.DirectorySeparatorChar.ToString(), DataDirectory) };
        options.Delivery.LeaseDuration = _options.LeaseDuration;
        options.Delivery.DefaultPartitionCount = _options.DefaultPartitionCount;
        options.Resume.ReconnectGrace = _options.ReconnectGrace;
        options.Log.MessageSegmentBytes = SegmentBytes;
        options.Log.EventSegmentBytes = SegmentBytes;
        options.Log.PreallocateBytes = 0;
        options.Log.ReserveBytes = 0;
        return options;
    }

    private static void Check(FibrilTestBrokerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeaseDuration, TimeSpan.FromMilliseconds(1), nameof(options.LeaseDuration));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReconnectGrace, TimeSpan.Zero, nameof(options.ReconnectGrace));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DefaultPartitionCount, 1, nameof(options.DefaultPartitionCount));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Port, nameof(options.Port));
        ArgumentNullException.ThrowIfNull(options.LoggerFactory, nameof(options.LoggerFactory));
    }
}
