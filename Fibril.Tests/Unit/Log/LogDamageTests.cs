using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Log.Repair;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>Bytes that were synced once and are not what was written: recovery says so instead of guessing (S-45, S-53).</summary>
public sealed class LogDamageTests
{
    [Fact] // S-53: padding included
    public void Any_flipped_bit_of_a_record_that_was_synced_before_the_next_was_written_is_damage()
    {
        var log = new LogHarness();
        log.Commit("first");
        log.Commit("second");
        log.Commit("third");
        int position = SegmentHeader.Size + LogHarness.SizeOf("first");
        int size = LogHarness.SizeOf("second");
        Assert.True(size > RecordHeader.Size + "second".Length, "There is no padding.");
        for (int bit = 0; bit < size * 8; bit++)
        {
            SimulatedFileSystem image = log.Disk.AfterPowerLoss();
            image.Corrupt(log.PathOf(0), position + (bit / 8), (byte)(1 << (bit % 8)));
            LogDamage damage = DamageOf(() => log.Reopen(image));
            Assert.Equal((log.PathOf(0), position, position + size), (damage.Path, (int)damage.Position, (int)damage.EndPosition));
            Assert.Equal((1L, 2L), (damage.Offset, damage.EndOffset));
        }
    }

    [Fact] // S-7: its own checksum says that all of it was written, so no crash did this, and a cut would lose a confirmed message
    public void Flipped_bit_in_the_padding_of_the_last_record_is_damage()
    {
        var log = new LogHarness();
        log.Commit("first");
        log.Commit("second");
        int position = SegmentHeader.Size + LogHarness.SizeOf("first");
        log.Disk.Corrupt(log.PathOf(0), position + LogHarness.SizeOf("second") - 1, 1);
        LogDamage damage = DamageOf(() => log.Reopen());
        Assert.Equal((position, (long?)1, null), ((int)damage.Position, damage.Offset, damage.EndOffset));
        Assert.Contains("padding", damage.Detail, StringComparison.Ordinal);
    }

