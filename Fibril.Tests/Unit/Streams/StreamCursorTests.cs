using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Durable cursors: where a named reader goes on.</summary>
public sealed class StreamCursorTests
{
    private static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    [Fact] // P-11, STR-2: the start that it asks for is ignored
    public void A_new_name_starts_at_the_oldest_record()
    {
        using StreamScenario stream = WithFive();
        Assert.Equal([0L, 1, 2, 3, 4], stream.Harness.Read("billing").Offsets);
    }

    [Theory, MemberData(nameof(Endings))] // P-10, P-16, STL-5
    public void A_name_goes_on_behind_the_record_that_was_acknowledged_whatever_happened_meanwhile(Ending ending)
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 2);
        stream.Advance(OneMs);
        stream.Harness.Unsubscribe(reader);
        Assert.Equal([3L, 4], stream.Harness.Read("billing").Offsets);
        stream.Restart(ending);
        Assert.Equal([3L, 4], stream.Harness.Read("billing").Offsets);
        Assert.Equal(3, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-13
    public void A_cursor_only_moves_forwards()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 3);
        stream.Harness.Acknowledge(reader, 1);
        Assert.Equal(4, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-17
    public void Completing_a_record_covers_all_before_it()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 4);
        stream.Restart(Ending.Stop);
        Assert.Empty(stream.Harness.Read("billing").Deliveries);
    }

    [Fact] // P-12, STR-4
    public void Names_are_independent_and_one_name_used_twice_shares_one_cursor()
    {
        using StreamScenario stream = WithFive();
        TestReader one = stream.Harness.Read("billing");
        TestReader two = stream.Harness.Read("billing");
        TestReader other = stream.Harness.Read("search");
        stream.Publish("5");
        foreach (TestReader reader in (TestReader[])[one, two, other]) Assert.Equal([0L, 1, 2, 3, 4, 5], reader.Offsets);
        stream.Harness.Acknowledge(one, 3);
        stream.Harness.Acknowledge(two, 1);
        stream.Harness.Acknowledge(other, 0);
        Assert.Equal((4, 2), (stream.Harness.Cursor("billing").Position, stream.Harness.Cursor("billing").Readers));
        Assert.Equal(1, stream.Harness.Cursor("search").Position);
    }

    [Fact] // what was not delivered cannot be acknowledged
    public void An_acknowledgement_of_a_record_that_was_not_delivered_is_ignored()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing", room: 2);
        stream.Harness.Acknowledge(reader, 4);
        Assert.Equal(0, stream.Harness.Cursor("billing").Position);

        // Nor does it count later, when the record was delivered.
        reader.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        stream.Harness.Acknowledge(reader, 1);
        Assert.Equal(2, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-16, P-53, STR-7
    public void Auto_ack_moves_the_cursor_over_what_was_sent_and_not_further()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing", autoAck: true, room: 3);
        Assert.Equal(3, reader.Deliveries.Count);
        Assert.Equal(3, stream.Harness.Cursor("billing").Position);

        reader.SendsAtOnce = false;
        reader.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        Assert.Equal(5, reader.Deliveries.Count);
        Assert.Equal(3, stream.Harness.Cursor("billing").Position); // written, and not sent yet
        reader.Send();
        stream.Harness.Run();
        Assert.Equal(5, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // STL-5: on an auto-ack subscription an ACK does nothing
    public void An_acknowledgement_of_an_auto_ack_reader_changes_nothing()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing", autoAck: true, room: 0);
        reader.SendsAtOnce = false;
        reader.MakeRoom(int.MaxValue);
        stream.Harness.Run();
        stream.Harness.Acknowledge(reader, 4);
        Assert.Equal(0, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-29, STR-5
    public void Records_that_a_filter_leaves_out_move_no_cursor_by_themselves()
    {
        using var stream = new StreamScenario();
        stream.Harness.Publish(StreamHarness.WithHeaders("a", ("k", "yes")), StreamHarness.WithHeaders("b", ("k", "no")));
        TestReader reader = stream.Harness.Read("billing", autoAck: true, filter: new FilterClause("k", "yes"));
        Assert.Equal(["a"], reader.Texts);
        Assert.Equal(1, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-19
    public void Commits_of_all_readers_within_a_window_are_one_write_and_one_sync()
    {
        using StreamScenario stream = WithFive();
        TestReader[] readers = [.. Enumerable.Range(0, 20).Select(i => stream.Harness.Read($"reader {i}"))];
        int syncs = stream.Harness.Disk.CountOf(DiskOperationKind.Sync, () =>
        {
            for (int offset = 0; offset < 5; offset++)
                foreach (TestReader reader in readers) stream.Harness.Acknowledge(reader, offset);
            stream.Advance(OneMs);
        });
        Assert.InRange(syncs, 1, 2); // the first commit creates the file
        stream.Restart(Ending.PowerLoss);
        Assert.All(stream.Harness.Describe().Cursors, static cursor => Assert.Equal(5, cursor.Position));
    }

    [Fact] // P-19: a bounded run of records comes again
    public void A_power_loss_within_the_window_loses_no_more_than_the_window()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 1);
        stream.Advance(OneMs);
        stream.Harness.Acknowledge(reader, 3);
        stream.Restart(Ending.PowerLoss);
        Assert.Equal([2L, 3, 4], stream.Harness.Read("billing").Offsets);
    }

    [Fact] // P-19
    public void A_graceful_stop_writes_down_every_cursor()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Partition.Acknowledge(reader.Subscription, 3);
        stream.Harness.Stop();
        stream.Restart(Ending.PowerLoss);
        Assert.Equal(4, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // STL-7, RES-7: the reader is gone, and what it had acknowledges its cursor
    public void A_late_acknowledgement_of_a_reader_that_has_ended_still_moves_the_cursor()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Unsubscribe(reader);
        stream.Harness.Acknowledge(reader, 2);
        Assert.Equal(3, stream.Harness.Cursor("billing").Position);

        TestReader next = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 3);
        Assert.Equal((4, 1), (stream.Harness.Cursor("billing").Position, stream.Harness.Cursor("billing").Readers));
        stream.Harness.Acknowledge(next, 4);
        Assert.Equal(5, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-71
    public void A_cursor_says_how_far_behind_it_is_and_when_it_moved()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        CursorStatus fresh = stream.Harness.Cursor("billing");
        Assert.Equal((0, 5, 1, false, null), (fresh.Position, fresh.BehindBy, fresh.Readers, fresh.IsLagged, fresh.LastAdvancedMs));
        stream.Advance(TimeSpan.FromSeconds(3));
        stream.Harness.Acknowledge(reader, 1);
        CursorStatus moved = stream.Harness.Cursor("billing");
        Assert.Equal((2, 3, (long?)stream.Harness.NowMs), (moved.Position, moved.BehindBy, moved.LastAdvancedMs));
        stream.Advance(OneMs);
        stream.Restart(Ending.Kill);
        Assert.NotNull(stream.Harness.Cursor("billing").LastAdvancedMs);
    }

    [Fact] // a name that was only tried out costs nothing for ever
    public void A_name_that_never_acknowledged_anything_is_forgotten_with_its_last_reader()
    {
        using StreamScenario stream = WithFive();
        TestReader reader = stream.Harness.Read("billing");
        Assert.Single(stream.Harness.Describe().Cursors);
        stream.Harness.Unsubscribe(reader);
        Assert.Empty(stream.Harness.Describe().Cursors);
    }

    [Theory, MemberData(nameof(Endings))] // bounded disk; S-25, S-27, F-39
    public void The_history_of_cursors_is_replaced_by_snapshots_and_means_the_same(Ending ending)
    {
        using StreamScenario stream = WithFive();
        var names = Enumerable.Range(0, 100).Select(static i => $"reader {i} {new string('n', 90)}").ToArray();
        TestReader[] readers = [.. names.Select(name => stream.Harness.Read(name))];
        for (int offset = 5; offset < 300; offset++)
        {
            stream.Publish("another");
            foreach (TestReader reader in readers) stream.Harness.Acknowledge(reader, offset);
            stream.Advance(OneMs);
        }

        long cursorBytes = stream.Harness.Disk.Content()
            .Where(static file => Path.GetFileName(file.Key).StartsWith("events-", StringComparison.Ordinal)).Sum(static file => file.Value.LongLength);
        Assert.InRange(cursorBytes, 1, 2 << 20);
        Assert.Equal(2, stream.Harness.Disk.ListFiles(StreamHarness.PartitionDirectory).Count(static name => name.EndsWith(".snapshot", StringComparison.Ordinal)));
        stream.Restart(ending);
        Assert.Equal(names.Order(StringComparer.Ordinal), stream.Harness.Describe().Cursors.Select(static cursor => cursor.Name));
        Assert.All(stream.Harness.Describe().Cursors, static cursor => Assert.Equal(300, cursor.Position));

        SimulatedFileSystem damaged = stream.Harness.Disk.AfterKill();
        Assert.NotNull(SnapshotDamage.FlipBitOfNewest(damaged, StreamHarness.PartitionDirectory, new Random(1)));
        using var older = new StreamHarness(damaged, stream.Time, stream.Settings);
        Assert.All(older.Describe().Cursors, static cursor => Assert.Equal(300, cursor.Position));
    }

    [Fact]
    public void A_partition_has_a_bounded_number_of_cursors()
    {
        using StreamScenario stream = WithFive();
        stream.Options.MostCursors = 2;
        TestReader[] readers = [stream.Harness.Read("a", autoAck: true), stream.Harness.Read("b", autoAck: true)];
        TestReader refused = stream.Harness.Read("c");
        Assert.Equal(CloseReason.ServerError, refused.ClosedWith);
        Assert.Contains("has 2 cursors, the most it may have; use one of their names", refused.ClosedBecause, StringComparison.Ordinal);
        Assert.Empty(refused.Deliveries);
        Assert.Null(stream.Harness.Read("a").ClosedWith);
        Assert.All(readers, static reader => Assert.Null(reader.ClosedWith));
        Assert.Equal(5, stream.Harness.Read(StreamStart.Earliest).Deliveries.Count); // a reader without a name costs nothing for ever
    }

    private static StreamScenario WithFive()
    {
        var stream = new StreamScenario();
        stream.Publish("0", "1", "2", "3", "4");
        return stream;
    }
}
