using Fibril.Broker.Channels;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Protocol;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>An operator removes single messages: M-33, M-38, S-40, L-27.</summary>
public sealed class RemovalTests
{
    [Fact]
    public void Messages_that_nobody_holds_are_removed_and_the_others_are_told_apart()
    {
        using var queue = new RemovableQueue(DeadLetterPolicy.Global);
        queue.Scenario.Publish("settled", "pending", "leased");
        Consumer consumer = queue.Scenario.Subscribe(prefetch: 3);
        queue.Scenario.Publish("delayed", delay: TimeSpan.FromSeconds(5));
        queue.Scenario.Publish("delayed too", delay: TimeSpan.FromSeconds(5));
        queue.Scenario.Complete(consumer, consumer.Deliveries[0]);
        queue.Scenario.Fail(consumer, consumer.Deliveries[1]);
        queue.Scenario.Subscribe(prefetch: 1); // holds nothing
        consumer.Room = 0;
        queue.Scenario.Publish("ready");
        queue.Scenario.Harness.Unsubscribe(queue.Scenario.Subscribe(prefetch: 1));

        Assert.Equal(
        [
            RemovalOutcome.SettledAlready, RemovalOutcome.Removed, RemovalOutcome.Leased, RemovalOutcome.Removed, RemovalOutcome.Unknown,
            RemovalOutcome.Unknown, RemovalOutcome.SettledAlready, RemovalOutcome.SettledAlready,
        ],
        queue.Remove(0, 1, 2, 3, 6, -1, 1, 3));
        Assert.Equal([2, 4, 5], queue.Operator.Inspect(queue.Scenario.Harness).Messages.Select(static message => message.State.Offset));

        // What is left comes about as it would have.
        queue.Scenario.Complete(consumer, consumer.Deliveries[2]);
        consumer.MakeRoom(10);
        queue.Scenario.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("delayed too", consumer.Texts);
        Assert.DoesNotContain("delayed", consumer.Texts);
    }