    [Theory] // what is lost is said to the byte and to the offset
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_ends_where_the_next_good_record_starts(bool isSealed)
    {
        var log = new LogHarness();
        int count = isSealed ? 30 : 10;
        for (int i = 0; i < count; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.Equal(isSealed, log.SegmentBases.Count > 1);
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));
        for (int first = 0; first < 8; first++)
        {
            for (int end = first + 1; end <= 8; end++)
            {
                SimulatedFileSystem image = log.Disk.AfterPowerLoss();
                for (int record = first; record < end; record++) image.Corrupt(log.PathOf(0), SegmentHeader.Size + (record * size) + 500, 1);
                LogDamage damage = DamageOf(() => log.Reopen(image));
                Assert.Equal((SegmentHeader.Size + (first * size), SegmentHeader.Size + (end * size)), ((int)damage.Position, (int)damage.EndPosition));
                Assert.Equal(((long?)first, (long?)end), (damage.Offset, damage.EndOffset));
                string offsets = end == first + 1 ? $"offset {first} is expected" : $"offsets {first} to {end - 1} are expected";
                Assert.Contains($"from byte {damage.Position} to byte {damage.EndPosition}, where {offsets}: the record of offset {end}", $"{damage}", StringComparison.Ordinal);
                Assert.DoesNotContain('\n', $"{damage}");
            }
        }
    }

    [Fact]
    public void Damage_at_the_end_of_a_sealed_segment_ends_with_its_file_and_where_the_next_segment_starts()
    {
        LogHarness log = WithSealedSegments();
        int size = LogHarness.SizeOf(LogHarness.Text(0, 1000));
        long next = log.SegmentBases[1];
        int length = log.ContentOf(log.PathOf(0)).Length;
        for (int record = (int)next - 3; record < next; record++) log.Disk.Corrupt(log.PathOf(0), SegmentHeader.Size + (record * size) + 500, 1);
        LogDamage damage = DamageOf(() => log.Reopen());
        Assert.Equal((length - (3 * size), length), (damage.Position, damage.EndPosition));
        Assert.Equal((next - 3, next), (damage.Offset, damage.EndOffset));
    }

    [Fact]
    public void What_is_missing_as_a_whole_is_told_with_the_offsets_that_are_missing_with_it()
    {
        LogHarness log = WithSealedSegments();
        IReadOnlyList<long> bases = log.SegmentBases;
        SimulatedFileSystem withoutFirst = log.Disk.AfterPowerLoss();
        withoutFirst.DeleteFile(log.PathOf(0));
        LogDamage damage = DamageOf(() => log.Reopen(withoutFirst));
        Assert.Equal((log.PathOf(0), 0L, (long?)0, (long?)bases[1]), (damage.Path, damage.EndPosition, damage.Offset, damage.EndOffset));

        SimulatedFileSystem withoutSecond = log.Disk.AfterPowerLoss();
        withoutSecond.DeleteFile(log.PathOf(bases[1]));
        damage = DamageOf(() => log.Reopen(withoutSecond));
        Assert.Equal((damage.Position, bases[1], bases[2]), (damage.EndPosition, damage.Offset, damage.EndOffset));

        SimulatedFileSystem withoutHeader = log.Disk.AfterPowerLoss();
        withoutHeader.Corrupt(log.PathOf(bases[1]), 20, 1);
        damage = DamageOf(() => log.Reopen(withoutHeader));
        Assert.Equal((0L, (long)log.ContentOf(log.PathOf(bases[1])).Length), (damage.Position, damage.EndPosition));
        Assert.Equal((log.PathOf(bases[1]), bases[1], bases[2]), (damage.Path, damage.Offset, damage.EndOffset));
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
        LogDamage damage = DamageOf(() => log.Reopen());
        Assert.Contains("offset 4", damage.Detail, StringComparison.Ordinal);
        Assert.Equal((hole, next, (long?)1, (long?)3), ((int)damage.Position, (int)damage.EndPosition, damage.Offset, damage.EndOffset));
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

    [Fact] // S-28: the header of a compacted segment says which files are superseded, and another's says nothing about these
    public void Segment_with_the_header_of_another_that_was_compacted_takes_no_other_with_it()
    {
        LogHarness log = WithSealedSegments();
        var header = new byte[SegmentHeader.Size];
        new SegmentHeader(LogKind.Messages, Salt: 1, BaseOffset: 77, CreatedMs: 0) { CoversTo = 1000 }.Write(header);
        LogHarness.Overwrite(log.Disk, log.PathOf(0), 0, header);
        IReadOnlyList<long> before = log.SegmentBases;
        Assert.Equal(log.PathOf(0), DamageOf(() => log.Reopen()).Path);
        Assert.Equal(before, log.SegmentBases);
    }

    [Fact] // S-42: what a crash leaves of a new segment has no header; one with that of another log is no such remain
    public void Newest_segment_with_the_header_of_another_log_is_damage_also_when_it_holds_nothing()
    {
        var log = new LogHarness();
        log.Commit("record");
        string next = log.PathOf(1);
        var header = new byte[SegmentHeader.Size];
        new SegmentHeader(LogKind.Events, Salt: 1, BaseOffset: 1, CreatedMs: 0).Write(header);
        log.Disk.Create(next).Dispose();
        log.Disk.Overwrite(next, header);
        Assert.Equal(next, DamageOf(() => log.Reopen()).Path);
        Assert.Equal(next, Assert.Single(LogVerification.Run(log.Disk, Path.GetDirectoryName(next)!, LogKind.Messages)).Path);
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

    private static LogDamage DamageOf(Func<object> open) => Assert.Throws<LogDamagedException>(open).Damage;

    private static LogHarness WithSealedSegments()
    {
        var log = new LogHarness();
        for (int i = 0; i < 40; i++) log.Commit(LogHarness.Text(i, 1000));
        Assert.True(log.SegmentBases.Count >= 3, "The log hardly rolled.");
        return log;
    }
}
