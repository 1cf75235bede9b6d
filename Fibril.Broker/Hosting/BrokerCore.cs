using Fibril.Broker.Admin.Audit;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Partitions;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Idle;
using Fibril.Broker.Queues.Recovery;
using Fibril.Broker.RuntimeSettings;
using Fibril.Broker.Security;
using Fibril.Broker.Security.Users;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Sessions.Security;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Broker.Streams.Idle;

namespace Fibril.Broker.Hosting;

/// <summary>The broker without its listeners: one data directory, opened, and everything that serves from it.</summary>
internal sealed class BrokerCore : IDisposable
{
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly IDisposable[] _owned;
    private readonly DeadlineScheduler _deadlines;
    private readonly DiskReserve _reserve;
    private readonly IdleQueueCleanup _idleQueues;
    private readonly IdleStreamCleanup _idleStreams;
    private readonly SessionStore _sessionStore;
    private bool _isStopped;

    private BrokerCore(BrokerOptions options, ILoggerFactory loggers, BrokerPlatform platform, params IDisposable[] owned)
    {
        _owned = owned;
        IStorageFileSystem files = platform.Files;
        TimeProvider time = platform.Time;
        IWorkScheduler work = platform.Work;

        // Before anything looks at the options.
        Settings = RuntimeSettingsStore.Open(
            files, options.DataDirectory, options.Runtime, options.RuntimeLocks, options.Sessions.MaxPartitionCount, time,
            loggers.CreateLogger("Fibril.Settings"));
        _deadlines = new DeadlineScheduler(time);
        Metrics = new BrokerMetrics(platform.Instruments);
        var log = new LogEnvironment(files, platform.Flusher, time, static () => (uint)Random.Shared.NextInt64(), options.Log) { Metrics = Metrics.Log };
        ILogger queueLogger = loggers.CreateLogger("Fibril.Queues");
        _reserve = new DiskReserve(files, options.DataDirectory, options.Log.ReserveBytes, time, isFull =>
        {
            if (isFull) queueLogger.DiskIsFull(options.Log.ReserveBytes);
            else queueLogger.DiskHasRoom();
        });
        var recentRecords = new TailCacheBudget(options.Log.TailCacheBytes);
        var borrowedFlushes = new BorrowedFlushes(platform.BorrowedFlushes);
        var queues = new QueueEnvironment(
            log, work, _deadlines, options.Delivery, options.Cohorts, new DeliveryTags(time), recentRecords, borrowedFlushes, _reserve, queueLogger)
        {
            Metrics = Metrics.Queues,
        };
        ILogger streamLogger = loggers.CreateLogger("Fibril.Streams");
        var streams = new StreamEnvironment(log, work, _deadlines, options.Streams, recentRecords, borrowedFlushes, _reserve, streamLogger)
        {
            Metrics = Metrics.Streams,
        };

        Catalogue = ChannelCatalogue.Open(log, options.DataDirectory, [QueueEntry.Queues, StreamEntry.Streams]);
        Queues = new QueueRegistry(
            queues, Catalogue, GlobalTarget.Open(files, options.DataDirectory), options.Recovery, options.DataDirectory, options.Sessions.MaxPartitionCount);
        Streams = new StreamRegistry(
            streams, Catalogue, options.Recovery, options.DataDirectory, () => options.Delivery.DefaultPartitionCount, options.Sessions.MaxPartitionCount);
        Queues.FinishDeletions();
        Streams.FinishDeletions();
        Catalogue.CompactIfLong();
        if (options.Recovery.Check == RecoveryCheck.Eager) VerifyEverything(queueLogger, time);
        Users = UserDirectory.Open(files, options.DataDirectory, time, loggers.CreateLogger("Fibril.Security"));
        Users.SeedIfEmpty(options.Auth.Users.Select(static user => (user.UserName, user.Password)));
        var secret = ClusterSecret.Load(options.Auth.ClusterSecret, options.Coordination.SecretPath, files, options.DataDirectory);
        ILogger sessionLogger = loggers.CreateLogger("Fibril.Sessions");
        _sessionStore = SessionStore.Open(files, options.DataDirectory, options.Resume, time, sessionLogger);
        var sessions = new SessionRegistry(
            options.Resume, BrokerIdentity.Load(files, options.DataDirectory), Queues, _sessionStore, time, sessionLogger);
        Sessions = new SessionEnvironment(
            options.Sessions, Queues, Streams, sessions, new Authenticator(options.Auth, Users, secret, platform.WireTime),
            new TopologyView(Catalogue, options.Sessions.StandaloneTopology), time, platform.WireTime, sessionLogger)
        {
            Metrics = Metrics.Sessions,
        };
        Connections = new ConnectionRegistry(options.Sessions, platform.WireTime);
        Parts = new BrokerParts(Queues, Streams, sessions, Connections, files, options.DataDirectory);
        Audit = AuditTrail.Open(files, options.DataDirectory, time, loggers.CreateLogger("Fibril.Admin"));
        _idleQueues = new IdleQueueCleanup(Queues, options.IdleQueues, time, queueLogger);
        _idleStreams = new IdleStreamCleanup(Streams, options.Streams, time, streamLogger);
        Settings.Changed += _ => SettingsChanged();
    }

