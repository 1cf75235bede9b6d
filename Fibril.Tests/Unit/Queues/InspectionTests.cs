using System.Text;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Inspection;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What an operator sees of the messages in a partition: O-1 to O-7, L-26, I-30.</summary>
public sealed class InspectionTests
{
    private static readonly QueueSettings NoTargetYet = new(null, null, DeadLetterPolicy.Global);

    [Fact] // O-1, O-2, D-37
    public void Every_active_message_is_shown_with_what_is_known_of_it()
    {
        using InspectedQueue queue = InspectedQueue.WithEveryStatus();
        InspectionPage page = queue.Operator.Inspect(queue.Partition);
        long now = queue.Partition.NowMs;
        Assert.Equal(
        [
            new MessageState(1, MessageStatus.PendingDlq, 0) { PendingReason = DeadLetterReason.TerminalNack },
            new MessageState(2, MessageStatus.Delayed, 1) { DueMs = now + 5000 },
            new MessageState(3, MessageStatus.Inflight, 0) { Lease = new LeaseHolder("a consumer", now + 30_000) },
            new MessageState(4, MessageStatus.Ready, 0) { ExpiresAtMs = now + 9000 },
            new MessageState(5, MessageStatus.Ready, 0),
        ],
        page.Messages.Select(static message => message.State));
        Assert.Equal((50, 6, 6, false), (page.Limit, page.NextOffset, page.EndOffset, page.HasMore));
    }

    [Fact] // O-1
    public void Settled_messages_are_shown_on_request()
    {
        using InspectedQueue queue = InspectedQueue.WithEveryStatus();
        InspectionPage all = queue.Operator.Inspect(queue.Partition, new InspectionRequest { Statuses = StatusFilter.All });
        Assert.Equal([0, 1, 2, 3, 4, 5], all.Messages.Select(static message => message.State.Offset));
        Assert.Equal(new MessageState(0, MessageStatus.Settled, 0), all.Messages[0].State);
    }

    [Theory] // O-5
    [InlineData("ready", 4, 5)]
    [InlineData("inflight", 3)]
    [InlineData("delayed", 2)]
    [InlineData("pending_dlq", 1)]
    [InlineData("settled", 0)]
    [InlineData(" delayed , ready,", 2, 4, 5)]
    public void Only_the_named_states_are_shown(string names, params int[] offsets)
    {
        using InspectedQueue queue = InspectedQueue.WithEveryStatus();
        InspectionPage page = queue.Operator.Inspect(queue.Partition, new InspectionRequest { Statuses = StatusFilter.Parse(names)!.Value });
        Assert.Equal(offsets, page.Messages.Select(static message => (int)message.State.Offset));
        Assert.Equal((6, false), (page.NextOffset, page.HasMore));
    }

    [Theory] // O-5
    [InlineData("Ready")]
    [InlineData("ready,lost")]
    [InlineData("1")]
    public void An_unknown_state_is_refused_with_those_that_there_are(string names)
    {
        string text = Assert.Throws<ArgumentException>(() => StatusFilter.Parse(names)).Message;
        Assert.Contains("ready, inflight, delayed, pending_dlq, settled", text, StringComparison.Ordinal);
        Assert.Null(StatusFilter.Parse(null));
        Assert.Null(StatusFilter.Parse(" , "));
    }

