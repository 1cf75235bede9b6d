using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Catalogue;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fibril.Tests.Support;

/// <summary>Somebody who looks after the partitions of a test, and has everything done on the test's thread, step by step.</summary>
/// <param name="partitions">The partitions of this moment: those of one queue have one number each, from 0 on.</param>
/// <param name="time">Their clock.</param>
/// <param name="order">Source of the order in which they get on; null for the operator first, and then one partition after the other.</param>
internal sealed class Operator(Func<PartitionHarness[]> partitions, TimeProvider time, Random? order = null) : IPartitionVisits
{
    private readonly SteppedContext _context = new();

    /// <summary>The jobs of this operator.</summary>
    public ReplayJobs Jobs => field ??= new ReplayJobs(this, time, NullLogger.Instance);

    /// <summary>Called before a partition is visited; throws to fail.</summary>
    public Action<PartitionId>? OnVisit { get; set; }

    /// <summary>Visits that have not ended.</summary>
    public int OpenVisits { get; private set; }

    public InspectionPage Inspect(PartitionHarness partition, InspectionRequest? request = null) =>
        Await(() => BeginInspection(partition, request));

    /// <summary>As <see cref="Inspect"/>, without running anything.</summary>
    public Task<InspectionPage> BeginInspection(PartitionHarness partition, InspectionRequest? request = null) =>
        Begin(() => new MessageInspector(this).InspectAsync(partition.Partition.Id, request ?? new InspectionRequest(), default));

    /// <summary>All pages of an inspection, one after the other.</summary>
    public List<InspectionPage> InspectAll(PartitionHarness partition, InspectionRequest request)
    {
        var pages = new List<InspectionPage> { Inspect(partition, request) };
        while (pages[^1].HasMore)
        {
            Assert.True(pages.Count < 100_000 && pages[^1].NextOffset > request.From, "the inspection does not get on");
            request = request with { From = pages[^1].NextOffset };
            pages.Add(Inspect(partition, request));
        }

        return pages;
    }

    public MessageStory? Tell(PartitionHarness partition, long offset) =>
        Await(() => BeginStory(partition, offset));

    /// <summary>As <see cref="Tell"/>, without running anything.</summary>
    public Task<MessageStory?> BeginStory(PartitionHarness partition, long offset) =>
        Begin(() => new StoryTeller(this).TellAsync(partition.Partition.Id, offset, default));

    public ReplayReport Replay(PartitionHarness deadLetters, ReplayMode mode, params long[] offsets) =>
        Await(() => BeginReplay(deadLetters, mode, offsets));

    /// <summary>As <see cref="Replay"/>, without running anything that others have to do.</summary>
    public Task<ReplayReport> BeginReplay(PartitionHarness deadLetters, ReplayMode mode, params long[] offsets) =>
        Begin(() => new OffsetReplay(this, time).RunAsync(deadLetters.Partition.Id, offsets, mode));

    /// <summary>Begins something whose awaits go on when the operator runs.</summary>
    public Task<T> Begin<T>(Func<Task<T>> work) => _context.Within(work);

    /// <summary>Starts a job, and runs nothing of it yet.</summary>
    public ReplayJob Start(BulkReplayRequest request) => _context.Within(() => Jobs.Start(request));

    public RemovalOutcome[] Remove(PartitionHarness partition, params long[] offsets) =>
        Await(() => BeginRemoval(partition, offsets));

    /// <summary>As <see cref="Remove"/>, without running anything that the partition schedules.</summary>
    public Task<RemovalOutcome[]> BeginRemoval(PartitionHarness partition, params long[] offsets) =>
        Begin(() => partition.Partition.ChangeAsync(loaded => loaded.Remove(offsets), waitsForDisk: true));

    /// <summary>Runs everything, here and in the partitions, until nothing is left to do.</summary>
    public void Run()
    {
        while (Step())
        {
            // One causes work for the other.
        }
    }

    /// <summary>Runs one piece of work; false when none waits.</summary>
    public bool Step()
    {
        Func<bool>[] steps = [_context.Step, .. partitions().Select(static partition => (Func<bool>)partition.Step)];
        order?.Shuffle(steps);
        return Array.Exists(steps, static step => step());
    }

    /// <summary>Runs what the operator has to do, and nothing of the partitions.</summary>
    public void RunOwn()
    {
        while (_context.Step())
        {
            // Until it waits for them.
        }
    }

    public QueueEntry? Find(QueueName queue)
    {
        PartitionHarness[] own = [.. partitions().Where(partition => partition.Partition.Id.Queue == queue)];
        return own.Length == 0 ? null : new QueueEntry(queue, IsDeclared: true, own.Length, own[0].Settings.Settings);
    }

    ValueTask<PartitionLease<QueuePartition>> IPartitionVisits.VisitAsync(PartitionId id)
    {
        OnVisit?.Invoke(id);
        PartitionHarness visited = Array.Find(partitions(), partition => partition.Partition.Id == id)
            ?? throw new UnknownPartitionException(id, Find(id.Queue)?.PartitionCount ?? 0);
        OpenVisits++;
        return new(new PartitionLease<QueuePartition>(visited.Partition, PartitionUse.Visit, _ => OpenVisits--));
    }

    /// <summary>Runs until there is an answer.</summary>
    public T Await<T>(Func<Task<T>> begin)
    {
        Task<T> task = _context.Within(begin);
        while (!task.IsCompleted) Assert.True(Step(), "nothing is left to do, and there is no answer");
        return task.GetAwaiter().GetResult();
    }
}
