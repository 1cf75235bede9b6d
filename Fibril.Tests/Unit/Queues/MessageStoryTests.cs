using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.Replay;
using Fibril.Tests.Support;
using static Fibril.Tests.Support.QueueScenario;

namespace Fibril.Tests.Unit.Queues;

/// <summary>The life of one message as the logs tell it.</summary>
public sealed class MessageStoryTests
{
    private static readonly PartitionId Orders = PartitionHarness.Id;

    [Fact] // M-11, M-40, D-46, D-48, D-63: retried, expired, dead-lettered, replayed
    public void A_message_is_followed_from_its_producer_to_its_second_life()
    {
        using var queues = new ReplayScenario(new QueueSettings(1, null, DeadLetterScenario.ToTarget));
        long start = queues.Source.NowMs;
        queues.Source.Post(TestMessage.Of("m") with { Published = 4711, NotBefore = start + 1000, Deadline = start + 500_000 });
        queues.Queues.Run();
        queues.Advance(OneSecond);
        Consumer first = queues.Source.Subscribe();
        queues.Advance(LeaseTime);
        queues.Source.Unsubscribe(first);
        queues.Queues.SettleNext(SettleKind.Retry);
        queues.Queues.Run();
        queues.Queues.SettleNext(SettleKind.Retry);
        queues.Queues.Run();

        long expired = start + 1000 + (long)LeaseTime.TotalMilliseconds;
        MessageStory story = queues.Operator.Tell(queues.Source, 0)!;
        Assert.Equal(new MessageState(0, MessageStatus.Settled, 0), story.State);
        Assert.Equal(
        [
            new StoryEvent(StoryEventKind.Published, 4711),
            new StoryEvent(StoryEventKind.Received, start) { NotBeforeMs = start + 1000, ExpiresAtMs = start + 500_000 },
            new StoryEvent(StoryEventKind.Durable, null),
            Returned(expired, "lease_expired"),
            Returned(expired, "released"), // it had it again at once
            Returned(expired, "retried"),
            new StoryEvent(StoryEventKind.Retried, expired) { Retries = 1 },
            Returned(expired, "retried"),
            new StoryEvent(StoryEventKind.DeadLettered, expired) { Reason = "retries_exhausted" },
            new StoryEvent(StoryEventKind.CopyBegun, expired),
            Copied(expired, DeadLetterScenario.TargetId, 0),
            new StoryEvent(StoryEventKind.Settled, expired) { Reason = "dead_lettered" },
        ],
        story.Events);
        Assert.True(story.IsComplete);
        Assert.Null(story.EventsMissingBeforeMs);
        Assert.Null(story.Source);
        Assert.Equal([new MessageLink(DeadLetterScenario.TargetId, 0)], story.Copies);

        // The dead letter, whose story begins there.
        queues.Operator.Replay(queues.DeadLetters, ReplayMode.Copy, 0);
        queues.Operator.Replay(queues.DeadLetters, ReplayMode.Move, 0);
        MessageStory second = queues.Operator.Tell(queues.DeadLetters, 0)!;
        Assert.Equal(
            [Copied(expired, Orders, 1), Copied(expired, Orders, 2), new StoryEvent(StoryEventKind.Settled, expired) { Reason = "replayed" }],
            second.Events.Skip(3));
        Assert.Equal(new MessageLink(Orders, 0), second.SourceMessage);
        Assert.Equal((Orders.Queue, 0L, 1L, "retries_exhausted", expired), Of(second.Source!));
        Assert.Equal([new MessageLink(Orders, 1), new MessageLink(Orders, 2)], second.Copies);

        static StoryEvent Returned(long at, string reason) => new(StoryEventKind.Returned, at) { Reason = reason, Holder = "a consumer" };
        static StoryEvent Copied(long at, PartitionId target, long offset) =>
            new(StoryEventKind.Copied, at) { Copy = new MessageLink(target, offset) };
        static (QueueName, long?, long?, string?, long?) Of(Fibril.Broker.Queues.DeadLetters.DeadLetterSource source) =>
            (source.Queue, source.Offset, source.Retries, source.Reason, source.AtMs);
    }