    [Fact] // D-48
    public void A_message_whose_copy_is_being_made_says_so()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(null, null, DeadLetterScenario.ToTarget));
        queues.Publish("a");
        queues.SettleNext(SettleKind.Fail);
        while (queues.Source.Step())
        {
            // The copy is on its way; the target has not synced.
        }

        var someone = new Operator(() => [queues.Source], queues.Time);
        MessageState state = Assert.Single(someone.Inspect(queues.Source).Messages).State;
        Assert.Equal((MessageStatus.PendingDlq, DeadLetterReason.TerminalNack, true), (state.Status, state.PendingReason, state.IsBeingCopied));
    }

    [Fact] // L-26: matches are few and far between, and every page but the last is full
    public void A_page_is_filled_however_far_apart_the_messages_are()
    {
        using var queue = new InspectedQueue();
        for (int i = 0; i < 2000; i++)
            queue.Partition.Post(TestMessage.Of("m") with { NotBefore = i % 97 == 0 ? queue.Partition.NowMs + 60_000 : 0 });
        queue.Partition.Run();
        List<InspectionPage> pages = queue.Operator.InspectAll(
            queue.Partition, new InspectionRequest { Limit = 8, Statuses = StatusFilter.Of(MessageStatus.Delayed) });
        Assert.Equal([8, 8, 5], pages.Select(static page => page.Messages.Count));
        Assert.Equal([8 * 97, 16 * 97, 2000], pages.Select(static page => page.NextOffset));
        Assert.Equal(
            Enumerable.Range(0, 21).Select(static i => i * 97L),
            pages.SelectMany(static page => page.Messages).Select(static message => message.State.Offset));
    }

    [Fact] // L-26
    public void Nothing_is_announced_behind_the_last_match()
    {
        using InspectedQueue queue = InspectedQueue.WithEveryStatus();
        var request = new InspectionRequest { Limit = 1, Statuses = StatusFilter.Of(MessageStatus.Delayed) };
        Assert.False(queue.Operator.Inspect(queue.Partition, request).HasMore);
        Assert.Empty(queue.Operator.Inspect(queue.Partition, request with { From = 3 }).Messages);
        Assert.Equal((6, false), Bounds(queue.Operator.Inspect(queue.Partition, request with { From = 1000 })));

        static (long, bool) Bounds(InspectionPage page) => (page.EndOffset, page.HasMore);
    }

    [Fact] // O-3, O-4: beyond a limit is taken as the limit
    public void Limits_have_defaults_and_bounds()
    {
        Assert.Equal((50, 0, null), Of(new InspectionRequest()));
        Assert.Equal((1, 0, 0), Of(new InspectionRequest { Limit = 0, From = -5, PreviewBytes = -1 }));
        Assert.Equal((5000, 7, 1 << 20), Of(new InspectionRequest { Limit = 5001, From = 7, PreviewBytes = int.MaxValue }));
        Assert.Equal(4096, InspectionRequest.DefaultPreviewBytes);

        static (int, long, int?) Of(InspectionRequest request) => (request.Limit, request.From, request.PreviewBytes);
    }

    [Fact] // O-3
    public void A_page_is_no_longer_than_its_limit_and_says_where_the_next_one_starts()
    {
        using var queue = new InspectedQueue();
        for (int i = 0; i < 5100; i++) queue.Partition.Post(TestMessage.Of("m"));
        queue.Partition.Run();
        InspectionPage page = queue.Operator.Inspect(queue.Partition, new InspectionRequest { Limit = 9999 });
        Assert.Equal((5000, 5000, 5000, 5100, true), (page.Messages.Count, page.Limit, page.NextOffset, page.EndOffset, page.HasMore));
        Assert.Equal(100, queue.Operator.Inspect(queue.Partition, new InspectionRequest { Limit = 5000, From = 5000 }).Messages.Count);
    }

    [Fact] // O-4
    public void Payloads_are_cut_at_the_limit_and_absent_unless_asked_for()
    {
        using var queue = new InspectedQueue();
        queue.Partition.Publish(TestMessage.Of("hello"), TestMessage.Of(""));
        MessageContent Shown(int? bytes, int index = 0) =>
            queue.Operator.Inspect(queue.Partition, new InspectionRequest { PreviewBytes = bytes }).Messages[index].Content;

        Assert.Equal((5, null, false), Of(Shown(null)));
        Assert.Equal((5, "hel", true), Of(Shown(3)));
        Assert.Equal((5, "", true), Of(Shown(0)));
        Assert.Equal((5, "hello", false), Of(Shown(5)));
        Assert.Equal((0, "", false), Of(Shown(4096, index: 1)));

        static (int, string?, bool) Of(MessageContent content) =>
            (content.PayloadBytes, content.Preview is { } preview ? Encoding.UTF8.GetString(preview) : null, content.PreviewIsTruncated);
    }

    [Fact] // O-3
    public void Times_headers_and_content_type_are_those_of_the_stored_message()
    {
        using var queue = new InspectedQueue();
        var headers = new HeaderBlockBuilder();
        headers.Add("x-trace-id", "abc").Add("stroma.dlq.reason", "expired");
        queue.Partition.Publish(TestMessage.Of("m") with { Headers = headers, Published = ulong.MaxValue });
        MessageContent content = Assert.Single(queue.Operator.Inspect(queue.Partition).Messages).Content;
        Assert.Equal((ulong.MaxValue, queue.Partition.NowMs), (content.PublishedMs, content.ReceivedMs));
        Assert.Equal("text/plain; charset=utf-8", content.ContentType);
        Assert.Equal([new("x-trace-id", "abc"), new("stroma.dlq.reason", "expired")], content.Headers);
    }

    [Fact] // a page of previews has a bound of its own
    public void A_page_ends_before_it_is_too_large_and_the_next_one_goes_on_there()
    {
        using var queue = new InspectedQueue();
        for (int i = 0; i < 20; i++) queue.Partition.Publish(new TestMessage(new byte[1 << 20]));
        List<InspectionPage> pages = queue.Operator.InspectAll(queue.Partition, new InspectionRequest { PreviewBytes = 1 << 20 });
        Assert.Equal(20, pages.Sum(static page => page.Messages.Count));
        Assert.True(pages.Count > 1, "everything is on one page");
        Assert.All(pages, static page => Assert.True(page.Messages.Sum(static message => message.Content.HeldBytes) <= 16 << 20));
        Assert.Single(queue.Operator.InspectAll(queue.Partition, new InspectionRequest()));
    }

    [Fact] // L-26: whatever lies between the messages that are wanted, and however the reads fall
    public void Every_message_is_shown_with_the_content_of_its_own()
    {
        for (int seed = 1; seed <= TestScale.Iterations(3); seed++)
        {
            var random = new Random(seed);
            var time = new JumpingTimeProvider();
            using var partition = new PartitionHarness(
                new SimulatedFileSystem(), time, new LogOptions { MessageSegmentBytes = 4 << 20, PreallocateBytes = 64 << 10 });
            var someone = new Operator(() => [partition], time);
            bool[] delayed = [.. Enumerable.Range(0, 1500).Select(_ => random.Next(3 + (random.Next(2) * 90)) == 0)];
            for (int i = 0; i < delayed.Length; i++)
            {
                byte[] payload = Encoding.ASCII.GetBytes($"{i}.".PadRight(random.Next(60) == 0 ? random.Next(400_000) : random.Next(3000), '.'));
                partition.Publish(new TestMessage(payload, NotBefore: delayed[i] ? partition.NowMs + 60_000 : 0));
            }

            for (int round = 0; round < 6; round++)
            {
                MessageStatus status = round % 2 == 0 ? MessageStatus.Delayed : MessageStatus.Ready;
                List<InspectionPage> pages = someone.InspectAll(
                    partition, new InspectionRequest { Limit = random.Next(1, 900), PreviewBytes = 8, Statuses = StatusFilter.Of(status) });
                Assert.All(pages.SkipLast(1), page => Assert.Equal(page.Limit, page.Messages.Count));
                Assert.Equal(
                    Enumerable.Range(0, delayed.Length)
                        .Where(i => delayed[i] == (status == MessageStatus.Delayed)).Select(static i => ((long)i, $"{i}")),
                    pages.SelectMany(static page => page.Messages).Select(static message =>
                        (message.State.Offset, Encoding.ASCII.GetString(message.Content.Preview!).Split('.')[0])));
            }
        }
    }

    [Fact] // a page has a bound for what is read for it, too
    public void A_page_ends_when_much_was_read_for_it_and_the_next_one_goes_on_there()
    {
        using var queue = new InspectedQueue();
        for (int i = 0; i < 70; i++) queue.Partition.Publish(new TestMessage(new byte[1 << 20]));
        List<InspectionPage> pages = queue.Operator.InspectAll(queue.Partition, new InspectionRequest { Limit = 5000 });
        Assert.Equal(2, pages.Count);
        Assert.Equal(Enumerable.Range(0, 70), pages.SelectMany(OffsetsOn));
    }

    [Fact] // O-2, S-28
    public void Settled_messages_whose_segment_is_gone_are_left_out()
    {
        using var queue = new InspectedQueue();
        queue.FillSegments(count: 20);
        Assert.True(queue.Settle(15) > 0, "no segment was given up");
        InspectionPage page = queue.Operator.Inspect(queue.Partition, new InspectionRequest { Statuses = StatusFilter.All });
        long first = page.Messages[0].State.Offset;
        Assert.InRange(first, 1, 14);
        Assert.Equal(Enumerable.Range((int)first, 20 - (int)first), OffsetsOn(page));
        Assert.Equal((20, false), (page.NextOffset, page.HasMore));
        var settledBehind = new InspectionRequest { Statuses = StatusFilter.Of(MessageStatus.Settled), From = 15 };
        Assert.Empty(queue.Operator.Inspect(queue.Partition, settledBehind).Messages);
    }

    [Fact] // O-2: between the look and the read
    public void A_segment_that_is_given_up_meanwhile_is_no_error()
    {
        using var queue = new InspectedQueue();
        queue.FillSegments(count: 20);
        InspectionSlice slice = queue.Operator.Await(() =>
            queue.Partition.Partition.AskAsync(static partition => partition.Find(0, 50, StatusFilter.All)));
        queue.Settle(15);
        var page = new PageBuilder(new InspectionRequest());
        page.Take(slice);
        Assert.Empty(page.Build().Messages);
        Assert.False(page.IsDone);
        page.Take(queue.Operator.Await(() => queue.Partition.Partition.AskAsync(partition => partition.Find(page.NextOffset, 50, StatusFilter.All))));
        Assert.InRange(page.Build().Messages[0].State.Offset, 1, 14);
        Assert.Equal(19, page.Build().Messages[^1].State.Offset);
    }

    [Fact] // O-7: two queues with one history, one of them looked at after every step
    public void A_look_changes_nothing_in_memory_or_on_the_disk()
    {
        (QueueSnapshot State, IReadOnlyDictionary<string, byte[]> Disk) looked = Live(looks: true);
        (QueueSnapshot State, IReadOnlyDictionary<string, byte[]> Disk) unseen = Live(looks: false);
        Assert.Equal(unseen.State.Encode(), looked.State.Encode());
        Assert.Equal(unseen.Disk, looked.Disk);

        static (QueueSnapshot, IReadOnlyDictionary<string, byte[]>) Live(bool looks)
        {
            using var queue = new QueueScenario(NoTargetYet);
            var someone = new Operator(() => [queue.Harness], queue.Time);
            void Look()
            {
                if (looks) someone.InspectAll(queue.Harness, new InspectionRequest { Statuses = StatusFilter.All, Limit = 3, PreviewBytes = 9 });
            }

            for (int i = 0; i < 40; i++)
            {
                TimeSpan? delay = i % 7 == 3 ? TimeSpan.FromSeconds(3) : null;
                queue.Publish($"message {i}", delay, timeToLive: i % 9 == 2 ? TimeSpan.FromSeconds(20) : null);
                Look();
            }

            Consumer consumer = queue.Subscribe(prefetch: 30);
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray())
            {
                if (delivery.Offset % 5 == 0) queue.Complete(consumer, delivery);
                if (delivery.Offset % 5 == 1) queue.Fail(consumer, delivery);
                if (delivery.Offset % 5 == 2) queue.Retry(consumer, delivery, delivery.Offset % 2 == 0 ? TimeSpan.FromSeconds(9) : null);
                Look();
            }

            for (int i = 0; i < 8; i++)
            {
                queue.Advance(TimeSpan.FromSeconds(5));
                Look();
            }

            return (queue.StopAndReadState(), queue.Harness.Disk.Content());
        }
    }

    [Fact] // I-30
    public void A_look_ends_its_visit()
    {
        using var queue = new InspectedQueue();
        queue.Operator.Inspect(queue.Partition);
        Assert.Equal(0, queue.Operator.OpenVisits);
        queue.Partition.Stop();
        Assert.Throws<PartitionNotServingException>(() => queue.Operator.Inspect(queue.Partition));
        Assert.Equal(0, queue.Operator.OpenVisits);
    }

    [Fact] // S-60
    public void A_partition_that_has_stopped_answers_with_the_reason()
    {
        using var queue = new InspectedQueue();
        queue.Partition.Stop();
        Assert.Contains("stopping", Refusal(queue), StringComparison.Ordinal);
    }

    [Fact] // S-65
    public void A_partition_without_files_answers_with_the_reason_and_then_again_with_messages()
    {
        using var queue = new InspectedQueue();
        queue.Partition.Publish(TestMessage.Of("before"));
        queue.Partition.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync) throw DiskFaults.InputOutputError();
        };
        queue.Partition.Publish(TestMessage.Of("fails"));
        Assert.Contains("Input/output error", Refusal(queue), StringComparison.Ordinal);
        queue.Partition.Disk.BeforeOperation = null;
        queue.Partition.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEmpty(queue.Operator.Inspect(queue.Partition).Messages);
    }

    [Fact] // S-44
    public void A_partition_that_is_parked_answers_with_the_reason()
    {
        using var queue = new InspectedQueue();
        queue.Partition.Publish(TestMessage.Of("unreadable"));
        queue.Partition.Disk.BeforeRead = static path => throw new LogDamagedException(new LogDamage(path, 64, 128, 0, 1, "a sector is lost"));
        queue.Partition.Subscribe();
        Assert.Contains("cannot be read", Refusal(queue), StringComparison.Ordinal);
    }

    [Fact] // S-4, O-7: what is wrong is said, and the consumers are not made to suffer for the look
    public void A_record_that_cannot_be_read_fails_the_look_and_not_the_partition()
    {
        using var queue = new InspectedQueue();
        queue.Partition.Publish(TestMessage.Of("first"), TestMessage.Of("second"));
        queue.Partition.Disk.BeforeRead = static _ => throw DiskFaults.InputOutputError();
        Assert.ThrowsAny<IOException>(() => queue.Operator.Inspect(queue.Partition));
        queue.Partition.Disk.BeforeRead = null;
        Assert.Null(queue.Partition.Partition.ParkedBecause);
        Assert.Equal(2, queue.Operator.Inspect(queue.Partition).Messages.Count);
    }

    private static IEnumerable<int> OffsetsOn(InspectionPage page) => page.Messages.Select(static message => (int)message.State.Offset);

    private static string Refusal(InspectedQueue queue) =>
        Assert.Throws<PartitionNotServingException>(() => queue.Operator.Inspect(queue.Partition)).Message;

    /// <summary>One partition and somebody who looks at it.</summary>
    private sealed class InspectedQueue : IDisposable
    {
        private readonly QueueScenario _queue;

        public InspectedQueue(QueueSettings? settings = null)
        {
            _queue = new QueueScenario(settings);
            Operator = new Operator(() => [_queue.Harness], _queue.Time);
        }

        public Operator Operator { get; }

        public PartitionHarness Partition => _queue.Harness;

        /// <summary>0 settled, 1 pending, 2 delayed, 3 inflight, 4 and 5 ready.</summary>
        public static InspectedQueue WithEveryStatus()
        {
            var queue = new InspectedQueue(NoTargetYet);
            queue._queue.Publish("0", "1", "2", "3");
            queue._queue.Publish("4", timeToLive: TimeSpan.FromSeconds(9));
            queue._queue.Publish("5");
            Consumer consumer = queue._queue.Subscribe();
            queue._queue.Complete(consumer, consumer.Deliveries[0]);
            queue._queue.Fail(consumer, consumer.Deliveries[1]);
            queue._queue.Retry(consumer, consumer.Deliveries[2], TimeSpan.FromSeconds(5));
            return queue;
        }

        /// <summary>Publishes messages that fill a segment by the dozen.</summary>
        public void FillSegments(int count)
        {
            for (int i = 0; i < count; i++) Partition.Publish(new TestMessage(new byte[4000]));
        }

        /// <summary>Settles the first messages; says how many segments were given up for that.</summary>
        public int Settle(int count)
        {
            int before = _queue.MessageSegments.Count;
            Consumer consumer = Partition.Subscribe(prefetch: count);
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) _queue.Complete(consumer, delivery);
            Partition.Unsubscribe(consumer);
            Partition.Advance(TimeSpan.FromSeconds(1));
            return before - _queue.MessageSegments.Count;
        }

        public void Dispose() => _queue.Dispose();
    }
}
