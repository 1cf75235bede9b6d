using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Log;
using Fibril.Broker.Streams;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>A stream whose disk fails for a while: what readers had, and what cursors mean afterwards (S-65, S-66, P-32).</summary>
public sealed class StreamOutageTests
{
    private const int OutageBegun = 2306;

    private static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);

    [Theory] // P-32, S-65: else the acknowledgement would count for a record that nobody has had
    [InlineData(false)]
    [InlineData(true)]
    public void What_readers_had_early_keeps_its_offset_and_its_acknowledgement_means_no_other_record(bool hasEnded)
    {
        using var stream = new StreamScenario(Durability.Speculative);
        stream.Publish("a");
        TestReader reader = stream.Harness.Read("billing");
        LoseAWrite(stream, "lost");
        Assert.Equal(["a", "lost"], reader.Texts);
        if (hasEnded) stream.Harness.Unsubscribe(reader);

        stream.Publish("b");
        stream.Harness.Acknowledge(reader, 1);
        Assert.Equal(2, stream.Harness.Cursor("billing").Position);
        TestReader next = stream.Harness.Read("billing");
        Assert.Equal([(2L, "b")], next.Deliveries.Select(static delivery => (delivery.Offset, delivery.Text)));
        Assert.Equal(["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
        stream.Restart(Ending.PowerLoss);
        Assert.Equal([0L, 2L], stream.Harness.Read(StreamStart.Earliest).Offsets);
    }

    [Fact] // P-16: what was sent without waiting for acknowledgements is no other record either
    public void An_auto_ack_cursor_does_not_pass_over_records_that_come_after_an_outage()
    {
        using var stream = new StreamScenario(Durability.Speculative);
        stream.Publish("a");
        TestReader reader = stream.Harness.Read("billing", autoAck: true);
        reader.SendsAtOnce = false;
        LoseAWrite(stream, "lost");
        reader.Room = 0;
        stream.Publish("b");
        reader.Send();
        stream.Harness.Run();
        Assert.Equal(["b"], stream.Harness.Read("billing").Texts);
    }

    [Fact] // P-32: a second crash finds the new place, and the records that were stored since
    public void A_cursor_that_was_set_back_is_durable_there_before_anything_is_stored()
    {
        using StreamScenario stream = StreamScenario.WithACursorAheadOfTheDisk();

        // A tier that syncs what it stores, so that the power fails between that and the next commit of cursors.
        StreamSettings settings = stream.Settings with { Tier = Durability.Speculative };
        using var second = new StreamHarness(stream.Harness.Disk.AfterPowerLoss(), stream.Time, settings);
        second.Publish("another b", "another c");
        using var third = new StreamHarness(second.Disk.AfterPowerLoss(), stream.Time, settings);
        Assert.Equal(["another b", "another c"], third.Read("billing").Texts);
    }

    [Fact] // STL-1
    public void An_acknowledgement_of_what_was_not_delivered_takes_nothing_from_those_of_what_was()
    {
        using var stream = new StreamScenario();
        stream.Publish("0", "1", "2", "3", "4");
        TestReader reader = stream.Harness.Read("billing", room: 3);
        stream.Harness.Partition.Acknowledge(reader.Subscription, 1);
        stream.Harness.Partition.Acknowledge(reader.Subscription, 3);
        stream.Harness.Partition.Acknowledge(reader.Subscription, 4000);
        stream.Harness.Run();
        Assert.Equal(2, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // S-66
    public void On_a_disk_that_stays_full_readers_and_acknowledgements_go_on_and_are_written_down_when_there_is_room()
    {
        var time = new JumpingTimeProvider();
        var log = new RecordingLogger();
        var disk = new SimulatedFileSystem();
        using var stream = new StreamHarness(disk, time, logger: log, reserveBytes: 8 << 10);
        stream.Publish("a", "b", "c");
        TestReader reader = stream.Read("billing");
        disk.CapacityBytes = 1;
        stream.Acknowledge(reader, 1);
        for (int second = 0; second < 300; second++) stream.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(log.Lines.Count(static line => line.Event == OutageBegun), 1, 3);
        Assert.Null(stream.Partition.OutageText);
        Assert.Equal(["a", "b", "c"], stream.Read(StreamStart.Earliest).Texts);
        stream.Acknowledge(reader, 2);
        Assert.Equal(3, stream.Cursor("billing").Position);

        disk.CapacityBytes = long.MaxValue;
        stream.Advance(TimeSpan.FromSeconds(2));
        stream.Advance(OneMs);
        using var next = new StreamHarness(disk.AfterPowerLoss(), time);
        Assert.Equal(3, next.Cursor("billing").Position);
    }

    [Fact] // S-65: one that is broken is not tried in a busy loop
    public void Reopening_that_leads_nowhere_is_tried_with_growing_pauses()
    {
        using var stream = new StreamScenario();
        stream.Publish("a");
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Disk.BeforeOperation = static operation =>
        {
            if (operation.Kind == DiskOperationKind.Write && Path.GetFileName(operation.Path).StartsWith("events-", StringComparison.Ordinal))
                throw DiskFaults.InputOutputError();
        };
        stream.Harness.Acknowledge(reader, 0);
        for (int second = 0; second < 120; second++) stream.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(stream.Log.Lines.Count(static line => line.Event == OutageBegun), 5, 12);

        stream.Harness.Disk.BeforeOperation = null;
        stream.Advance(TimeSpan.FromSeconds(31));
        stream.Advance(OneMs);
        Assert.Null(stream.Harness.Partition.OutageText);
        stream.Restart(Ending.PowerLoss);
        Assert.Equal(1, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // F-39: the failure may have taken what the history of the cursors said
    public void After_an_outage_a_snapshot_is_taken()
    {
        using var stream = new StreamScenario();
        stream.Publish("a");
        stream.Harness.Acknowledge(stream.Harness.Read("billing"), 0);
        stream.Advance(OneMs);
        Assert.Equal(0, SnapshotsOf(stream));
        LoseAWrite(stream, "lost");
        stream.Advance(OneMs);
        Assert.Equal(1, SnapshotsOf(stream));
    }

    [Fact] // a reader that acknowledges while the disk takes its time costs no processor
    public void While_cursors_are_on_their_way_to_the_disk_the_partition_rests()
    {
        using var stream = new StreamScenario();
        StreamHarness harness = stream.Harness;
        stream.Publish("a", "b");
        TestReader reader = harness.Read("billing");
        harness.NewestFirst = true; // the flush comes last
        harness.Partition.Acknowledge(reader.Subscription, 0);
        Assert.True(harness.Step());
        stream.Time.Advance(OneMs);
        Assert.True(harness.Step()); // written, and its sync waits
        harness.Partition.Acknowledge(reader.Subscription, 1);
        Assert.True(harness.Step());
        stream.Time.Advance(OneMs);
        int steps = 0;
        while (harness.Step()) Assert.True(++steps < 20, "the partition never rests");
        stream.Advance(OneMs);
        stream.Restart(Ending.PowerLoss);
        Assert.Equal(2, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // I-10, P-60: what is not written down would be gone
    public async Task A_partition_with_a_failing_disk_is_not_unloaded()
    {
        using var stream = new StreamScenario();
        stream.Publish("a");
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Disk.FailAll(".log");
        stream.Harness.Acknowledge(reader, 0);
        stream.Advance(OneMs);
        stream.Harness.Unsubscribe(reader);
        Assert.Equal(UnloadOutcome.StorageRace, await UnloadAsync(stream.Harness));

        stream.Harness.Disk.BeforeOperation = null;
        stream.Advance(TimeSpan.FromSeconds(31));
        stream.Advance(OneMs);
        Assert.Equal(UnloadOutcome.Unloaded, await UnloadAsync(stream.Harness));
        stream.Restart(Ending.PowerLoss);
        Assert.Equal(1, stream.Harness.Cursor("billing").Position);
    }

    [Fact] // P-33, 5.2: the pause between two syncs is none of the business of who does not wait for one
    public void An_ephemeral_publish_does_not_wait_for_the_pause_between_two_syncs()
    {
        var time = new JumpingTimeProvider();
        LogOptions log = PartitionHarness.SmallSegments();
        log.MinSyncInterval = TimeSpan.FromSeconds(1);
        using var stream = new StreamHarness(
            new SimulatedFileSystem(), time, StreamSettings.Default with { Tier = Durability.Ephemeral }, log: log);
        stream.Publish("a");
        stream.Advance(stream.Options.EphemeralSyncInterval); // synced
        stream.Publish("b");
        stream.Advance(stream.Options.EphemeralSyncInterval); // is to be synced when the pause is over
        stream.Publish("c");
        Assert.Equal(3, stream.Publisher.Confirmed.Count);
        Assert.Equal(0, stream.Disk.CountOf(DiskOperationKind.Sync, () => stream.Advance(TimeSpan.FromMilliseconds(900))));
        Assert.Equal(1, stream.Disk.CountOf(DiskOperationKind.Sync, () => stream.Advance(TimeSpan.FromMilliseconds(200))));
        using var next = new StreamHarness(stream.Disk.AfterPowerLoss(), time, stream.Settings.Value);
        Assert.Equal(["a", "b", "c"], next.Read(StreamStart.Earliest).Texts);
    }

    private static async Task<UnloadOutcome> UnloadAsync(StreamHarness stream)
    {
        Task<UnloadOutcome> outcome = stream.Partition.TryUnloadAsync();
        stream.Run();
        return await Patience.Wait(outcome);
    }

    private static void LoseAWrite(StreamScenario stream, string text)
    {
        stream.Harness.Disk.FailNext(DiskOperationKind.Write, ".log");
        stream.Publish(text);
        stream.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(stream.Harness.Partition.OutageText);
    }

    private static int SnapshotsOf(StreamScenario stream) =>
        stream.Harness.Disk.ListFiles(StreamHarness.PartitionDirectory).Count(static name => name.EndsWith(".snapshot", StringComparison.Ordinal));
}
