using System.Globalization;
using System.Text;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Producers;
using Fibril.Broker.Queues.State;
using Fibril.Protocol;
using Fibril.Tests.Support;
using Record = Fibril.Broker.Log.Records.Record;

namespace Fibril.Tests.Unit.Queues;

/// <summary>A producer that numbers its messages may send one twice, and it is stored once: DUP-2, L-7, F-14.</summary>
public sealed class DuplicateTests
{
    [Fact]
    public void A_message_that_is_sent_again_is_confirmed_with_its_offset_and_not_stored()
    {
        using var queue = new QueueScenario();
        ulong[] first = queue.Harness.Publish(Numbered("a", 0), Numbered("b", 1));
        ulong[] again = queue.Harness.Publish(Numbered("b", 1), Numbered("c", 2), Numbered("a", 0));
        Assert.Equal([0L, 1L], OffsetsOf(queue, first));
        Assert.Equal([1L, 2L, 0L], OffsetsOf(queue, again));
        Assert.Equal(["a", "b", "c"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact]
    public void Twice_in_one_batch_is_stored_once()
    {
        using var queue = new QueueScenario();
        ulong[] ids = queue.Harness.Publish(Numbered("a", 0), Numbered("a", 0), Numbered("b", 1), Numbered("a", 0));
        Assert.Equal([0L, 0L, 1L, 0L], OffsetsOf(queue, ids));
        Assert.Equal(["a", "b"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact]
    public void Confirms_come_in_the_order_in_which_they_were_asked_for()
    {
        using var queue = new QueueScenario();
        var order = new List<ulong>();
        queue.Harness.Publisher.OnConfirmed = (id, _) => order.Add(id);
        ulong[] ids = queue.Harness.Publish(Numbered("a", 0), Numbered("b", 1), Numbered("a", 0), Numbered("c", 2), Numbered("b", 1));
        Assert.Equal(ids, order);
    }

    [Fact]
    public void Producers_are_told_apart_and_messages_without_a_number_are_all_stored()
    {
        using var queue = new QueueScenario();
        queue.Harness.Publish(Numbered("x", 0), Numbered("x", 0, "another"), TestMessage.Of("x"), TestMessage.Of("x"));
        Assert.Equal(4, queue.Subscribe(prefetch: 10).Deliveries.Count);
    }

    private static readonly Dictionary<string, TestMessage> Others = new()
    {
        ["payload"] = Numbered("b", 0),
        ["no payload"] = Numbered("", 0),
        ["value"] = Numbered("a", 0, headers: [("k", "w")]),
        ["key"] = Numbered("a", 0, headers: [("l", "v")]),
        ["values swapped"] = Numbered("a", 0, headers: [("v", "k")]),
        ["one header more"] = Numbered("a", 0, headers: [("k", "v"), ("", "")]),
        ["no header"] = Numbered("a", 0, headers: []),
        ["content type"] = Numbered("a", 0) with { ContentType = "application/json" },
        ["content type of its own"] = Numbered("a", 0) with { ContentType = "application/x" },
        ["another of its own"] = Numbered("a", 0) with { ContentType = "application/y" },
    };

    public static TheoryData<string> Differences => [.. Others.Keys];

    [Theory, MemberData(nameof(Differences))] // a program that starts to count anew under its old id must not lose anything
    public void Another_message_under_a_number_that_was_used_is_stored(string difference)
    {
        using var queue = new QueueScenario();
        queue.Harness.Publish(Numbered("a", 0), Numbered("a", 1) with { ContentType = "application/x" });
        TestMessage other = Others[difference];
        Assert.Equal([2L], OffsetsOf(queue, queue.Harness.Publish(other)));
        Assert.Equal([2L], OffsetsOf(queue, queue.Harness.Publish(other)));
    }

    [Fact] // HDR-3: a client may send its headers in another order
    public void A_message_is_the_same_with_its_headers_in_another_order()
    {
        using var queue = new QueueScenario();
        queue.Harness.Publish(Numbered("a", 0, headers: [("k", "v"), ("l", "w"), ("m", "x")]));
        Assert.Equal([0L], OffsetsOf(queue, queue.Harness.Publish(Numbered("a", 0, headers: [("m", "x"), ("k", "v"), ("l", "w")]))));
    }

    [Fact] // S-53: the confirm of a retry would be the confirm of nothing
    public void A_message_that_a_repair_gave_up_is_stored_when_it_is_sent_again()
    {
        var time = new JumpingTimeProvider();
        var disk = new SimulatedFileSystem();
        TestMessage[] messages = [.. Enumerable.Range(0, 100).Select(static i => Numbered($"{i}".PadRight(600, '.'), (ulong)i))];
        using (var queue = new PartitionHarness(disk, time))
        {
            foreach (TestMessage message in messages) queue.Publish(message);
            queue.Stop();
        }

        string first = disk.Content().Keys.Where(static path => path.Contains("messages-", StringComparison.Ordinal) && path.EndsWith(".log", StringComparison.Ordinal)).Order(StringComparer.Ordinal).First();
        disk.Corrupt(first, position: 1000, xor: 1);
        disk = disk.AfterKill();
        LogDamage damage = Assert.Single(PartitionHarness.FindDamages(disk));
        PartitionHarness.Repair(disk, damage);

        using var repaired = new PartitionHarness(disk, time);
        long[] offsets = [.. repaired.Publish(messages).Select(id => repaired.Publisher.Confirmed[id])];
        Assert.True(offsets[(int)damage.Offset!.Value] >= 100, "what was given up counts as stored");
        Assert.Contains(99, offsets);
        Assert.Equal(
            messages.Select(static message => Encoding.UTF8.GetString(message.Payload)).Order(),
            repaired.Subscribe(prefetch: 1000).Texts.Distinct().Order());
    }

    [Theory]
    [InlineData("p", "")]
    [InlineData("p", "one")]
    [InlineData("p", "-1")]
    [InlineData("p", "+1")]
    [InlineData("p", "18446744073709551616")]
    [InlineData("p", null)]
    [InlineData("", "1")]
    [InlineData("an id that is longer than any that a client makes, namely 65 bytes", "1")]
    public void An_id_or_a_number_that_no_client_sends_is_a_message_like_any_other(string producer, string? number)
    {
        using var queue = new QueueScenario();
        var headers = new HeaderBlockBuilder();
        headers.Add(ReservedHeaders.ProducerId, Encoding.UTF8.GetBytes(producer));
        if (number is not null) headers.Add(ReservedHeaders.ProducerSequence, Encoding.UTF8.GetBytes(number));
        TestMessage message = TestMessage.Of("x") with { Headers = headers, HasProducer = true };
        queue.Harness.Publish(message);
        queue.Harness.Publish(message);
        Assert.Equal(2, queue.Subscribe(prefetch: 10).Deliveries.Count);
    }

    [Theory] // S-5: the confirm of a duplicate promises what the first one would have
    [InlineData(false)]
    [InlineData(true)]
    public void A_duplicate_is_not_confirmed_before_its_original_is_durable(bool withAnother)
    {
        using var queue = new QueueScenario();
        bool isSynced = false;
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            if (!isSynced) Assert.Empty(queue.Harness.Publisher.Confirmed);
            isSynced = true;
        };
        ulong[] first = queue.Harness.Post(Numbered("a", 0));
        ulong[] second = withAnother ? queue.Harness.Post(Numbered("a", 0), Numbered("b", 1)) : queue.Harness.Post(Numbered("a", 0));
        queue.Harness.Run();
        Assert.True(isSynced);
        Assert.Equal(OffsetsOf(queue, first)[0], OffsetsOf(queue, second)[0]);
    }

    [Theory] // S-7, S-65: nobody knows whether it is stored, until the files are open again
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_whose_sync_failed_is_stored_once_when_it_is_sent_again(bool reachedTheDisk)
    {
        using var queue = new QueueScenario();
        queue.Harness.Publish(Numbered("a", 0));
        queue.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind == (reachedTheDisk ? DiskOperationKind.Sync : DiskOperationKind.Write)) throw DiskFaults.InputOutputError();
        };
        ulong[] failed = queue.Harness.Post(Numbered("b", 1));
        ulong[] again = queue.Harness.Post(Numbered("b", 1));
        queue.Harness.Run();
        Assert.All([.. failed, .. again], id => Assert.Contains(id, queue.Harness.Publisher.Failed.Keys));
        Assert.NotNull(queue.Harness.Partition.OutageText);

        queue.Harness.Disk.BeforeOperation = null;
        queue.Harness.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(queue.Harness.Partition.OutageText);
        Assert.Equal([1L], OffsetsOf(queue, queue.Harness.Publish(Numbered("b", 1))));
        queue.Harness.Publish(Numbered("c", 2));
        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal(["a", "b", "c"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void A_restart_forgets_nothing_also_of_messages_that_are_settled(Ending ending)
    {
        using var queue = new QueueScenario();
        queue.Harness.Publish(Numbered("a", 0), Numbered("b", 1));
        Consumer consumer = queue.Subscribe(prefetch: 10);
        foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queue.Complete(consumer, delivery);
        queue.Restart(ending);
        queue.Restart(ending);
        Assert.Equal([1L, 0L, 2L], OffsetsOf(queue, queue.Harness.Publish(Numbered("b", 1), Numbered("a", 0), Numbered("c", 2))));
        Assert.Equal(["c"], queue.Subscribe(prefetch: 10).Texts);
    }

    [Fact] // S-26: their segments are gone, and the snapshot knows them
    public void Messages_whose_segments_are_gone_are_remembered()
    {
        using var queue = new QueueScenario();
        Consumer consumer = queue.Subscribe(prefetch: 1);
        for (ulong i = 0; i < 200; i++)
        {
            queue.Harness.Publish(Numbered(new string('x', 400), i));
            queue.Complete(consumer, consumer.Deliveries[^1]);
        }

        Assert.DoesNotContain(queue.MessageSegments, static name => name.Contains("-00000000000000000000.", StringComparison.Ordinal));
        queue.RestartNow(Ending.PowerLoss);
        Assert.Equal([0L, 100L, 199L], OffsetsOf(queue, queue.Harness.Publish(Numbered(new string('x', 400), 0), Numbered(new string('x', 400), 100), Numbered(new string('x', 400), 199))));
    }

    [Fact] // the queue is full, and the message is in it
    public void A_duplicate_is_confirmed_by_a_full_queue_and_a_refused_message_can_be_sent_again()
    {
        using var queue = new QueueScenario(settings: QueueSettings.Default with { MaxMessages = 2, Overflow = OverflowPolicy.Reject });
        queue.Harness.Publish(Numbered("a", 0));
        ulong[] ids = queue.Harness.Publish(Numbered("a", 0), Numbered("b", 1), Numbered("c", 2));
        Assert.Equal([0L, 1L], OffsetsOf(queue, ids[..2]));
        Assert.Contains(ids[2], queue.Harness.Publisher.Failed.Keys);
        ids = queue.Harness.Publish(Numbered("b", 1), Numbered("c", 2));
        Assert.Equal([1L], OffsetsOf(queue, ids[..1]));
        Assert.Contains(ids[1], queue.Harness.Publisher.Failed.Keys);

        Consumer consumer = queue.Subscribe(prefetch: 10);
        queue.Complete(consumer, consumer.Deliveries[0]);
        Assert.Equal([2L], OffsetsOf(queue, queue.Harness.Publish(Numbered("c", 2))));
    }

    [Theory] // S-5: the second copy would be confirmed at an offset that somebody else gets
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_message_that_a_full_queue_refuses_is_refused_as_often_as_it_was_sent(int room)
    {
        using var queue = new QueueScenario(settings: QueueSettings.Default with { MaxMessages = room, Overflow = OverflowPolicy.Reject });
        TestMessage[] stored = [.. Enumerable.Range(0, room).Select(static i => Numbered($"{i}", (ulong)i))];
        ulong[] ids = queue.Harness.Publish([.. stored, Numbered("x", 10), Numbered("x", 10), .. stored, Numbered("y", 11), Numbered("x", 10)]);
        Assert.Equal([.. ids[..room], .. ids[(room + 2)..^2]], queue.Harness.Publisher.Confirmed.Keys.Order());
        Assert.Equal([.. ids[room..(room + 2)], .. ids[^2..]], queue.Harness.Publisher.Failed.Keys.Order());

        queue.Harness.Settings.Refresh(static () => QueueSettings.Default);
        Assert.Equal([room], OffsetsOf(queue, queue.Harness.Publish(TestMessage.Of("of somebody else"))));
        Assert.Equal([room + 1L], OffsetsOf(queue, queue.Harness.Publish(Numbered("x", 10))));
        queue.Harness.Stop();
    }

    [Fact] // M-67: memory follows what the lane may hold, not how often somebody asks
    public void Duplicates_do_not_pile_up_while_the_disk_stalls()
    {
        using var queue = new QueueScenario();
        ulong[] first = queue.Harness.Post(Numbered("a", 0)); // the turn runs within the post, and the flush stays behind
        const int Many = 1000;
        var sent = new List<ulong>();
        while (sent.Count < Many && queue.Harness.TryPost(Numbered("a", 0)) is { } ids) sent.AddRange(ids);
        Assert.InRange(sent.Count, 1, Many - 1);
        queue.Harness.Run();
        Assert.All(OffsetsOf(queue, [.. first, .. sent]), static offset => Assert.Equal(0, offset));
    }

    [Fact] // HDR-4: the copy keeps the headers of the producer, and is a message of its own
    public void Copies_in_a_dead_letter_queue_are_not_taken_for_duplicates()
    {
        using var queues = new DeadLetterScenario(new QueueSettings(null, null, DeadLetterScenario.ToTarget));
        queues.Target.Publish(Numbered("a", 0));
        queues.Source.Publish(Numbered("a", 0));
        queues.FailNext();
        Assert.Equal(["a", "a"], queues.Arrived().Select(static message => message.Text));
        Assert.Empty(queues.Left());
    }

    [Fact]
    public void A_stop_answers_duplicates()
    {
        using var queue = new QueueScenario();
        ulong[] first = queue.Harness.Post(Numbered("a", 0));
        ulong[] again = queue.Harness.Post(Numbered("a", 0));
        queue.Harness.Stop();
        Assert.Equal(OffsetsOf(queue, first), OffsetsOf(queue, again));
    }

    [Theory] // F-14, F-31, F-32
    [InlineData(Ending.Kill)]
    [InlineData(Ending.PowerLoss)]
    public void Whenever_the_broker_dies_what_is_sent_again_is_stored_once(Ending ending)
    {
        int cuts = 0;
        int seeds = TestScale.Iterations(60);
        for (int seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var publisher = new NumberingPublisher();
            if (RunUntilTheEnd(publisher, random, ending) is not { } left) continue;
            cuts++;

            // Somebody else takes an offset first that may have been promised to a message that is lost.
            using var next = new PartitionHarness(left, new JumpingTimeProvider());
            Consumer reader = next.Subscribe(prefetch: 1000);
            long taken = next.Publisher.Confirmed[next.Publish(TestMessage.Of("of somebody else"))[0]];
            Dictionary<ulong, long> after = publisher.SendAllAgain(next);
            Assert.True(publisher.ConfirmedBefore.All(entry => after[entry.Key] == entry.Value), $"seed {seed}: a confirmed message has moved");
            bool isStoredOnce = after.Values.Append(taken).Order().SequenceEqual(Enumerable.Range(0, after.Count + 1).Select(static offset => (long)offset));
            Assert.True(isStoredOnce, $"seed {seed}: {after.Count} messages are at {string.Join(", ", after.Values.Order())}");
            Assert.All(reader.Deliveries.Where(delivery => delivery.Offset != taken), delivery =>
                Assert.True(after[ulong.Parse(delivery.Text.Split(' ')[0], CultureInfo.InvariantCulture)] == delivery.Offset, $"seed {seed}: {delivery.Text} is at {delivery.Offset}"));
        }

        Assert.True(cuts > seeds / 2, $"Only {cuts} of {seeds} were cut.");
    }

    [Fact]
    public void The_latest_of_many_messages_are_remembered_and_the_first_are_stored_again()
    {
        var windows = new ProducerWindows();
        const int Sent = 5 * ProducerWindows.MostPerProducer;
        for (ulong i = 0; i < Sent; i++) Assert.Null(Remember(windows, "p", i, (long)i));
        for (ulong i = Sent - ProducerWindows.MostPerProducer; i < Sent; i++) Assert.Equal((long)i, Remember(windows, "p", i, -1));
        Assert.Null(Remember(windows, "p", 0, Sent));
        Assert.InRange(Assert.Single(windows.Below(long.MaxValue)).Sent.Count, 1, ProducerWindows.MostPerProducer);
    }

    [Fact]
    public void Too_many_producers_push_out_the_one_that_was_silent_longest()
    {
        var windows = new ProducerWindows();
        for (int i = 0; i < ProducerWindows.MostProducers; i++) Remember(windows, $"p{i}", 0, i, nowMs: i);
        Assert.Equal(0, Remember(windows, "p0", 0, -1, nowMs: 5000));
        Remember(windows, "one more", 0, 9999, nowMs: 6000);
        Assert.Equal(ProducerWindows.MostProducers, windows.Count);
        Assert.Equal(0, Remember(windows, "p0", 0, -1));
        Assert.Null(Remember(windows, "p1", 0, 10_000));
    }

    [Fact]
    public void A_producer_that_is_silent_for_an_hour_is_forgotten()
    {
        var windows = new ProducerWindows();
        Remember(windows, "old", 0, 0, nowMs: 0);
        Remember(windows, "young", 0, 1, nowMs: 1000);
        windows.ForgetIdle((long)ProducerWindows.LongestIdle.TotalMilliseconds + 1);
        Assert.Equal("young"u8, Assert.Single(windows.Below(long.MaxValue)).Id);
    }

    [Fact] // every window against a plain dictionary: numbers in any order, gaps, retries, refusals and outages
    public void Windows_agree_with_a_dictionary()
    {
        for (int seed = 0; seed < TestScale.Iterations(50); seed++)
        {
            var random = new Random(seed);
            var windows = new ProducerWindows();
            var model = new Dictionary<(string, ulong), long>();
            for (long offset = 0; offset < 500; offset++)
            {
                (string producer, ulong number) = ($"p{random.Next(3)}", (ulong)random.Next(200));
                long? known = model.TryGetValue((producer, number), out long at) ? at : null;
                Assert.True(known == Remember(windows, producer, number, offset), $"seed {seed}, offset {offset}");
                model.TryAdd((producer, number), offset);
                if (random.Next(20) == 0 && known is null)
                {
                    With(producer, number, stamp => windows.Forget(stamp, offset));
                    model.Remove((producer, number));
                }

                if (random.Next(100) != 0) continue;
                long from = offset - random.Next(20);
                windows.ForgetFrom(from);
                foreach ((string, ulong) lost in model.Where(entry => entry.Value >= from).Select(static entry => entry.Key).ToArray()) model.Remove(lost);
                var next = new ProducerWindows();
                foreach (RememberedProducer remembered in windows.Below(long.MaxValue)) next.Restore(remembered);
                windows = next;
            }
        }
    }

    /// <summary>Publishes and settles in any order of the broker's work, until a disk operation that never comes about; null when all of them did.</summary>
    private static SimulatedFileSystem? RunUntilTheEnd(NumberingPublisher publisher, Random random, Ending ending)
    {
        using var queue = new PartitionHarness(new SimulatedFileSystem(), new JumpingTimeProvider(), order: random);
        SimulatedFileSystem? left = null;
        int rest = random.Next(250);
        queue.Disk.BeforeOperation = _ =>
        {
            if (rest-- != 0) return;
            left = ending == Ending.Kill ? queue.Disk.AfterKill() : queue.Disk.AfterPowerLoss();
            publisher.ConfirmedBefore = publisher.OffsetsIn(queue);
        };
        Consumer consumer = queue.Subscribe(prefetch: 1000);
        for (int batch = 0; batch < 12 && left is null; batch++)
        {
            publisher.SendNew(queue, 20);
            for (int steps = random.Next(60); steps > 0 && queue.Step(); steps--)
            {
                // The rest is on its way while more is sent.
            }

            if (random.Next(2) == 0) continue;
            foreach (TestDelivery delivery in consumer.Deliveries.ToArray()) queue.Settle(consumer, delivery.Tag, SettleKind.Complete);
            consumer.Deliveries.Clear();
        }

        queue.Run();
        return left;
    }

    /// <summary>Numbers its messages, and knows where those are that were confirmed.</summary>
    private sealed class NumberingPublisher
    {
        private readonly Dictionary<ulong, ulong> _numbers = []; // by request
        private ulong _next;

        /// <summary>Offsets of the messages that were confirmed before the broker died, by number.</summary>
        public IReadOnlyDictionary<ulong, long> ConfirmedBefore { get; set; } = new Dictionary<ulong, long>();

        public void SendNew(PartitionHarness queue, int count)
        {
            for (; count > 0; count--) Send(queue, _next++);
        }

        /// <summary>Sends everything once more, also what was confirmed, and returns where it is.</summary>
        public Dictionary<ulong, long> SendAllAgain(PartitionHarness queue)
        {
            _numbers.Clear();
            for (ulong number = 0; number < _next; number++) Send(queue, number);
            queue.Run();
            return OffsetsIn(queue);
        }

        public Dictionary<ulong, long> OffsetsIn(PartitionHarness queue) =>
            queue.Publisher.Confirmed.Where(entry => _numbers.ContainsKey(entry.Key)).ToDictionary(entry => _numbers[entry.Key], static entry => entry.Value);

        private void Send(PartitionHarness queue, ulong number) =>
            _numbers.Add(queue.Post(Numbered($"{number} {new string('x', 300)}", number))[0], number);
    }

    private delegate void StampReader(ProducerStamp stamp);

    private static void With(string producer, ulong number, StampReader reader)
    {
        using RecordBlock block = Block(Numbered("x", number, producer));
        Record record = block[0];
        Assert.True(ProducerStamp.TryRead(record, out ProducerStamp stamp));
        reader(stamp);
    }

    private static long? Remember(ProducerWindows windows, string producer, ulong number, long offset, long nowMs = 0)
    {
        long? original = null;
        With(producer, number, stamp => original = windows.Remember(stamp, offset, nowMs));
        return original;
    }

    private static RecordBlock Block(TestMessage message)
    {
        PublishBatch batch = PublishBatch.Rent(new Publisher(), 512, receivedAt: 0);
        Assert.True(batch.TryAdd(message.ToNewMessage(), 0, null));
        RecordBlock block = batch.TakeBlock();
        batch.Return();
        return block;
    }

    private static long[] OffsetsOf(QueueScenario queue, ulong[] ids) => [.. ids.Select(id => queue.Harness.Publisher.Confirmed[id])];

    private static TestMessage Numbered(
        string text, ulong number, string producer = "5f0c4a8e-7d0b-4a53-9b8e-0a6b7f6f3c11", (string Key, string Value)[]? headers = null)
    {
        var block = new HeaderBlockBuilder();
        foreach ((string key, string value) in headers ?? [("k", "v")]) block.Add(key, value);
        block.Add(ReservedHeaders.ProducerId, Encoding.UTF8.GetBytes(producer));
        block.Add(ReservedHeaders.ProducerSequence, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        return TestMessage.Of(text) with { Headers = block, HasProducer = true };
    }
}
