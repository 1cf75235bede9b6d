using Fibril.Broker.Log;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>When records of a tier are delivered and confirmed, and what a crash leaves of them.</summary>
public sealed class StreamTierTests
{
    public static TheoryData<Durability> Tiers => [.. Enum.GetValues<Durability>()];

    [Fact] // 5.2, P-30
    public void A_durable_stream_delivers_and_confirms_when_the_sync_has_ended_and_not_before()
    {
        using var stream = new StreamScenario();
        TestReader reader = stream.Harness.Read(StreamStart.Latest);
        bool synced = false;
        stream.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            Assert.Empty(reader.Deliveries);
            Assert.Empty(stream.Harness.Publisher.Confirmed);
            synced = true;
        };
        stream.Publish("a");
        Assert.True(synced);
        Assert.Equal(["a"], reader.Texts);
        Assert.Equal(0, Assert.Single(stream.Harness.Publisher.Confirmed).Value);
        Assert.Empty(Assert.Single(reader.Deliveries).Headers);
    }

    [Fact] // 5.2, P-31, STR-6
    public void A_speculative_stream_delivers_at_once_with_a_mark_and_confirms_after_the_sync()
    {
        using var stream = new StreamScenario(Durability.Speculative);
        TestReader reader = stream.Harness.Read(StreamStart.Latest);
        bool synced = false;
        stream.Harness.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind != DiskOperationKind.Sync) return;
            Assert.Equal(["a"], reader.Texts);
            Assert.Empty(stream.Harness.Publisher.Confirmed);
            synced = true;
        };
        stream.Harness.Publish(StreamHarness.WithHeaders("a", ("k", "v")));
        Assert.True(synced);
        Assert.Single(stream.Harness.Publisher.Confirmed);
        Assert.Equal(("1", "v"), (reader.Deliveries[0].Headers["fibril.speculative"], reader.Deliveries[0].Headers["k"]));
    }

    [Fact] // P-31: also when it comes from the log
    public void A_speculative_record_carries_its_mark_whenever_it_is_delivered()
    {
        using var stream = new StreamScenario(Durability.Speculative);
        stream.Publish("a");
        stream.Restart(Ending.Stop);
        Assert.Equal("1", Assert.Single(stream.Harness.Read(StreamStart.Earliest).Deliveries).Headers["fibril.speculative"]);
    }

    [Fact] // 5.2, PUB-5
    public void An_ephemeral_stream_delivers_and_confirms_without_a_sync()
    {
        using var stream = new StreamScenario(Durability.Ephemeral);
        stream.Publish("the first creates the file"); // which syncs its header
        stream.Advance(stream.Options.EphemeralSyncInterval);
        TestReader reader = stream.Harness.Read(StreamStart.Latest);
        int syncs = stream.Harness.Disk.CountOf(DiskOperationKind.Sync, () => stream.Publish("a"));
        Assert.Equal(0, syncs);
        Assert.Equal(["a"], reader.Texts);
        Assert.Equal([0L, 1L], stream.Harness.Publisher.Confirmed.Values);
    }

    [Fact] // P-33
    public void An_ephemeral_stream_is_synced_within_the_interval_and_never_without_need()
    {
        using var stream = new StreamScenario(Durability.Ephemeral);
        stream.Publish("the first creates the file");
        stream.Advance(stream.Options.EphemeralSyncInterval);
        Assert.Equal(0, stream.Harness.Disk.CountOf(DiskOperationKind.Sync, () => stream.Publish("a", "b")));
        Assert.Equal(1, stream.Harness.Disk.CountOf(DiskOperationKind.Sync, () => stream.Advance(stream.Options.EphemeralSyncInterval)));
        Assert.Equal(0, stream.Harness.Disk.CountOf(DiskOperationKind.Sync, () => stream.Advance(TimeSpan.FromSeconds(10))));

        stream.Restart(Ending.PowerLoss);
        Assert.Equal(["the first creates the file", "a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
    }

    [Fact] // 6.4: kept if the operating system has them; the newest may go with the power
    public void What_an_ephemeral_stream_has_confirmed_survives_a_kill_and_the_newest_not_a_power_loss()
    {
        using var stream = new StreamScenario(Durability.Ephemeral);
        stream.Publish("a");
        stream.Advance(stream.Options.EphemeralSyncInterval);
        stream.Publish("b");
        Assert.Equal(2, stream.Harness.Publisher.Confirmed.Count);
        SimulatedFileSystem withoutPower = stream.Harness.Disk.AfterPowerLoss();
        stream.Restart(Ending.Kill);
        Assert.Equal(["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);

        using var afterPowerLoss = new StreamHarness(withoutPower, stream.Time, stream.Settings);
        Assert.Equal(["a"], afterPowerLoss.Read(StreamStart.Earliest).Texts);
    }

    [Theory, MemberData(nameof(Tiers))] // P-1, P-30, S-2
    public void Every_tier_keeps_its_records_for_all_who_come_and_goes_on_with_its_offsets(Durability tier)
    {
        using var stream = new StreamScenario(tier);
        stream.Publish("a", "b");
        Assert.Equal(["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
        Assert.Equal(["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
        stream.Restart(Ending.Stop);
        stream.Publish("c");
        TestReader reader = stream.Harness.Read(StreamStart.Earliest);
        Assert.Equal(["a", "b", "c"], reader.Texts);
        Assert.Equal([0L, 1L, 2L], reader.Offsets);
    }

    [Theory, MemberData(nameof(Tiers))] // S-65, 6.3
    public void A_failed_write_is_answered_with_an_error_and_the_stream_goes_on_when_its_files_are_open_again(Durability tier)
    {
        using var stream = new StreamScenario(tier);
        stream.Publish("a");
        TestReader reader = stream.Harness.Read(StreamStart.Earliest);
        stream.Harness.Disk.FailNext(DiskOperationKind.Write, ".log");
        stream.Publish("lost");
        Assert.Equal(ErrorCode.ServerFault, stream.Harness.Publisher.LastCode);
        Assert.Single(stream.Harness.Publisher.Failed);
        stream.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(stream.Harness.Partition.OutageText);
        stream.Publish("b");

        // Who delivers early has delivered it.
        Assert.Equal(tier == Durability.Durable ? ["a", "b"] : (string[])["a", "lost", "b"], reader.Texts);
        Assert.Equal(["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
        stream.Restart(Ending.PowerLoss);
        stream.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(tier == Durability.Ephemeral ? (string[])["a"] : ["a", "b"], stream.Harness.Read(StreamStart.Earliest).Texts);
    }

    [Theory, MemberData(nameof(Tiers))] // S-65
    public void A_failed_sync_is_an_outage_that_ends(Durability tier)
    {
        using var stream = new StreamScenario(tier);
        stream.Publish("a");
        stream.Advance(TimeSpan.FromSeconds(1));
        stream.Harness.Disk.FailNext(DiskOperationKind.Sync, ".log");
        stream.Publish("b");
        stream.Advance(stream.Options.EphemeralSyncInterval);
        stream.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(stream.Harness.Partition.OutageText);
        Assert.Contains(stream.Log.Lines, static line => line.Text.Contains("in service again", StringComparison.Ordinal));
        stream.Publish("c");
        Assert.Contains("c", stream.Harness.Read(StreamStart.Earliest).Texts);
        Assert.Equal(stream.Harness.NextRequestId - 1, (ulong)(stream.Harness.Publisher.Confirmed.Count + stream.Harness.Publisher.Failed.Count));
    }

    [Fact] // P-32
    public void A_cursor_behind_the_end_of_what_a_crash_left_is_set_back_to_it()
    {
        using StreamScenario stream = StreamScenario.WithACursorAheadOfTheDisk();
        Assert.Equal(3, stream.Harness.Cursor("billing").Position);

        stream.Restart(Ending.PowerLoss);
        Assert.Equal(1, stream.Harness.Cursor("billing").Position);
        TestReader again = stream.Harness.Read("billing");
        stream.Publish("another b");
        Assert.Equal(["another b"], again.Texts);
        Assert.Contains(stream.Log.Lines, static line => line.Text.Contains("set back", StringComparison.Ordinal));
    }

    [Fact] // S-40
    public void On_the_durable_tier_a_cursor_behind_the_end_of_the_log_is_damage()
    {
        using var stream = new StreamScenario();
        stream.Publish("a");
        TestReader reader = stream.Harness.Read("billing");
        stream.Harness.Acknowledge(reader, 0);
        stream.Harness.Stop();
        foreach (string name in stream.MessageSegments) stream.Harness.Disk.DeleteFile(Path.Combine(StreamHarness.PartitionDirectory, name));
        LogDamagedException damaged = Assert.Throws<LogDamagedException>(() => stream.Restart(Ending.Kill));
        Assert.True(damaged.Damage.IsMissing);
    }
}
