using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Copies of a replay are withdrawn as long as nobody was given them.</summary>
public sealed class ReplayUndoTests
{
    [Fact]
    public void Copies_that_nobody_was_given_are_gone_and_the_dead_letters_are_still_there()
    {
        using ReplayScenario queues = WithDeadLetters(300);
        queues.Source.Publish(TestMessage.Of("published before"));
        ReplayJob job = queues.Run(ReplayScenario.All);
        queues.Source.Publish(TestMessage.Of("published after"));
        Assert.Equal(300, job.Progress.Undoable);
        UndoReport report = Undo(queues, job);
        Assert.Equal((300, 0, 0, null), (report.Withdrawn, report.TooLate, report.Left, report.Error));
        Assert.Equal(["published before", "published after"], queues.TextsIn(queues.Source));
        Assert.Equal(300, queues.TextsIn(queues.DeadLetters).Count());
        Assert.Equal("removed", queues.Operator.Tell(queues.Source, 1)!.Events[^1].Reason);
        Assert.Equal((0, 300), (job.Progress.Undoable, job.Progress.Undo!.Withdrawn));
        Assert.Equal(0, queues.Operator.OpenVisits);
    }

    [Fact]
    public void What_was_given_to_a_consumer_stays_whatever_became_of_it()
    {
        using ReplayScenario queues = WithDeadLetters(10);
        ReplayJob job = queues.Run(ReplayScenario.All);
        Consumer consumer = queues.Source.Subscribe(prefetch: 4);
        queues.Source.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Complete); // the fifth comes in its place
        queues.Source.Settle(consumer, consumer.Deliveries[1].Tag, SettleKind.Retry, queues.Source.NowMs + 60_000); // and the sixth
        Consumer other = queues.Source.Subscribe(prefetch: 1); // and the seventh
        queues.Source.Unsubscribe(other); // which is ready again
        UndoReport report = Undo(queues, job);
        Assert.Equal((3, 7), (report.Withdrawn, report.TooLate));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], queues.TextsIn(queues.Source));
    }

    [Fact] // a consumer comes amid it, in whatever order the two get on
    public async Task A_consumer_that_comes_meanwhile_has_a_copy_or_the_copy_is_gone_and_never_both()
    {
        for (int seed = 1; seed <= TestScale.Iterations(60); seed++)
        {
            var random = new Random(seed);
            using ReplayScenario queues = WithDeadLetters(40, random);
            ReplayJob job = queues.Run(ReplayScenario.All);
            var consumer = new Consumer(queues.Source.Partition, prefetch: random.Next(1, 60), autoAck: random.Next(2) == 0);
            Task<UndoReport> undo = queues.Operator.Begin(job.UndoAsync);
            for (int steps = random.Next(8); steps > 0; steps--) queues.Operator.Step();
            Assert.True(queues.Source.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
            queues.Operator.Run();
            Assert.True(undo.IsCompleted, $"seed {seed}");
            UndoReport report = await undo;
            Assert.True(40 == report.Withdrawn + report.TooLate, $"seed {seed}: {report}");
            Assert.True(report.TooLate == consumer.Deliveries.Count, $"seed {seed}: {report}, and {consumer.Deliveries.Count} delivered");
            Assert.All(consumer.Deliveries, delivery => Assert.NotEqual("removed", queues.Operator.Tell(queues.Source, delivery.Offset)!.Events[^1].Reason));
        }
    }

    [Fact]
    public void What_cannot_be_undone_says_why()
    {
        using ReplayScenario queues = WithDeadLetters(3);
        Assert.Contains("dry run", Refusal(queues, queues.Run(ReplayScenario.All with { IsDryRun = true })), StringComparison.Ordinal);
        ReplayJob slow = queues.Run(ReplayScenario.All with { MostPerSecond = 1 });
        Assert.Contains("still running", Refusal(queues, slow), StringComparison.Ordinal);
        slow.Cancel();
        queues.Operator.Run();
        Assert.Equal(1, Undo(queues, slow).Withdrawn);
        Assert.Contains("done already", Refusal(queues, slow), StringComparison.Ordinal);
        Assert.Contains("would be lost", Refusal(queues, queues.Run(ReplayScenario.Moving)), StringComparison.Ordinal);
        Assert.Contains("has made none", Refusal(queues, queues.Run(ReplayScenario.All)), StringComparison.Ordinal);
        Assert.Contains("deleted", Refusal(queues, queues.Run(ReplayScenario.All with { IsDeletion = true })), StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_whose_partition_does_not_answer_can_be_withdrawn_later()
    {
        using ReplayScenario queues = WithDeadLetters(3);
        ReplayJob job = queues.Run(ReplayScenario.All);
        queues.Operator.OnVisit = static _ => throw new IOException("the disk is gone");
        UndoReport failed = Undo(queues, job);
        Assert.Equal((0, 0, 3, "the disk is gone"), (failed.Withdrawn, failed.TooLate, failed.Left, failed.Error));
        queues.Operator.OnVisit = null;
        Assert.Equal((3, 0), (Undo(queues, job).Withdrawn, job.Progress.Undo!.Left));
        Assert.Empty(queues.TextsIn(queues.Source));
    }

    [Fact]
    public void What_was_withdrawn_before_something_unheard_of_happened_is_told_and_not_withdrawn_again()
    {
        using ReplayScenario queues = WithDeadLetters(3);
        PartitionHarness other = queues.Add("other");
        other.Publish(TestMessage.Of("a copy"));
        queues.Run(ReplayScenario.All);
        var places = new CopiedPlaces();
        for (int number = 0; number < 3; number++) places.Add(new MessageLink(PartitionHarness.Id, number), queues.Source.Partition.Incarnation);
        places.Add(new MessageLink(other.Partition.Id, 0), other.Partition.Incarnation);
        queues.Operator.OnVisit = id =>
        {
            if (id == other.Partition.Id) throw new NotSupportedException("nobody thought of that");
        };
        UndoReport report = queues.Operator.Await(() => new ReplayUndo(queues.Operator, places).RunAsync(0));
        Assert.Equal((3, 1, "nobody thought of that"), (report.Withdrawn, report.Left, report.Error));
    }

    [Fact]
    public void Copies_of_many_runs_are_withdrawn_a_bounded_number_at_a_time_and_nothing_between_them()
    {
        using var queues = new ReplayScenario();
        var places = new CopiedPlaces();
        for (int number = 0; number < 3000; number++) queues.Source.Post(TestMessage.Of($"{number}"));
        queues.Source.Run();
        for (int number = 0; number < 3000; number += number % 5 == 0 ? 3 : 1) places.Add(new MessageLink(PartitionHarness.Id, number), queues.Source.Partition.Incarnation);
        long copies = places.Count;
        UndoReport report = queues.Operator.Await(() => new ReplayUndo(queues.Operator, places).RunAsync(0));
        Assert.Equal((copies, 0), (report.Withdrawn, places.Count));
        Assert.Equal(Enumerable.Range(0, 3000).Where(static number => number % 5 is 1 or 2).Select(static number => $"{number}"), queues.TextsIn(queues.Source));
    }

    [Fact]
    public void Copies_in_a_queue_that_was_deleted_are_not_those_of_the_next_one_of_its_name()
    {
        using var queues = new ReplayScenario();
        queues.Source.Publish(TestMessage.Of("of another life"));
        var places = new CopiedPlaces();
        places.Add(new MessageLink(PartitionHarness.Id, 0), incarnation: new object());
        places.Add(new MessageLink(new PartitionId(new QueueName("gone", null), 0), 0), incarnation: new object());
        UndoReport report = queues.Operator.Await(() => new ReplayUndo(queues.Operator, places).RunAsync(0));
        Assert.Equal((0, 2, 0), (report.Withdrawn, report.TooLate, report.Left));
        Assert.Equal(["of another life"], queues.TextsIn(queues.Source));
    }

    [Fact]
    public void Of_copies_that_stand_too_far_apart_none_is_remembered()
    {
        var places = new CopiedPlaces();
        for (int number = 0; number < 1_000_000; number++) places.Add(new MessageLink(PartitionHarness.Id, number), this);
        Assert.Equal((1_000_000, false), (places.Count, places.AreTooMany));
        for (int number = 1; number < CopiedPlaces.MostRuns; number++) places.Add(new MessageLink(PartitionHarness.Id, 1_000_000 + (number * 2)), this);
        Assert.False(places.AreTooMany);
        places.Add(new MessageLink(PartitionHarness.Id, 9_000_000), this);
        Assert.Equal((0, true), (places.Count, places.AreTooMany));
    }

    private static ReplayScenario WithDeadLetters(int count, Random? order = null)
    {
        var queues = new ReplayScenario(order: order);
        for (int number = 0; number < count; number++) queues.PutDeadLetter($"{number}", ReplayScenario.Origin());
        return queues;
    }

    private static UndoReport Undo(ReplayScenario queues, ReplayJob job) => queues.Operator.Await(job.UndoAsync);

    private static string Refusal(ReplayScenario queues, ReplayJob job) => Assert.Throws<ReplayNotUndoableException>(() => Undo(queues, job)).Message;
}
