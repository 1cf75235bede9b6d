using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>What recovery makes of the tail that a crash leaves.</summary>
public sealed class LogRecoveryTests
{
    [Fact] // S-41, F-33
    public void Record_torn_at_any_byte_is_cut_off_silently()
    {
        const string Torn = "the record that is torn";
        var log = new LogHarness();
        log.Commit("kept");
        (SimulatedFileSystem before, DiskOperation write) = log.Disk.LastWriteOf(() => log.Commit(Torn));
        for (int bytes = 0; bytes <= write.Data!.Length; bytes++)
        {
            SimulatedFileSystem image = before.AfterKill();
            image.ApplyPartOf(write, bytes);
            bool isWhole = bytes >= RecordHeader.Size + Torn.Length;
            LogHarness recovered = log.Reopen(image);
            Assert.Equal(isWhole ? ["kept", Torn] : ["kept"], recovered.Visited.Select(static record => record.Text));
            if (isWhole) continue;

            Assert.Equal(-1, recovered.ContentOf(log.PathOf(0)).AsSpan((int)write.Position).IndexOfAnyExcept((byte)0));
            recovered.Commit("next");
            Assert.Equal(["kept", "next"], recovered.Reopen(image.AfterPowerLoss()).ReadTexts());
        }
    }

    [Theory] // S-7, S-41: nobody was told about them, and they must not become valid when a later record ends where one of them starts
    [InlineData("missing")]
    [InlineData("torn")]
    public void Remains_of_an_older_longer_write_stay_gone_when_a_record_is_appended_in_front_of_them(string first)
    {
        var log = new LogHarness();
        log.Commit("kept");
        (SimulatedFileSystem image, DiskOperation write) = log.Disk.LastWriteOf(() => log.Commit("old 1", "old 2", "old 3"));
        byte[] remains = write.Data!;
        if (first == "missing") remains.AsSpan(0, LogHarness.SizeOf("old 1")).Clear();
        else remains[RecordHeader.Size] ^= 1;
        image.ApplyPartOf(write, int.MaxValue);

        LogHarness recovered = log.Reopen(image);
        Assert.Equal(["kept"], recovered.Visited.Select(static record => record.Text));
        Assert.Equal(LogHarness.SizeOf("old 1"), LogHarness.SizeOf("new 1"));
        recovered.Commit("new 1");
        foreach (SimulatedFileSystem crashed in (ReadOnlySpan<SimulatedFileSystem>)[image.AfterKill(), image.AfterPowerLoss()])
            Assert.Equal(["kept", "new 1"], recovered.Reopen(crashed).Visited.Select(static record => record.Text));
    }

    [Fact] // S-41: the cut itself must be on the disk before anything is appended
    public void Remains_that_were_cut_do_not_come_back_with_the_next_power_loss()
    {
        var log = new LogHarness();
        log.Commit("kept");
        (SimulatedFileSystem image, DiskOperation write) = log.Disk.LastWriteOf(() => log.Commit("old 1", "old 2"));
        write.Data!.AsSpan(0, LogHarness.SizeOf("old 1")).Clear();
        image.ApplyPartOf(write, int.MaxValue);
        image = image.AfterPowerLoss(new EverySector(), SimulatedFileSystem.SectorBytes);

        log.Reopen(image);
        byte[] content = Assert.Single(image.AfterPowerLoss().Content()).Value;
        Assert.Equal(-1, content.AsSpan((int)write.Position).IndexOfAnyExcept((byte)0));
    }

    [Fact] // S-42
    public void Hole_in_a_batch_that_was_never_synced_is_cut_with_what_follows()
    {
        var log = new LogHarness();
        log.Commit("kept");
        string[] batch = [.. Enumerable.Range(0, 6).Select(static i => LogHarness.Text(i, 300))];
        int size = LogHarness.SizeOf(batch[0]);
        (SimulatedFileSystem before, DiskOperation write) = log.Disk.LastWriteOf(() => log.Commit(batch));
        for (int hole = 0; hole < batch.Length; hole++)
        {
            SimulatedFileSystem image = before.AfterKill();
            byte[] withHole = [.. write.Data!];
            withHole.AsSpan(hole * size, size).Clear();
            image.ApplyPartOf(write with { Data = withHole }, int.MaxValue);
            Assert.Equal(["kept", .. batch[..hole]], log.Reopen(image).Visited.Select(static record => record.Text));
        }
    }

    [Fact] // S-42: several writes share a sync, and the power fails before it
    public void Hole_between_writes_that_no_sync_has_separated_is_cut_with_what_follows()
    {
        var log = new LogHarness(kind: LogKind.Events);
        log.Commit("kept");
        log.Log.RequestSync();
        log.Run();
        SimulatedFileSystem image = log.Disk.AfterPowerLoss();
        log.Commit("lost");
        image.ApplyPartOf(log.Disk.LastWriteOf(() => log.Commit("behind the hole")).Write, int.MaxValue);

        Assert.Equal(["kept"], log.Reopen(image).Visited.Select(static record => record.Text));
    }

