using System.Text;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.DeadLetters;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What happens to messages that failed for good.</summary>
public sealed class DeadLetterTests
{
    private static readonly QueueSettings Custom = new(MaxRetries: 1, null, DeadLetterScenario.ToTarget);
    private static readonly QueueSettings Global = new(null, null, DeadLetterPolicy.Global);

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Fact] // D-30, D-32, D-45, D-46, M-22
    public void A_failed_message_is_copied_with_the_headers_that_tell_its_story()
    {
        using var queues = new DeadLetterScenario(Custom);
        var headers = new HeaderBlockBuilder();
        headers.Add("customer", "7").Add("stroma.dlq.reason", "of an earlier death"); // D-52
        queues.Source.Post(TestMessage.Of("first"));
        queues.Source.Post(new TestMessage("second"u8.ToArray(), Headers: headers, Published: 4711));
        queues.Run();
        queues.SettleNext(SettleKind.Complete);
        queues.FailNext();

        DeadLetter copy = Assert.Single(queues.Arrived());
        Assert.Equal((0, "second", 4711UL), (copy.Offset, copy.Text, copy.Published));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["customer"] = "7",
                ["stroma.dlq.source_topic"] = "orders",
                ["stroma.dlq.source_offset"] = "1",
                ["stroma.dlq.retry_count"] = "0",
                ["stroma.dlq.reason"] = "terminal_nack",
                ["stroma.dlq.dead_lettered_at_ms"] = queues.Source.NowMs.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
            copy.Headers);
        Assert.Empty(queues.Left());
    }

    [Fact] // V-14, M-40, M-41, D-32, D-46, F-8
    public void A_message_that_used_up_its_retries_says_so_and_how_many_there_were()
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("poison");
        queues.SettleNext(SettleKind.Retry);
        queues.Run();
        Assert.Empty(queues.Arrived());
        queues.SettleNext(SettleKind.Retry);
        queues.Run();
        DeadLetter copy = Assert.Single(queues.Arrived());
        Assert.Equal(("retries_exhausted", "1"), (copy.Reason, copy.Headers["stroma.dlq.retry_count"]));
    }

    [Fact] // D-15, D-53
    public void An_expired_message_is_copied_and_lives_by_the_time_of_the_target()
    {
        using var queues = new DeadLetterScenario(Custom, new QueueSettings(null, DefaultTtlMs: 5000, null));
        queues.Publish("late", TimeSpan.FromSeconds(1));
        queues.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("expired", Assert.Single(queues.Arrived()).Reason);
        queues.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Single(queues.Arrived());
        queues.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(queues.Arrived());
    }

    [Fact] // D-46: absent if the source had none, present if it had
    public void The_copy_names_the_group_it_came_from()
    {
        using var queues = new DeadLetterScenario(QueueSettings.Default);
        var id = new PartitionId(new QueueName("grouped", "us"), 3);
        using var grouped = new PartitionHarness(queues.Source.Disk, queues.Time, settings: Custom, host: queues.Host, id: id);
        grouped.Publish(TestMessage.Of("a"));
        Consumer consumer = grouped.Subscribe();
        grouped.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Fail);
        queues.Run();
        grouped.Run();
        Assert.Equal("us", Assert.Single(queues.Arrived()).Headers["stroma.dlq.source_group"]);
    }

    [Fact] // D-48: some copies of a batch are refused before the others are durable
    public void A_target_with_room_for_some_of_the_copies_gets_the_others_when_it_has_room_again()
    {
        using var queues = new DeadLetterScenario(Custom, QueueSettings.Default with { MaxMessages = 2 });
        queues.Host.OnOpen = static () => throw new IOException("not yet");
        for (int i = 0; i < 5; i++)
        {
            queues.Publish($"{i}");
            queues.FailNext();
        }

        queues.Host.OnOpen = null;
        queues.Time.Advance(TimeSpan.FromSeconds(30));
        while (queues.Source.Step() || queues.Target.Step())
        {
            Assert.Null(queues.Target.Partition.ParkedBecause);
            Assert.Null(queues.Source.Partition.ParkedBecause);
        }

        Assert.Equal(["0", "1"], queues.Arrived().Select(static copy => copy.Text));
        Assert.Equal(3, queues.Source.Partition.PendingDeadLetters);
        queues.Target.Settings.Refresh(static () => QueueSettings.Default);
        queues.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["0", "1", "2", "3", "4"], queues.Arrived().Select(static copy => copy.Text));
        Assert.Equal(0, queues.Source.Partition.PendingDeadLetters);
    }

    [Fact] // D-31, D-54
    public void Without_a_policy_a_failed_message_is_dropped()
    {
        using var queues = new DeadLetterScenario(QueueSettings.Default);
        queues.Publish("gone");
        queues.FailNext();
        queues.Restart(Ending.Kill);
        Assert.Empty(queues.Left());
        Assert.Empty(queues.Arrived());
    }

    [Fact] // D-47
    public void A_message_that_did_not_fail_carries_no_such_headers()
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("fine");
        Assert.Empty(Assert.Single(queues.Left()).Headers);
    }

    [Fact] // D-48: settled only when the copy is durable
    public void The_message_stays_pending_until_its_copy_is_durable()
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("a");
        queues.SettleNext(SettleKind.Fail);
        while (queues.Source.Step())
        {
            // The source does all it can; the target has not synced.
        }

        queues.Source.Advance(TimeSpan.FromSeconds(1));
        SimulatedFileSystem lost = queues.Source.Disk.AfterPowerLoss();
        using var next = new PartitionHarness(lost, queues.Time, settings: Custom with { DeadLetterPolicy = DeadLetterPolicy.Global });
        next.Run();
        Assert.Equal(1, next.Partition.PendingDeadLetters);
    }

    [Theory, MemberData(nameof(Endings))] // D-33, D-48, F-46
    public void A_crash_before_the_copy_is_durable_makes_the_next_broker_finish_it(Ending ending)
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("a");
        queues.Host.OnOpen = static () => throw new IOException("not now");
        queues.FailNext();
        queues.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Empty(queues.Arrived());

        queues.Host.OnOpen = null;
        queues.Restart(ending);
        queues.Advance(TimeSpan.FromSeconds(1));
        DeadLetter copy = Assert.Single(queues.Arrived());
        Assert.Equal(ending == Ending.Stop ? "terminal_nack" : "pending_recovery", copy.Reason);
        Assert.Empty(queues.Left());
    }

    [Fact] // D-33, D-48, F-46
    public void A_crash_after_the_copy_and_before_its_settlement_makes_a_second_copy_and_never_none()
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("a");
        queues.SettleNext(SettleKind.Fail);
        queues.Source.Advance(TimeSpan.FromMilliseconds(60)); // what was decided is synced
        while (queues.Target.Step())
        {
            // The copy is durable, and the source does not know.
        }

        queues.Restart(Ending.PowerLoss);
        Assert.Equal(["terminal_nack", "pending_recovery"], queues.Arrived().Select(static copy => copy.Reason));
        Assert.Empty(queues.Left());
        queues.Advance(TimeSpan.FromMilliseconds(60));
        queues.Restart(Ending.PowerLoss);
        Assert.Equal(2, queues.Arrived().Count);
    }

    [Theory, MemberData(nameof(Endings))] // D-37
    public void Without_a_global_target_messages_wait_and_keep_their_reasons(Ending ending)
    {
        using var queues = new DeadLetterScenario(Global);
        queues.Publish("a", "b");
        queues.FailNext();
        Assert.True(queues.Source.Partition.AwaitsDeadLetterTarget);
        queues.Advance(TimeSpan.FromMilliseconds(60));
        queues.Restart(ending);
        Assert.Equal(1, queues.Source.Partition.PendingDeadLetters);
        Assert.Equal(["b"], queues.Left().Select(static message => message.Text)); // M-3
        Assert.Empty(queues.Arrived());

        queues.Host.Global = DeadLetterScenario.TargetId.Queue;
        queues.Source.Partition.DeadLetterRouteChanged();
        queues.Run();
        Assert.Equal("terminal_nack", Assert.Single(queues.Arrived()).Reason);
        Assert.False(queues.Source.Partition.AwaitsDeadLetterTarget);
        Assert.Equal(0, queues.Source.Partition.PendingDeadLetters);
    }

    [Fact] // D-37
    public void Messages_that_wait_follow_a_policy_that_is_declared_meanwhile()
    {
        using var queues = new DeadLetterScenario(Global);
        queues.Publish("a", "b");
        queues.FailNext();
        queues.Declare(DeadLetterScenario.ToTarget);
        Assert.Equal("a", Assert.Single(queues.Arrived()).Text);

        queues.Declare(DeadLetterPolicy.Global);
        queues.FailNext();
        queues.Declare(DeadLetterPolicy.Discard);
        Assert.Equal(0, queues.Source.Partition.PendingDeadLetters);
        Assert.Single(queues.Arrived());
    }

    [Fact] // D-37
    public void Nothing_waits_for_a_target_any_more_once_the_policy_is_to_discard()
    {
        using var queues = new DeadLetterScenario(Global);
        queues.Publish("a");
        queues.FailNext();
        Assert.True(queues.Source.Partition.AwaitsDeadLetterTarget);
        queues.Declare(DeadLetterPolicy.Discard);
        Assert.False(queues.Source.Partition.AwaitsDeadLetterTarget);
    }

    [Fact] // D-33: a stop interrupts nothing that it does not know of
    public void A_message_whose_copy_a_stopping_target_refuses_keeps_its_reason()
    {
        using var queues = new DeadLetterScenario(Custom);
        queues.Publish("a");
        queues.SettleNext(SettleKind.Fail);
        queues.Source.RunNewestFirst = true; // the copy comes to the target when both are stopping
        queues.Restart(Ending.Stop);
        Assert.Equal("terminal_nack", Assert.Single(queues.Arrived()).Reason);
    }

    [Fact] // D-48
    public void A_target_that_cannot_be_written_is_tried_again_after_a_pause()
    {
        using var queues = new DeadLetterScenario(Custom);
        int tries = 0;
        queues.Host.OnOpen = () =>
        {
            tries++;
            throw new IOException("the disk of the target is broken");
        };
        queues.Publish("a", "b");
        queues.FailNext();
        Assert.Equal(1, tries);
        queues.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Equal(1, tries);
        queues.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(2, tries);
        Assert.Equal(1, queues.Source.Partition.PendingDeadLetters);

        queues.Host.OnOpen = null;
        queues.FailNext();
        queues.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["a", "b"], queues.Arrived().Select(static copy => copy.Text));
        Assert.Equal(["terminal_nack", "terminal_nack"], queues.Arrived().Select(static copy => copy.Reason));
    }

    [Fact] // D-38, D-39
    public void A_dead_letter_whose_target_leads_back_is_dropped_instead_of_circulating()
    {
        using var queues = new DeadLetterScenario(Custom, new QueueSettings(null, null, DeadLetterPolicy.Custom("orders", null)));
        queues.Host.Add(queues.Source.Partition);
        queues.Host.Policies[DeadLetterScenario.TargetId.Queue] = DeadLetterPolicy.Custom("orders", null);
        queues.Host.Policies[PartitionHarness.Id.Queue] = DeadLetterScenario.ToTarget;
        queues.Publish("a");
        queues.FailNext();
        Assert.Single(queues.Arrived());

        Consumer consumer = queues.Target.Subscribe();
        queues.Target.Settle(consumer, consumer.Deliveries[0].Tag, SettleKind.Fail);
        queues.Run();
        Assert.Empty(queues.Left());
        Assert.Empty(queues.Arrived());
        Assert.Equal(0, queues.Target.Partition.PendingDeadLetters);
    }

    [Fact] // D-38, D-39
    public void The_global_target_with_the_global_policy_drops_what_fails_there()
    {
        using var queues = new DeadLetterScenario(Global);
        queues.Host.Global = PartitionHarness.Id.Queue;
        queues.Host.Add(queues.Source.Partition);
        queues.Publish("a");
        queues.FailNext();
        Assert.Empty(queues.Left());
        Assert.Equal(0, queues.Source.Partition.PendingDeadLetters);
    }

    [Theory] // D-38: the policies of this moment, from queue to queue
    [InlineData("a>b", "a", "b", false)]
    [InlineData("a>b b>c c>-", "a", "b", false)]
    [InlineData("a>b b>a", "a", "b", true)]
    [InlineData("a>b b>c c>a", "a", "b", true)]
    [InlineData("a>b b>c c>b", "a", "b", false)]
    [InlineData("a>* b>a *b", "a", "b", true)]
    [InlineData("a>* *a", "a", "a", true)]
    [InlineData("a>*", "a", null, false)]
    public void A_route_follows_the_policies(string policies, string source, string? target, bool loops)
    {
        QueueName? global = null;
        var declared = new Dictionary<QueueName, DeadLetterPolicy>();
        foreach (string policy in policies.Split(' '))
        {
            if (policy[0] == '*') global = new QueueName(policy[1..], null);
            else if (policy[2] != '-') declared[new QueueName(policy[..1], null)] = policy[2] == '*' ? DeadLetterPolicy.Global : DeadLetterPolicy.Custom(policy[2..], null);
        }

        var from = new QueueName(source, null);
        DeadLetterRoute route = DeadLetterRoutes.Find(from, declared[from], global, queue => declared.GetValueOrDefault(queue));
        Assert.Equal(new DeadLetterRoute(target is null ? null : new QueueName(target, null), loops), route);
    }

    [Fact] // D-48, 2.: many at once, in several reads and batches, in order
    public void A_thousand_expired_messages_of_all_sizes_arrive_once_and_in_order()
    {
        using var queues = new DeadLetterScenario(Custom);
        long deadline = queues.Source.NowMs + 1000;
        var random = new Random(7);
        byte[][] payloads = [.. Enumerable.Range(0, 1000).Select(i => Encoding.ASCII.GetBytes($"{i} ".PadRight(random.Next(1, 3000), '.')))];
        foreach (byte[] payload in payloads)
        {
            queues.Source.Post(new TestMessage(payload, Deadline: deadline));
            queues.Run();
        }

        queues.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(payloads.Select(Encoding.ASCII.GetString), queues.Arrived().Select(static copy => copy.Text));
        Assert.Equal(0, queues.Source.Partition.PendingDeadLetters);
    }
}