    [Fact] // the present is told, too
    public void A_leased_message_says_who_has_it_and_until_when()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("m");
        queue.Scenario.Subscribe();
        queue.Scenario.Advance(OneSecond);
        MessageState state = queue.Tell(0)!.State;
        var holder = new LeaseHolder("a consumer", queue.Scenario.In(LeaseTime - OneSecond));
        Assert.Equal((MessageStatus.Inflight, holder), (state.Status, state.Lease));
    }

    [Fact] // M-38: events of the last moments are not synced yet, and are told all the same
    public void What_happened_a_moment_ago_is_in_the_story()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("m");
        Consumer consumer = queue.Scenario.Subscribe();
        queue.Scenario.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal("completed", queue.Tell(0)!.Events[^1].Reason);
    }

    [Fact] // M-4, S-65: a story of memory and a story of the disk are one
    public void A_story_outlives_restarts()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("m");
        Consumer consumer = queue.Scenario.Subscribe();
        queue.Scenario.Retry(consumer, consumer.Deliveries[0]);
        queue.Scenario.Restart(Ending.Kill);
        consumer = queue.Scenario.Subscribe();
        queue.Scenario.Fail(consumer, consumer.Deliveries[0]);
        queue.Scenario.Restart(Ending.PowerLoss);
        Assert.Equal("failed", queue.Tell(0)!.Events[^1].Reason);
        queue.Scenario.Restart(Ending.Stop);
        MessageStory story = queue.Tell(0)!;
        Assert.Equal("failed", story.Events[^1].Reason);
        Assert.True(story.IsComplete);
    }

    [Fact] // S-25, S-28
    public void A_story_says_since_when_its_events_are_complete()
    {
        using var queue = new ToldQueue();
        long receivedMs = queue.Scenario.NowMs;
        queue.Scenario.Publish("old");
        queue.Scenario.Publish("pinned", delay: TimeSpan.FromDays(1));
        Consumer consumer = queue.Scenario.Subscribe();
        queue.Scenario.Complete(consumer, consumer.Deliveries[0]);
        queue.Scenario.Harness.Unsubscribe(consumer);
        queue.MakeEvents(count: 600);
        MessageStory story = queue.Tell(0)!;
        Assert.InRange(story.EventsMissingBeforeMs!.Value, receivedMs + 1, queue.Scenario.NowMs);
        Assert.DoesNotContain(story.Events, static happened => happened.Kind == StoryEventKind.Settled);
        Assert.Equal(MessageStatus.Settled, story.State.Status);
        Assert.False(story.IsComplete);

        queue.Scenario.Publish("new");
        MessageStory last = queue.Tell(queue.Scenario.Harness.Publisher.Confirmed.Values.Max())!;
        Assert.True(last.IsComplete);
        Assert.Equal(story.EventsMissingBeforeMs, last.EventsMissingBeforeMs);
    }

    [Fact] // O-2, S-28
    public void A_message_whose_record_is_gone_still_has_a_state()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("first");
        Consumer consumer = queue.Scenario.Subscribe(prefetch: 100);
        queue.Scenario.Complete(consumer, consumer.Deliveries[0]);
        for (int i = 0; i < 12; i++)
        {
            queue.Scenario.Harness.Publish(new TestMessage(new byte[4000]));
            queue.Scenario.Complete(consumer, consumer.Deliveries[^1]);
        }

        queue.Scenario.Advance(OneSecond);
        MessageStory story = queue.Tell(0)!;
        Assert.Null(story.Content);
        Assert.Equal(MessageStatus.Settled, story.State.Status);
        Assert.False(story.IsComplete);
    }

    [Fact]
    public void An_offset_that_no_message_has_has_no_story()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("m");
        Assert.Null(queue.Tell(1));
        Assert.Null(queue.Tell(-1));
        Assert.Throws<UnknownPartitionException>(() => queue.Operator.Await(() =>
            new StoryTeller(queue.Operator).TellAsync(new PartitionId(new QueueName("nobody", null), 0), 0, default)));
    }

    [Fact] // memory is bounded, whatever the message went through
    public void A_message_with_very_many_events_keeps_the_newest()
    {
        using var queue = new ToldQueue();
        queue.Scenario.Publish("m");
        Consumer consumer = queue.Scenario.Subscribe();
        for (int i = 0; i < 700; i++) queue.Scenario.Retry(consumer, consumer.Deliveries[^1]);
        MessageStory story = queue.Tell(0)!;
        Assert.Equal(1000 + 3, story.Events.Count);
        Assert.Equal(700, story.Events[^1].Retries);
        Assert.False(story.IsComplete);
        Assert.True(story.OmittedCount <= 400);
    }

    private sealed class ToldQueue : IDisposable
    {
        public ToldQueue() => Operator = new Operator(() => [Scenario.Harness], Scenario.Time);

        public QueueScenario Scenario { get; } = new();

        public Operator Operator { get; }

        public MessageStory? Tell(long offset) => Operator.Tell(Scenario.Harness, offset);

        /// <summary>Enough for segments of the event log to be given up; each at a time of its own.</summary>
        public void MakeEvents(int count)
        {
            Consumer consumer = Scenario.Subscribe();
            for (int i = 0; i < count; i++)
            {
                Scenario.Harness.Publish(new TestMessage(new byte[200]));
                Scenario.Complete(consumer, consumer.Deliveries[^1]);
                Scenario.Advance(OneMs);
            }
        }

        public void Dispose() => Scenario.Dispose();
    }
}