    /// <summary>What the modules count.</summary>
    public BrokerMetrics Metrics { get; }

    /// <summary>What statistics look at.</summary>
    public BrokerParts Parts { get; }

    public RuntimeSettingsStore Settings { get; }

    public ChannelCatalogue Catalogue { get; }

    public QueueRegistry Queues { get; }

    public StreamRegistry Streams { get; }

    public UserDirectory Users { get; }

    public SessionEnvironment Sessions { get; }

    public ConnectionRegistry Connections { get; }

    public AuditTrail Audit { get; }

    /// <summary>Locks and opens the data directory on this machine's disk. Blocks on the disk.</summary>
    /// <exception cref="IOException">The directory is in use, or the catalogue cannot be read.</exception>
    public static BrokerCore Open(BrokerOptions options, ILoggerFactory loggers, TimeProvider time, Instruments instruments)
    {
        var files = new PhysicalFileSystem();
        StorageDirectories.EnsureRoot(files, Path.GetFullPath(options.DataDirectory));
        var directoryLock = DataDirectoryLock.Acquire(options.DataDirectory);
        var flushThreads = new FlushThreads(options.Log.MaxInflightSyncs);
        try
        {
            var platform = new BrokerPlatform(files, new ThreadPoolScheduler(), flushThreads, time, time, ReserveBorrowedFlushes()) { Instruments = instruments };
            return new BrokerCore(options, loggers, platform, flushThreads, directoryLock);
        }
        catch
        {
            flushThreads.Dispose();
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Opens a data directory wherever the platform keeps it; nobody else may use it meanwhile.</summary>
    /// <exception cref="IOException">The catalogue cannot be read.</exception>
    public static BrokerCore Open(BrokerOptions options, ILoggerFactory loggers, BrokerPlatform platform)
    {
        StorageDirectories.EnsureRoot(platform.Files, options.DataDirectory);
        return new BrokerCore(options, loggers, platform);
    }

    /// <summary>
    /// Takes no new work, makes accepted work durable, answers what is outstanding, and lets the connections close (S-60, S-61).
    /// </summary>
    public async Task StopAsync()
    {
        try
        {
            // Connections that hang in a full lane are not waited for: the partitions answer them when they stop.
            await Connections.BeginStopAsync().WaitAsync(LeaveTimeout);
        }
        catch (TimeoutException)
        {
            // Settlements that were read and not handed over are lost, which means redelivery.
        }

        await _idleQueues.DisposeAsync();
        await _idleStreams.DisposeAsync();
        await Sessions.Sessions.StopAsync();
        await Task.WhenAll(Queues.StopAsync(), Streams.StopAsync());
        await Catalogue.CloseAsync();
        Connections.Release();
        await _sessionStore.DisposeAsync();
        _isStopped = true;
    }

    /// <summary>The options have new values. Most are read when they are needed; what waits as the old ones say is told (K-4).</summary>
    private void SettingsChanged()
    {
        Queues.DeliveryChanged();
        Queues.Cohorts.DefaultTargetChanged();
        _idleQueues.IntervalChanged();
        _idleStreams.IntervalChanged();
        _sessionStore.TimeToLiveChanged();
    }

    /// <summary>Tells every few seconds how far it has come: reading a full disk takes its time.</summary>
    private void VerifyEverything(ILogger logger, TimeProvider time)
    {
        long told = time.GetTimestamp();
        Queues.VerifyAll(Report);
        Streams.VerifyAll(Report);

        void Report(int done, int all)
        {
            if (done < all && time.GetElapsedTime(told) < ProgressInterval) return;
            told = time.GetTimestamp();
            logger.Verified(done, all);
        }
    }

    /// <summary>Half as many pool threads as there are processors may wait for the disk; the pool gets as many more at once.</summary>
    private static int ReserveBorrowedFlushes()
    {
        int count = Math.Max(1, Environment.ProcessorCount / 2);
        ThreadPool.GetMinThreads(out int workers, out int completionPorts);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + count), completionPorts);
        return count;
    }

    /// <summary>Ends what goes on by itself. A broker that was not stopped crashes by that: nothing is waited for, and nothing is written.</summary>
    public void Dispose()
    {
        if (!_isStopped) Abandon();
        Connections.Dispose();
        _deadlines.Dispose();
        _reserve.Dispose();
        Audit.Dispose();
        foreach (IDisposable owned in _owned) owned.Dispose();
    }

    private void Abandon()
    {
        // A turn that is under way may hang on the disk; each has a loop that ends behind it.
        _ = _idleQueues.DisposeAsync().AsTask();
        _ = _idleStreams.DisposeAsync().AsTask();
        Sessions.Sessions.Abandon();
        _sessionStore.Abandon();
    }
}
