using System.Text;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>An operator brings dead letters back, one by one: D-60 to D-66, and moving them.</summary>
public sealed class ReplayTests
{
    private const string NoDeadLetter = "it is no dead letter: it carries no header stroma.dlq.source_topic";

    [Theory] // D-60
    [InlineData(0)]
    [InlineData(101)]
    public void A_request_names_one_to_a_hundred_dead_letters(int count)
    {
        using var queues = new ReplayScenario();
        Assert.Throws<ArgumentException>(() => queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, First(count)));
    }

    [Fact] // D-61, D-62, D-63, D-65
    public void A_copy_is_a_new_message_with_the_payload_and_the_headers_of_the_user()
    {
        using var queues = new ReplayScenario(new QueueSettings(1, DefaultTtlMs: 5000, DeadLetterScenario.ToTarget));
        queues.PutDeadLetter("m", [("customer", "7"), ("fibril.test", "admin"), .. ReplayScenario.Origin(), ("stromatic", "kept")]);
        queues.Advance(OneSecond);
        DeadLetter before = Assert.Single(queues.Queues.Arrived());
        ReplayItem item = Assert.Single(queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 0).Items);
        Assert.Equal(new ReplayItem(0, ReplayOutcome.Replayed, new MessageLink(PartitionHarness.Id, 0), null), item);

        InspectedMessage copy = Assert.Single(queues.Operator.Inspect(queues.Source, new InspectionRequest { PreviewBytes = 10 }).Messages);
        long now = queues.Source.NowMs;
        Assert.Equal(new MessageState(0, MessageStatus.Ready, 0) { ExpiresAtMs = now + 5000 }, copy.State);
        Assert.Equal(("m", (ulong)now, now, "text/plain; charset=utf-8"), Of(copy.Content));
        Assert.Equal([new("customer", "7"), new("stromatic", "kept")], copy.Content.Headers);
        Assert.Equal(before.Headers, Assert.Single(queues.Queues.Arrived()).Headers); // D-63

        static (string, ulong, long, string?) Of(MessageContent content) =>
            (Encoding.UTF8.GetString(content.Preview!), content.PublishedMs, content.ReceivedMs, content.ContentType);
    }

    [Fact] // D-63
    public void Replaying_twice_makes_two_copies()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 0);
        queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 0);
        Assert.Equal(["a", "a"], queues.TextsIn(queues.Source));
        Assert.Equal(["a"], queues.TextsIn(queues.DeadLetters));
        queues.Queues.Restart(Ending.PowerLoss);
        Assert.Equal(["a", "a"], queues.TextsIn(queues.Source));
        Assert.Equal(["a"], queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // D-64: each in the order of the request, with the reason
    public void What_cannot_be_replayed_is_skipped_with_the_reason()
    {
        using var queues = new ReplayScenario();
        queues.Kill("dead", "settled");
        queues.PutDeadLetter("published here");
        queues.PutDeadLetter("orphan", ReplayScenario.Origin(topic: "no-more"));
        queues.Operator.Remove(queues.DeadLetters, 1);
        ReplayReport report = queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 9, 3, 0, 2, 1, -4, 0);
        Assert.Equal((7, 1), (report.Requested, report.Replayed));
        Assert.Equal(
        [
            ReplayItem.Skipped(9, "no message has this offset yet"),
            ReplayItem.Skipped(3, "queue no-more, which it came from, does not exist here any more"),
            new ReplayItem(0, ReplayOutcome.Replayed, new MessageLink(PartitionHarness.Id, 2), null),
            ReplayItem.Skipped(2, NoDeadLetter),
            ReplayItem.Skipped(1, "it is not active: it is settled already"),
            ReplayItem.Skipped(-4, "no message has this offset yet"),
            ReplayItem.Skipped(0, "it is named twice in this request"),
        ],
        report.Items);
        Assert.Equal(["dead"], queues.TextsIn(queues.Source));
    }

    [Fact] // D-61: any active state will do for a copy
    public void A_dead_letter_that_is_leased_or_delayed_is_copied()
    {
        using var queues = new ReplayScenario();
        queues.Kill("delayed", "leased");
        Consumer consumer = queues.DeadLetters.Subscribe();
        queues.DeadLetters.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Retry, queues.DeadLetters.NowMs + 9000);
        Assert.Equal(2, queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 0, 1).Replayed);
        Assert.Equal(["delayed", "leased"], queues.TextsIn(queues.Source));
    }

    [Fact] // a move takes what nobody has a hand on
    public void A_dead_letter_that_is_leased_or_delayed_is_not_moved()
    {
        using var queues = new ReplayScenario();
        queues.Kill("delayed", "leased", "free");
        Consumer consumer = queues.DeadLetters.Subscribe();
        queues.DeadLetters.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Retry, queues.DeadLetters.NowMs + 9000);
        ReplayReport report = queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, 0, 1, 2);
        Assert.Equal(
        [
            ReplayItem.Skipped(0, "it is delayed; it can be moved when it is due, or copied now"),
            ReplayItem.Skipped(1, "a consumer has it; it can be moved when that lease is over"),
        ],
        report.Items.Take(2));
        Assert.Equal(["free"], queues.TextsIn(queues.Source));
        Assert.Equal(["delayed", "leased"], queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // D-14
    public void A_dead_letter_whose_time_is_over_is_not_moved()
    {
        using var queues = new ReplayScenario(deadLetters: new QueueSettings(null, DefaultTtlMs: 1000, null));
        queues.Kill("a");
        queues.Queues.Time.Jump(OneSecond); // and no tick has swept it yet
        Assert.Equal([ReplayItem.Skipped(0, "its time to live is over")], queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, 0).Items);
        Assert.Empty(queues.TextsIn(queues.Source));
    }

    [Fact] // D-65: the key is not kept, so the broker spreads them
    public void Copies_are_spread_over_the_partitions_of_their_queue()
    {
        using var queues = new ReplayScenario();
        PartitionHarness[] wide = [queues.Add("wide", 0), queues.Add("wide", 1), queues.Add("wide", 2)];
        for (int i = 0; i < 30; i++) queues.PutDeadLetter($"{i}", ReplayScenario.Origin("wide"));
        Assert.Equal(30, queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, First(30)).Replayed);
        Assert.All(wide, partition => Assert.Equal(10, queues.TextsIn(partition).Count()));
    }

    [Fact] // D-66
    public void A_queue_that_cannot_be_opened_fails_its_own_dead_letters_only()
    {
        using var queues = new ReplayScenario();
        PartitionHarness broken = queues.Add("broken");
        queues.PutDeadLetter("a", ReplayScenario.Origin("broken"));
        queues.PutDeadLetter("b", ReplayScenario.Origin());
        queues.Operator.OnVisit = id =>
        {
            if (id == broken.Partition.Id) throw new IOException("the disk is gone");
        };
        foreach (ReplayMode mode in Enum.GetValues<ReplayMode>())
        {
            ReplayReport report = queues.Operator.Replay(queues.DeadLetters, mode, 0, 1);
            Assert.Equal(ReplayItem.Failed(0, "the disk is gone"), report.Items[0]);
            Assert.Equal(ReplayOutcome.Replayed, report.Items[1].Outcome);
        }

        Assert.Equal(["a"], queues.TextsIn(queues.DeadLetters)); // ready again
        Assert.Equal(0, queues.Operator.OpenVisits);
    }

    [Fact] // D-61, D-66: counted when the copy is durable, and not before
    public void A_copy_whose_sync_fails_is_not_counted_and_its_dead_letter_is_ready_again()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        queues.Source.Disk.FailNext(DiskOperationKind.Sync, "messages-00000000000000000000.log");
        ReplayItem item = Assert.Single(queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, 0).Items);
        Assert.Equal((ReplayOutcome.Failed, null), (item.Outcome, item.Copy));
        Assert.Contains("Input/output error", item.Reason, StringComparison.Ordinal);
        MessageState state = Assert.Single(queues.Operator.Inspect(queues.DeadLetters).Messages).State;
        Assert.Equal(MessageStatus.Ready, state.Status);
    }

    [Fact] // D-61: the answer waits for the disk
    public void A_replay_is_answered_when_the_copy_is_durable()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0);
        queues.Operator.RunOwn();
        Assert.False(replay.IsCompleted);
        MessageState state = Assert.Single(queues.Operator.Inspect(queues.DeadLetters).Messages).State;
        Assert.Equal(("a replay", MessageStatus.Inflight), (state.Lease!.Holder, state.Status));
    }

    [Fact] // M-1: nobody else gets it meanwhile
    public void A_consumer_does_not_get_what_is_being_moved()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a", "b", "c");
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0, 2);
        Consumer consumer = queues.DeadLetters.Subscribe(prefetch: 10);
        Assert.Equal(["b"], consumer.Texts);
        ReplayReport report = queues.Operator.Await(() => replay);
        queues.Operator.Run();
        Assert.Equal(2, report.Replayed);
        Assert.Equal(["b"], consumer.Texts);
        Assert.Equal(["a", "c"], queues.TextsIn(queues.Source));
    }

    [Fact] // M-50
    public void A_consumer_that_waits_gets_what_could_not_be_moved()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        queues.Operator.OnVisit = static id =>
        {
            if (id == PartitionHarness.Id) throw new IOException("no");
        };
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0);
        Consumer consumer = queues.DeadLetters.Subscribe();
        ReplayReport report = queues.Operator.Await(() => replay);
        queues.Operator.Run();
        Assert.Equal(0, report.Replayed);
        Assert.Equal(["a"], consumer.Texts);
    }

    [Fact] // M-11, M-33: a lease that is over is over for a replay, too
    public void A_dead_letter_whose_lease_was_over_before_the_copy_is_left_where_it_is()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0);
        queues.DeadLetters.Advance(LeaseTime); // the disk of the source takes its time
        Consumer consumer = queues.DeadLetters.Subscribe();
        ReplayReport report = queues.Operator.Await(() => replay);
        queues.Operator.Run();
        ReplayItem item = Assert.Single(report.Items);
        Assert.Equal(ReplayOutcome.Replayed, item.Outcome);
        Assert.Contains("still there", item.Reason, StringComparison.Ordinal);
        Assert.Equal(["a"], consumer.Texts);
        Assert.Equal(["a"], queues.TextsIn(queues.Source));
        queues.DeadLetters.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Complete);
        Assert.Empty(queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // S-65: the files of the dead letters are away while the copy becomes durable
    public void A_move_is_settled_during_an_outage_as_consumers_are()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0);
        queues.DeadLetters.Disk.FailNext(DiskOperationKind.Sync);
        queues.DeadLetters.Post(TestMessage.Of("fails"));
        while (queues.DeadLetters.Partition.OutageText is null) Assert.True(queues.DeadLetters.Step());
        ReplayReport report = queues.Operator.Await(() => replay);
        queues.Operator.Run();
        Assert.Equal(1, report.Replayed);
        Assert.Null(report.Items[0].Reason);
        queues.Advance(TimeSpan.FromSeconds(2));
        queues.Queues.Restart(Ending.PowerLoss);
        Assert.DoesNotContain("a", queues.TextsIn(queues.DeadLetters));
        Assert.Equal(["a"], queues.TextsIn(queues.Source));
    }

    [Fact] // S-60
    public void A_move_whose_partition_stops_is_answered_and_leaves_the_dead_letter()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a");
        Task<ReplayReport> replay = queues.Operator.BeginReplay(queues.DeadLetters, ReplayMode.Move, 0);
        queues.DeadLetters.Stop();
        ReplayReport report = queues.Operator.Await(() => replay);
        queues.Operator.Run();
        Assert.Contains("still there", Assert.Single(report.Items).Reason, StringComparison.Ordinal);
        queues.Queues.Restart(Ending.Kill);
        Assert.Equal(["a"], queues.TextsIn(queues.DeadLetters));
        Assert.Equal(["a"], queues.TextsIn(queues.Source));
    }

    [Fact] // D-66: a record that cannot be read
    public void Dead_letters_that_cannot_be_read_fail_and_are_ready_again()
    {
        using var queues = new ReplayScenario();
        queues.Kill("a", "b");
        queues.DeadLetters.Disk.BeforeRead = static path =>
        {
            if (path.Contains("graveyard", StringComparison.Ordinal)) throw DiskFaults.InputOutputError();
        };
        ReplayReport report = queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, 0, 1);
        queues.DeadLetters.Disk.BeforeRead = null;
        Assert.Equal([ReplayItem.Failed(0, "Input/output error"), ReplayItem.Failed(1, "Input/output error")], report.Items);
        Assert.Equal(["a", "b"], queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // memory: large ones are published a few at a time, in order
    public void Large_dead_letters_are_replayed_in_their_order()
    {
        using var queues = new ReplayScenario();
        for (int i = 0; i < 24; i++) queues.PutDeadLetter(Encoding.ASCII.GetBytes($"{i}".PadRight(1 << 20)), ReplayScenario.Origin());
        ReplayReport report = queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, First(24));
        Assert.Equal(24, report.Replayed);
        Assert.Equal(Enumerable.Range(0, 24).Select(static i => $"{i}"), queues.TextsIn(queues.Source).Select(static text => text.TrimEnd()));
        Assert.Empty(queues.TextsIn(queues.DeadLetters));
    }

    [Fact] // D-60
    public void Dead_letters_of_a_partition_that_is_not_there_are_refused()
    {
        using var queues = new ReplayScenario();
        var replay = new OffsetReplay(queues.Operator, queues.Queues.Time);
        var nobody = new PartitionId(new QueueName("nobody", "x"), 0);
        string text = Assert.Throws<UnknownPartitionException>(() =>
            queues.Operator.Await(() => replay.RunAsync(nobody, [0], ReplayMode.Copy))).Message;
        Assert.Contains("There is no queue nobody@x here", text, StringComparison.Ordinal);
    }

    private static long[] First(int count) => [.. Enumerable.Range(0, count).Select(static i => (long)i)];
}
