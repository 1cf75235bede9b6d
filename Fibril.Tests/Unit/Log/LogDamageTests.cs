using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Bytes that were synced once and are not what was written: recovery says so instead of guessing (S-45, S-53).</summary>
public sealed class LogDamageTests
{
    [Fact] // S-53
    public void Any_damaged_byte_of_a_record_that_was_synced_before_the_next_was_written_is_damage()
    {
        var log = new LogHarness();
        log.Commit("first");
        log.Commit("second");
        log.Commit("third");
        int position = SegmentHeader.Size + LogHarness.SizeOf("first");
        for (int i = 0; i < RecordHeader.Size + "second".Length; i++)
        {
            SimulatedFileSystem image = log.Disk.AfterPowerLoss();
            image.Corrupt(log.PathOf(0), position + i, 0x21);
            LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen(image));
            Assert.Equal((log.PathOf(0), (long)position, 1L), (damage.Path, damage.Position, damage.Offset));
            Assert.Contains("offset 2", damage.Message, StringComparison.Ordinal);
        }
    }

    [Fact] // S-53, S-42: the window of a record ends exactly where the last sync did
    public void Record_behind_a_hole_tells_damage_from_a_crash_by_one_byte()
    {
        var log = new LogHarness();
        log.Commit("first");
        uint salt = log.HeaderOf(0).Salt;
        int hole = SegmentHeader.Size + LogHarness.SizeOf("first");
        int behind = hole + LogHarness.SizeOf("missing");

        SimulatedFileSystem crashed = log.Disk.AfterPowerLoss();
        LogHarness.Overwrite(crashed, log.PathOf(0), behind, LogHarness.RawRecord(2, "behind", unsynced: (uint)(behind - hole), salt));
        Assert.Equal(["first"], log.Reopen(crashed).Visited.Select(static record => record.Text));

        SimulatedFileSystem damaged = log.Disk.AfterPowerLoss();
        LogHarness.Overwrite(damaged, log.PathOf(0), behind, LogHarness.RawRecord(2, "behind", unsynced: (uint)(behind - hole - 1), salt));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen(damaged));
        Assert.Equal((hole, 1L), (damage.Position, damage.Offset));
    }

    [Fact] // S-41: a start takes time for the log, not for the square of it
    public async Task What_only_looks_like_records_behind_a_hole_is_not_verified_over_and_over()
    {
        var log = new LogHarness(options: LogHarness.LargeSegments);
        log.Commit("first");
        int hole = SegmentHeader.Size + LogHarness.SizeOf("first");
        var remains = new byte[24 << 20]; // terabytes to verify, were each of them read whole
        remains[0] = 1;
        for (int at = RecordHeader.Size; at + RecordHeader.Size <= remains.Length; at += RecordHeader.Size)
        {
            RecordHeader.Begin(remains.AsSpan(at), remains.Length - at - RecordHeader.Size, kind: 1, attributes: 0, timestamp: 0);
            BitConverter.TryWriteBytes(remains.AsSpan(at + 16), long.MaxValue - at);
        }

        LogHarness.Overwrite(log.Disk, log.PathOf(0), hole, remains);
        LogHarness again = await Patience.Wait(Task.Run(() => log.Reopen()));
        Assert.Equal(["first"], again.Visited.Select(static record => record.Text));
    }

    [Fact] // S-41
    public void Log_that_ends_with_its_last_record_without_the_padding_is_whole()
    {
        var log = new LogHarness();
        log.Commit("first");
        log.Commit("12345");
        using (IStorageFile file = log.Disk.Open(log.PathOf(0)))
            file.Truncate(SegmentHeader.Size + LogHarness.SizeOf("first") + RecordHeader.Size + "12345".Length);

        LogHarness again = log.Reopen();
        again.Commit("third");
        Assert.Equal(["first", "12345", "third"], again.Reopen().ReadTexts());
    }

    [Fact] // S-53
    public void Damage_is_found_behind_the_remains_of_a_crash()
    {
        var log = new LogHarness();
        log.Commit("first");
        uint salt = log.HeaderOf(0).Salt;
        int hole = SegmentHeader.Size + LogHarness.SizeOf("first");
        int next = hole + 200;
        byte[] ofTheCrash = LogHarness.RawRecord(3, "in its window", unsynced: (uint)(next - hole), salt);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), hole + 16, [1, 2, 3]);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), next, ofTheCrash);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), next + ofTheCrash.Length, LogHarness.RawRecord(4, "too late", unsynced: 8, salt));
        Assert.Contains("offset 4", Assert.Throws<LogDamagedException>(() => log.Reopen()).Message, StringComparison.Ordinal);
    }

    [Theory] // S-2, S-45
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(-1)]
    public void Valid_record_of_another_offset_than_the_expected_one_is_damage(long offset)
    {
        var log = new LogHarness();
        log.Commit("first");
        log.Commit("second");
        log.Commit("third");
        int position = SegmentHeader.Size + LogHarness.SizeOf("first");
        byte[] strange = LogHarness.RawRecord(offset, "second", unsynced: 0, log.HeaderOf(0).Salt);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), position, strange);

        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen());
        Assert.Equal((position, 1L), (damage.Position, damage.Offset));
        Assert.Contains($"offset {offset}", damage.Message, StringComparison.Ordinal);
    }

    [Theory] // S-2: also at the very end, whatever its window says
    [InlineData(0u)]
    [InlineData(100_000u)]
    public void Record_that_stands_twice_is_damage_and_gets_no_new_offset(uint unsynced)
    {
        var log = new LogHarness();
        log.Commit("first");
        int end = SegmentHeader.Size + LogHarness.SizeOf("first");
        LogHarness.Overwrite(log.Disk, log.PathOf(0), end, LogHarness.RawRecord(0, "first", unsynced, log.HeaderOf(0).Salt));
        Assert.Equal(end, Assert.Throws<LogDamagedException>(() => log.Reopen()).Position);
    }

    [Fact] // S-41 is about the end of the log only
    public void Sealed_segment_that_ends_early_is_damage()
    {
        LogHarness log = WithSealedSegments();
        using (IStorageFile file = log.Disk.Open(log.PathOf(0))) file.Truncate(file.Length - 1);
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen());
        Assert.Equal((log.PathOf(0), log.SegmentBases[1] - 1), (damage.Path, damage.Offset));
        Assert.Contains($"starts at offset {log.SegmentBases[1]}", damage.Message, StringComparison.Ordinal);
    }

    [Fact] // S-53
    public void Missing_segment_in_the_middle_is_damage_where_the_one_before_it_ends()
    {
        LogHarness log = WithSealedSegments();
        long missing = log.SegmentBases[1];
        log.Disk.DeleteFile(log.PathOf(missing));
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen());
        Assert.Equal((log.PathOf(0), missing), (damage.Path, damage.Offset));
    }

    [Fact]
    public void Log_that_a_snapshot_knows_and_that_has_no_files_is_damage()
    {
        LogDamagedException damage = Assert.Throws<LogDamagedException>(() => new LogHarness(neededFrom: 10, visitFrom: 12));
        Assert.Equal((LogHarness.PathOf(LogKind.Messages, 10), 10L), (damage.Path, damage.Offset));
    }

    [Theory] // S-53
    [InlineData(0)] // magic
    [InlineData(10)] // kind
    [InlineData(16)] // base offset
    [InlineData(60)] // checksum
    public void Segment_with_records_and_a_damaged_header_is_damage(int position)
    {
        LogHarness log = WithSealedSegments();
        foreach (long baseOffset in log.SegmentBases)
        {
            SimulatedFileSystem image = log.Disk.AfterPowerLoss();
            image.Corrupt(log.PathOf(baseOffset), position, 1);
            LogDamagedException damage = Assert.Throws<LogDamagedException>(() => log.Reopen(image));
            Assert.Equal((log.PathOf(baseOffset), baseOffset), (damage.Path, damage.Offset));
            Assert.True(image.ListFiles(LogHarness.Folder).Count >= log.SegmentBases.Count, "A damaged file was removed.");
        }
    }

    [Fact]
    public void Sealed_segment_without_a_header_is_damage_also_when_it_holds_nothing()
    {
        LogHarness log = WithSealedSegments();
        using (IStorageFile file = log.Disk.Open(log.PathOf(0))) file.Truncate(0);
        Assert.Equal(log.PathOf(0), Assert.Throws<LogDamagedException>(() => log.Reopen()).Path);
    }

    [Theory]
    [InlineData("another offset")]
    [InlineData("another kind")]
    public void Segment_under_a_name_that_is_not_its_own_is_damage(string what)
    {
        var log = new LogHarness();
        log.Commit("record");
        LogKind kind = what == "another kind" ? LogKind.Events : LogKind.Messages;
        string wrong = LogHarness.PathOf(kind, what == "another kind" ? 0 : 5);
        log.Disk.Rename(log.PathOf(0), wrong);
        Assert.Equal(wrong, Assert.Throws<LogDamagedException>(() => new LogHarness(log.Disk, kind: kind)).Path);
    }

    [Fact] // S-54
    public void Segment_of_a_newer_version_is_refused_and_nothing_is_touched()
    {
        var log = new LogHarness();
        log.Commit("from the future");
        byte[] header = log.ContentOf(log.PathOf(0))[..SegmentHeader.Size];
        header[8] = 2;
        BitConverter.TryWriteBytes(header.AsSpan(60), Broker.Primitives.Crc32C.Compute(header.AsSpan(0, 60)));
        LogHarness.Overwrite(log.Disk, log.PathOf(0), 0, header);
        byte[] before = log.ContentOf(log.PathOf(0));

        Assert.Throws<NotSupportedException>(() => log.Reopen());
        Assert.Equal(before, log.ContentOf(log.PathOf(0)));
    }

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.True(log.SegmentBases.Count >= 3, "The log hardly rolled.");
        return log;
    }
}