    [Fact]
    public void A_ready_message_is_removed_and_never_delivered()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b", "c");
        Assert.Equal([RemovalOutcome.Removed], queue.Remove(1));
        Assert.Equal(["a", "c"], queue.Scenario.Subscribe(prefetch: 5).Texts);
        Assert.Equal("removed", queue.Operator.Tell(queue.Scenario.Harness, 1)!.Events[^1].Reason);
    }

    [Fact] // M-38: the answer waits for the disk, so no power loss brings a removed message back
    public void A_removal_is_answered_when_it_is_durable()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b");
        Assert.Equal([RemovalOutcome.Removed], queue.Remove(0));
        queue.Scenario.RestartNow(Ending.PowerLoss);
        Assert.Equal(["b"], queue.Scenario.Subscribe(prefetch: 5).Texts);
    }

    [Fact] // M-38: a removal of nothing has nothing to wait for
    public void A_removal_that_does_nothing_syncs_nothing()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b");
        queue.Remove(0); // which makes the file
        Assert.Equal(0, queue.Scenario.Harness.Disk.CountOf(DiskOperationKind.Sync, () => queue.Remove(0, 7)));
        Assert.Equal(1, queue.Scenario.Harness.Disk.CountOf(DiskOperationKind.Sync, () => queue.Remove(1)));
    }

    [Fact] // D-48
    public void A_message_whose_copy_is_being_made_is_left_to_the_copy()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(null, null, DeadLetterScenario.ToTarget));
        queues.Publish("a");
        queues.SettleNext(SettleKind.Fail);
        while (queues.Source.Step())
        {
            // The copy is on its way.
        }

        var someone = new Operator(() => [queues.Source], queues.Time);
        Assert.Equal([RemovalOutcome.BeingCopied], someone.Remove(queues.Source, 0));
        queues.Run();
        Assert.Single(queues.Arrived());
    }

    [Fact] // S-65, M-38
    public void A_removal_whose_sync_fails_says_that_nobody_knows_and_holds_when_the_files_are_open_again()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b");
        queue.Scenario.Harness.Disk.FailNext(DiskOperationKind.Sync, with: DiskFaults.InputOutputError());
        string text = Assert.Throws<PartitionNotServingException>(() => queue.Remove(0)).Message;
        Assert.Contains("nobody knows", text, StringComparison.Ordinal);
        queue.Scenario.Advance(OneSecond);
        queue.Scenario.RestartNow(Ending.PowerLoss);
        Assert.Equal(["b"], queue.Scenario.Subscribe(prefetch: 5).Texts);
    }

    [Theory] // S-60: a stop makes it durable, and answers
    [InlineData(false)]
    [InlineData(true)]
    public void A_removal_around_the_request_to_stop_is_answered(bool stopsFirst)
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b");
        QueuePartition partition = queue.Scenario.Harness.Partition;
        Task stopped = stopsFirst ? partition.StopAsync() : Task.CompletedTask;
        Task<RemovalOutcome[]> removal = queue.Begin(0);
        if (!stopsFirst) stopped = partition.StopAsync();
        Assert.Equal([RemovalOutcome.Removed], queue.Operator.Await(() => removal));
        queue.Scenario.Harness.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        queue.Scenario.RestartNow(Ending.PowerLoss);
        Assert.Equal(["b"], queue.Scenario.Subscribe(prefetch: 5).Texts);
    }

    [Fact] // S-65: the events are on their way to a disk that is well
    public void A_removal_is_answered_although_the_partition_is_parked_meanwhile()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a", "b");
        PartitionHarness partition = queue.Scenario.Harness;
        Task<RemovalOutcome[]> removal = queue.Begin(0);
        Assert.True(partition.Partition.TryPost(new BrokenCommand()));
        partition.RunNewestFirst = true;
        partition.Step();
        Assert.NotNull(partition.Partition.ParkedBecause);
        Assert.Equal([RemovalOutcome.Removed], queue.Operator.Await(() => removal));
        queue.Scenario.RestartNow(Ending.PowerLoss);
        Assert.Equal(["b"], queue.Scenario.Subscribe(prefetch: 5).Texts);
    }

    [Fact] // S-60, S-65
    public void A_partition_that_serves_nobody_removes_nothing()
    {
        using var queue = new RemovableQueue();
        queue.Scenario.Publish("a");
        queue.Scenario.Harness.Stop();
        Assert.Throws<PartitionNotServingException>(() => queue.Remove(0));
        queue.Scenario.RestartNow(Ending.Kill);
        Assert.Equal(["a"], queue.Scenario.Subscribe().Texts);
    }

    [Fact]
    public void Every_outcome_has_a_name_and_every_refusal_a_reason()
    {
        RemovalOutcome[] all = Enum.GetValues<RemovalOutcome>();
        Assert.Equal(all.Length, all.Select(RemovalOutcomes.NameOf).Distinct().Count());
        Assert.Equal([RemovalOutcome.Removed], all.Where(static outcome => RemovalOutcomes.ReasonOf(outcome) is null));
    }

    private sealed class RemovableQueue : IDisposable
    {
        public RemovableQueue(DeadLetterPolicy? policy = null)
        {
            Scenario = new QueueScenario(new QueueSettings(null, null, policy));
            Operator = new Operator(() => [Scenario.Harness], Scenario.Time);
        }

        public QueueScenario Scenario { get; }

        public Operator Operator { get; }

        public RemovalOutcome[] Remove(params long[] offsets) => Operator.Remove(Scenario.Harness, offsets);

        /// <summary>As <see cref="Remove"/>, without running what the partition schedules.</summary>
        public Task<RemovalOutcome[]> Begin(params long[] offsets) => Operator.BeginRemoval(Scenario.Harness, offsets);

        public void Dispose() => Scenario.Dispose();
    }
}
