using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Log;
using Fibril.Broker.Partitions;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Cohorts;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Broker.Queues.Delivery;
using Fibril.Broker.Queues.Recovery;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Support;

/// <summary>The catalogue and the registry of a broker on a simulated disk; flushes run when the test says so.</summary>
internal sealed class CatalogueHarness : IDisposable
{
    public static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    public const int MaxPartitionCount = 16;

    private readonly SteppedScheduler _scheduler = new();
    private readonly DeadlineScheduler _deadlines;

    public CatalogueHarness(SimulatedFileSystem? disk = null, int defaultPartitionCount = 1)
    {
        Disk = disk ?? new SimulatedFileSystem();
        _deadlines = new DeadlineScheduler(Time);
        uint salt = 0x5eed;
        var log = new LogEnvironment(Disk, _scheduler, Time, () => Interlocked.Increment(ref salt), PartitionHarness.SmallSegments());
        StorageDirectories.EnsureRoot(Disk, Root);
        var queues = new QueueEnvironment(
            log, _scheduler, _deadlines, new DeliveryOptions { DefaultPartitionCount = defaultPartitionCount }, new CohortOptions(), new DeliveryTags(Time),
            new TailCacheBudget(1 << 20), new BorrowedFlushes(0),
            new DiskReserve(Disk, Root, 0, Time, static _ => { }), Log);
        Channels = ChannelCatalogue.Open(log, Root, [QueueEntry.Queues]);
        Registry = new QueueRegistry(queues, Channels, GlobalTarget.Open(Disk, Root), Recovery, Root, MaxPartitionCount);
        Registry.FinishDeletions();
        Channels.CompactIfLong();
    }

    public FakeTimeProvider Time { get; } = new();

    public RecoveryOptions Recovery { get; } = new();

    public RecordingLogger Log { get; } = new();

    public SimulatedFileSystem Disk { get; }

    public ChannelCatalogue Channels { get; }

    public ChannelEntries<QueueEntry> Catalogue => Registry.Catalogue;

    public QueueRegistry Registry { get; }

    public void Run() => _scheduler.RunToIdle();

    /// <summary>Runs what is scheduled until <paramref name="task"/> has its result.</summary>
    public T Await<T>(Task<T> task)
    {
        Run();
        Assert.True(task.IsCompleted, "nothing is left to do, and there is no answer");
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Makes every sync from now on fail.</summary>
    public void FailSyncs() => Disk.BeforeOperation = static operation =>
    {
        if (operation.Kind == DiskOperationKind.Sync) throw DiskFaults.InputOutputError();
    };

    /// <summary>The broker that starts on what this one has left behind.</summary>
    public CatalogueHarness After(Ending ending)
    {
        if (ending == Ending.Stop)
        {
            Task closed = Channels.CloseAsync();
            Run();
            Assert.True(closed.IsCompletedSuccessfully, "the catalogue did not close");
        }

        return new CatalogueHarness(ending == Ending.PowerLoss ? Disk.AfterPowerLoss() : Disk.AfterKill());
    }

    public void Dispose() => _deadlines.Dispose();
}