    [Fact]
    public void Space_reserved_behind_the_last_record_is_no_remains_and_is_kept()
    {
        var log = new LogHarness();
        log.Commit("kept");
        SimulatedFileSystem image = log.Disk.AfterPowerLoss();
        int length = log.ContentOf(log.PathOf(0)).Length;
        Assert.True(length > SegmentHeader.Size + LogHarness.SizeOf("kept"), "Nothing was reserved.");
        Assert.Equal(length, log.Reopen(image).ContentOf(log.PathOf(0)).Length);
    }

    [Fact] // S-4: a record of another segment, left where this file has its end
    public void Record_with_another_salt_is_never_taken_for_one_of_this_segment()
    {
        var log = new LogHarness();
        log.Commit("kept");
        byte[] foreign = LogHarness.RawRecord(offset: 1, "foreign", unsynced: 0, salt: log.HeaderOf(0).Salt + 1);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), SegmentHeader.Size + LogHarness.SizeOf("kept"), foreign);
        Assert.Equal(["kept"], log.Reopen().Visited.Select(static record => record.Text));
    }

    [Fact] // S-7: clients do not know the salt
    public void Payload_that_imitates_records_does_not_pass_for_some_when_its_write_is_torn()
    {
        byte[] imitation = LogHarness.RawRecord(offset: 1, "phantom", unsynced: 0, salt: 0);
        var log = new LogHarness();
        log.Commit("kept");
        (SimulatedFileSystem image, DiskOperation write) = log.Disk.LastWriteOf(() =>
        {
            log.Append([[.. imitation, .. imitation]], timestamps: null);
            log.Log.Flush();
            log.Run();
        });
        image.ApplyPartOf(write, write.Data!.Length - imitation.Length);
        Assert.Equal(["kept"], log.Reopen(image).Visited.Select(static record => record.Text));
    }

    [Theory] // S-5: what a killed process wrote is in the system's cache, and recovery shows it to the partition
    [InlineData((byte)LogKind.Messages)]
    [InlineData((byte)LogKind.Events)]
    public void What_recovery_has_shown_survives_the_next_power_loss(byte kind)
    {
        var log = new LogHarness(kind: (LogKind)kind);
        log.Commit("durable");
        SimulatedFileSystem? killed = null;
        log.Disk.BeforeOperation = operation =>
        {
            if (operation.Kind == DiskOperationKind.Sync) killed = log.Disk.AfterKill();
        };
        log.Commit("written");
        killed ??= log.Disk.AfterKill();

        LogHarness recovered = log.Reopen(killed);
        Assert.Equal(["durable", "written"], recovered.Visited.Select(static record => record.Text));
        Assert.Equal(2, recovered.Log.DurableEnd);
        Assert.Equal(["durable", "written"], recovered.Reopen(killed.AfterPowerLoss()).Visited.Select(static record => record.Text));
    }

    [Fact] // S-25
    public void Visitor_sees_every_record_of_the_segments_it_needs_once_and_in_order()
    {
        var log = new LogHarness();
        for (int i = 0; i < 60; i++) log.Commit(LogHarness.Text(i, 1000));
        IReadOnlyList<long> bases = log.SegmentBases;
        LogHarness recovered = log.Reopen(visitFrom: bases[2] + 1);
        Assert.Equal(
            Enumerable.Range((int)bases[2], 60 - (int)bases[2]).Select(static i => (long)i),
            recovered.Visited.Select(static record => record.Offset));
        Assert.Equal(log.ReadTexts(), recovered.ReadTexts());
    }

    [Fact] // S-25, S-4: sealed segments that a snapshot covers are verified when they are read
    public void Segments_that_a_snapshot_covers_are_not_read_at_the_start()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + 100, 1);
        LogHarness recovered = log.Reopen(visitFrom: log.SegmentBases[1]);
        Assert.Equal(log.SegmentBases[1], recovered.Visited[0].Offset);
        Assert.Throws<LogDamagedException>(() => recovered.ReadPiece(0, 100));
    }

    [Fact]
    public void Records_of_all_sizes_are_found_however_they_lie_in_the_window_of_the_scan()
    {
        const int WindowBytes = 1 << 20;
        var log = new LogHarness(options: new LogOptions { MessageSegmentBytes = 64 << 20, PreallocateBytes = 1 << 20 });
        string[] texts =
        [
            LogHarness.Text(0, WindowBytes - 200), LogHarness.Text(1, 40), LogHarness.Text(2, 300), LogHarness.Text(3, WindowBytes * 5 / 2),
            LogHarness.Text(4, WindowBytes - RecordHeader.Size), LogHarness.Text(5, 0), LogHarness.Text(6, WindowBytes),
        ];
        foreach (string text in texts) log.Commit(text);
        Assert.Equal([0], log.SegmentBases);
        Assert.Equal(texts, log.Reopen().Visited.Select(static record => record.Text));
    }

    /// <summary>Keeps everything that was written and not synced.</summary>
    private sealed class EverySector : Random
    {
        public override int Next(int maxValue) => 0;
    }
}
