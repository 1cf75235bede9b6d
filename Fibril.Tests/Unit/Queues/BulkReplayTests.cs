using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Replays of many dead letters, as jobs: L-27, D-61 to D-66.</summary>
public sealed class BulkReplayTests
{
    [Fact] // D-63
    public void All_dead_letters_are_copied_in_their_order()
    {
        using var queues = new ReplayScenario();
        string[] texts = [.. Enumerable.Range(0, 700).Select(static i => $"{i}")];
        foreach (string text in texts) queues.PutDeadLetter(text, ReplayScenario.Origin());
        queues.PutDeadLetter("no dead letter");
        ReplayJob job = queues.Run(ReplayScenario.All);
        Assert.True(job.Ended.IsCompletedSuccessfully);
        Assert.Equal((ReplayState.Completed, 701, 700, 700, 0, 0), Counters(job));
        Assert.Equal(new MessageLink(DeadLetterScenario.TargetId, 701), job.Progress.Position);
        Assert.Equal(queues.Source.NowMs, job.Progress.EndedMs);
        Assert.Equal(texts, queues.TextsIn(queues.Source));
        Assert.Equal(701, queues.TextsIn(queues.DeadLetters).Count());
        Assert.Equal(0, queues.Operator.OpenVisits);
    }

    [Fact]
    public void All_dead_letters_are_moved_and_what_is_none_stays()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 300; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        queues.PutDeadLetter("no dead letter");
        ReplayJob job = queues.Run(ReplayScenario.Moving);
        Assert.Equal((ReplayState.Completed, 301, 300, 300, 0, 0), Counters(job));
        Assert.Equal(["no dead letter"], queues.TextsIn(queues.DeadLetters));
        Assert.Equal(300, queues.TextsIn(queues.Source).Count());
        Assert.All(queues.Operator.Tell(queues.DeadLetters, 7)!.Copies, static copy => Assert.Equal(7, copy.Offset));
    }

    [Fact] // S-28: the compaction comes between the look at a partition and the read of what was found, or a little earlier or later
    public void Dead_letters_that_a_compaction_moves_meanwhile_are_replayed_all_the_same()
    {
        const int Letters = 60;
        for (int before = 0; before < 10; before++)
        {
            using var queues = new ReplayScenario();
            PartitionHarness deadLetters = queues.DeadLetters;
            for (int i = 0; i < Letters; i++)
            {
                queues.PutDeadLetter($"{i}".PadRight(500, '.'), ReplayScenario.Origin());
                for (int others = 0; others < 6; others++) queues.PutDeadLetter("no dead letter".PadRight(500, '.'));
            }

            deadLetters.Disk.FailAll(".log.tmp"); // no compaction yet
            Consumer first = deadLetters.Subscribe(prefetch: 1000);
            foreach (TestDelivery delivery in first.Deliveries.Where(static delivery => delivery.Text[0] == 'n').ToArray())
                deadLetters.Settle(first, delivery.Tag, SettleKind.Complete);
            deadLetters.Unsubscribe(first);

            // Whoever asks amid a turn has to wait for the next one, and reads when the partition has come to rest.
            Consumer second = deadLetters.Subscribe(prefetch: Letters + 1);
            foreach (TestDelivery delivery in second.Deliveries.ToArray()) deadLetters.Settle(second, delivery.Tag, SettleKind.Retry, deadLetters.NowMs + 1000);
            second.OnDelivery = _ => queues.Operator.RunOwn();
            ReplayJob? job = null;
            for (int i = 0; i < 60 && job?.IsRunning != false; i++)
            {
                if (i == 6) deadLetters.Disk.BeforeOperation = null;
                if (i == before) job = queues.Operator.Start(ReplayScenario.All);
                deadLetters.Publish(TestMessage.Of(new string('x', 8 << 10)));
                deadLetters.Settle(second, second.Deliveries[^1].Tag, SettleKind.Complete);
                queues.Source.Run();
            }

            Assert.True((ReplayState.Completed, Letters) == (job!.Progress.State, job.Progress.Replayed), $"before {before}: {job.Progress}");
        }
    }

    private static readonly Dictionary<string, ReplayFilter> Filters = new()
    {
        ["none"] = new(),
        ["a reason"] = new() { Reasons = ["expired"] },
        ["some reasons"] = new() { Reasons = ["expired", "overflow", "terminal_nack"] },
        ["a source"] = new() { Source = new QueueName("orders", null) },
        ["a source with a group"] = new() { Source = new QueueName("orders", "eu") },
        ["from a time"] = new() { FromMs = 200 },
        ["before a time"] = new() { ToMs = 200 },
        ["between two times"] = new() { FromMs = 200, ToMs = 300 },
        ["a header"] = new() { Headers = [new("customer", "7")] },
        ["two headers"] = new() { Headers = [new("customer", "7"), new("vip", "")] },
        ["another value"] = new() { Headers = [new("customer", "")] },
        ["a header of the broker"] = new() { Headers = [new("stroma.dlq.retry_count", "2")] },
        ["all of it"] = new() { Reasons = ["terminal_nack"], FromMs = 0, ToMs = 301, Headers = [new("customer", "7")] },
    };

    [Theory]
    [InlineData("none", "0", "1", "2", "3")]
    [InlineData("a reason", "1")]
    [InlineData("some reasons", "0", "1", "2")]
    [InlineData("a source", "0", "1", "3")]
    [InlineData("a source with a group")]
    [InlineData("from a time", "1", "2", "3")]
    [InlineData("before a time", "0")]
    [InlineData("between two times", "1")]
    [InlineData("a header", "0", "2")]
    [InlineData("two headers", "2")]
    [InlineData("another value")]
    [InlineData("a header of the broker", "0", "1", "2", "3")]
    [InlineData("all of it", "0", "2")]
    public void Only_dead_letters_that_meet_every_condition_are_replayed(string filter, params string[] moved)
    {
        using var queues = new ReplayScenario();
        queues.Add("other");
        queues.PutDeadLetter("0", [.. ReplayScenario.Origin(atMs: 100), ("customer", "7")]);
        queues.PutDeadLetter("1", [.. ReplayScenario.Origin(reason: "expired", atMs: 200), ("customer", "7"), ("customer", "8")]);
        queues.PutDeadLetter("2", [.. ReplayScenario.Origin("other", atMs: 300), ("customer", "7"), ("vip", "")]);
        queues.PutDeadLetter("3", ReplayScenario.Origin(reason: "retries_exhausted", atMs: 400));
        ReplayJob job = queues.Run(ReplayScenario.Moving with { Filter = Filters[filter] });
        Assert.Equal((ReplayState.Completed, 4, moved.Length, moved.Length, 0, 0), Counters(job));
        Assert.Equal(Enumerable.Range(0, 4).Select(static i => $"{i}").Except(moved), queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // D-31: what is asked for makes sense, or is refused
    public void A_request_that_makes_no_sense_is_refused()
    {
        using var queues = new ReplayScenario();
        string unknown = Refusal(ReplayScenario.All with { Filter = new ReplayFilter { Reasons = ["boredom"] } });
        Assert.Contains("terminal_nack", unknown, StringComparison.Ordinal);
        Refusal(ReplayScenario.All with { Filter = new ReplayFilter { FromMs = 5, ToMs = 5 } });
        Refusal(ReplayScenario.All with { MostMessages = 0 });
        Refusal(ReplayScenario.All with { MostPerSecond = 0 });
        Refusal(ReplayScenario.All with { MostPerSecond = 100_001 });
        Refusal(ReplayScenario.All with { MostFailures = 0 });
        Assert.Empty(queues.Operator.Jobs.All);

        string Refusal(BulkReplayRequest request) => Assert.Throws<ArgumentException>(() => queues.Operator.Start(request)).Message;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_dry_run_counts_lists_the_first_few_and_changes_nothing(bool moves)
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 300; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin(reason: i % 2 == 0 ? "terminal_nack" : "expired"));
        queues.Advance(OneSecond);
        IReadOnlyDictionary<string, byte[]> before = queues.Source.Disk.Content();
        BulkReplayRequest request = moves ? ReplayScenario.Moving : ReplayScenario.All;
        ReplayJob job = queues.Run(request with { IsDryRun = true, Filter = Filters["a reason"] });
        Assert.Equal((ReplayState.Completed, 300, 150, 0, 0, 0), Counters(job));
        Assert.Equal([1, 3, 5, 7, 9, 11, 13, 15, 17, 19], job.Progress.Samples.Select(static sample => sample.DeadLetter.Offset));
        Assert.All(job.Progress.Samples, static sample => Assert.Equal("expired", sample.Source.Reason));
        queues.Advance(OneSecond);
        Assert.Equal(before, queues.Source.Disk.Content());
        AssertNoneIsLeased(queues);
        Assert.Empty(queues.TextsIn(queues.Source));
    }

    [Fact]
    public void No_more_are_replayed_than_asked_for()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 20; i++) queues.PutDeadLetter($"{i}", i % 3 == 0 ? ReplayScenario.Origin() : []);
        ReplayJob job = queues.Run(ReplayScenario.Moving with { MostMessages = 4 });
        Assert.Equal((ReplayState.Completed, 10, 4, 4, 0, 0), Counters(job));
        Assert.Equal(["0", "3", "6", "9"], queues.TextsIn(queues.Source));
    }

    [Fact] // D-63: copies that fail again come back to the queue that the job is reading
    public void A_job_leaves_alone_what_becomes_a_dead_letter_after_it_began()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 300; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        ReplayJob job = queues.Run(ReplayScenario.All with { MostPerSecond = 1000 });
        queues.Kill("failed meanwhile");
        for (int i = 0; i < 10; i++) queues.Advance(OneSecond);
        Assert.Equal((ReplayState.Completed, 300, 300, 300, 0, 0), Counters(job));
        Assert.Equal(301, queues.TextsIn(queues.DeadLetters).Count());
    }

    [Fact]
    public void The_rate_is_kept_evenly_and_what_was_not_used_is_not_made_up_for()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 60; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        ReplayJob job = queues.Run(ReplayScenario.All with { MostPerSecond = 20 });
        Assert.Equal(2, job.Progress.Replayed);
        queues.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(2, job.Progress.Replayed);
        queues.Advance(OneMs);
        Assert.Equal(4, job.Progress.Replayed);
        for (int i = 0; i < 10; i++) queues.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(24, job.Progress.Replayed);
        queues.Advance(TimeSpan.FromSeconds(10)); // in one leap
        Assert.Equal(28, job.Progress.Replayed); // what was due, and a tenth of a second
        for (int i = 0; i < 16; i++) queues.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal((ReplayState.Completed, 60, 60, 60, 0, 0), Counters(job));
    }

    [Theory] // D-66
    [InlineData(1)]
    [InlineData(5)]
    public void A_job_stops_at_the_number_of_failures_that_is_allowed(int most)
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 40; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        queues.PutDeadLetter("skipped", ReplayScenario.Origin("no-more"));
        queues.Operator.OnVisit = static id =>
        {
            if (id == PartitionHarness.Id) throw new IOException("the disk is gone");
        };
        ReplayJob job = queues.Run(ReplayScenario.Moving with { MostFailures = most });
        Assert.Equal((ReplayState.TooManyFailures, 41, 41, 0, 0, most), Counters(job));
        Assert.Equal(
            Enumerable.Range(0, most).Select(static i => ReplayItem.Failed(i, "the disk is gone")),
            job.Progress.LastTroubles.Select(static trouble => trouble.Item));
        Assert.All(job.Progress.LastTroubles, static trouble => Assert.Equal(DeadLetterScenario.TargetId, trouble.Partition));
        AssertNoneIsLeased(queues);
    }

    [Fact] // D-64
    public void Skipped_ones_do_not_stop_a_job_and_the_newest_troubles_are_kept()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 150; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin("no-more"));
        queues.PutDeadLetter("good", ReplayScenario.Origin());
        ReplayJob job = queues.Run(ReplayScenario.Moving with { MostFailures = 1 });
        Assert.Equal((ReplayState.Completed, 151, 151, 1, 150, 0), Counters(job));
        Assert.Equal((130, 20), (job.Progress.LastTroubles[0].Item.Offset, job.Progress.LastTroubles.Count));
    }

    [Fact]
    public void A_cancelled_job_ends_at_once_and_leaves_no_lease()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 40; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        ReplayJob job = queues.Run(ReplayScenario.Moving with { MostPerSecond = 10 });
        Assert.Equal(1, job.Progress.Replayed);
        job.Cancel();
        queues.Operator.Run();
        Assert.True(job.Ended.IsCompletedSuccessfully);
        Assert.Equal((ReplayState.Cancelled, 40, 40, 1, 0, 0), Counters(job));
        Assert.Equal(39, queues.TextsIn(queues.DeadLetters).Count());
        AssertNoneIsLeased(queues);
        Assert.Equal(0, queues.Operator.OpenVisits);
        job.Cancel(); // which is too late, and no error
    }

    [Fact] // S-60: what is on its way comes to its end
    public void A_job_that_the_stop_interrupts_finishes_the_copies_in_hand()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 300; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin());
        ReplayJob job = queues.Operator.Start(ReplayScenario.Moving);
        queues.Operator.RunOwn(); // the first copies wait for the disk
        Task stopped = queues.Operator.Jobs.StopAsync();
        Assert.False(stopped.IsCompleted);
        queues.Operator.Run();
        Assert.True(stopped.IsCompletedSuccessfully);
        Assert.Equal((ReplayState.Interrupted, 256, 256, 100, 0, 0), Counters(job)); // no more at a time than may fail
        Assert.Equal((100, 200), (queues.TextsIn(queues.Source).Count(), queues.TextsIn(queues.DeadLetters).Count()));
        Assert.Throws<IOException>(() => queues.Operator.Start(ReplayScenario.All));
    }

    [Fact]
    public void A_job_goes_through_all_partitions_of_its_queue_or_the_one_that_is_named()
    {
        using var queues = new ReplayScenario();
        PartitionHarness[] graves = [queues.Add("graves", 0), queues.Add("graves", 1)];
        foreach (PartitionHarness grave in graves)
        {
            var headers = new Fibril.Protocol.HeaderBlockBuilder();
            foreach ((string key, string value) in ReplayScenario.Origin()) headers.Add(key, value);
            grave.Publish(TestMessage.Of($"{grave.Partition.Id.Partition}") with { Headers = headers });
        }

        var all = new BulkReplayRequest(new QueueName("graves", null));
        Assert.Equal(1, queues.Run(all with { Partition = 1 }).Progress.Replayed);
        Assert.Equal(["1"], queues.TextsIn(queues.Source));
        Assert.Equal(2, queues.Run(all).Progress.Replayed);
        Assert.Equal(["1", "0", "1"], queues.TextsIn(queues.Source));
        ReplayJob none = queues.Run(all with { Partition = 2 });
        Assert.Equal(ReplayState.Failed, none.Progress.State);
        Assert.Contains("there is no partition 2", none.Progress.Error, StringComparison.Ordinal);
    }

    [Fact] // S-65
    public void A_job_whose_dead_letters_cannot_be_read_fails_and_says_why()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        queues.DeadLetters.Stop();
        ReplayJob job = queues.Run(ReplayScenario.All);
        Assert.Equal(ReplayState.Failed, job.Progress.State);
        Assert.Contains("stopping", job.Progress.Error, StringComparison.Ordinal);
        Assert.NotNull(job.Progress.EndedMs);
    }

    [Fact] // memory and load are bounded
    public void A_few_jobs_run_at_a_time_and_the_newest_are_remembered()
    {
        using var queues = new ReplayScenario();
        queues.PutDeadLetter("a", ReplayScenario.Origin());
        queues.PutDeadLetter("b", ReplayScenario.Origin());
        ReplayJob[] slow = [.. Enumerable.Range(0, 4).Select(_ => queues.Run(ReplayScenario.All with { MostPerSecond = 1 }))];
        Assert.All(slow, static job => Assert.True(job.IsRunning));
        Assert.Throws<ReplayRefusedException>(() => queues.Operator.Start(ReplayScenario.All));
        slow[0].Cancel();
        queues.Operator.Run();
        for (int i = 0; i < 100; i++) queues.Run(ReplayScenario.All with { IsDryRun = true });
        Assert.Equal(64, queues.Operator.Jobs.All.Count);
        Assert.Null(queues.Operator.Jobs.Find(slow[0].Id));
        Assert.Same(slow[1], queues.Operator.Jobs.Find(slow[1].Id));
        Assert.Equal(64, queues.Operator.Jobs.All.Select(static job => job.Id).Distinct().Count());
    }

    [Fact] // an id is never one of an earlier broker's
    public void Jobs_of_a_later_broker_have_later_ids()
    {
        using var queues = new ReplayScenario();
        ReplayJob before = queues.Run(ReplayScenario.All);
        queues.Advance(OneMs * 5);
        var later = new ReplayJobs(queues.Operator, queues.Queues.Time, NullLogger.Instance);
        Assert.True(later.Start(ReplayScenario.All).Id > before.Id);
    }

    [Fact]
    public void Every_state_of_a_job_has_a_name_of_its_own()
    {
        ReplayState[] all = Enum.GetValues<ReplayState>();
        Assert.Equal(all.Length, all.Select(ReplayStates.NameOf).Distinct().Count());
    }

    private static void AssertNoneIsLeased(ReplayScenario queues) => Assert.All(
        queues.Operator.Inspect(queues.DeadLetters).Messages, static message => Assert.Equal(MessageStatus.Ready, message.State.Status));

    private static (ReplayState State, long Examined, long Matched, long Replayed, long Skipped, long Failed) Counters(ReplayJob job) =>
        (job.Progress.State, job.Progress.Examined, job.Progress.Matched, job.Progress.Replayed, job.Progress.Skipped, job.Progress.Failed);
}
