using CsCheck;
using Fibril.Broker.Log.Segments;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

public sealed class SegmentIndexTests
{
    private const int IntervalBytes = 32 << 10;

    [Fact]
    public void Lookups_agree_with_a_walk_over_all_records() =>
        Gen.Select(Gen.Int[8, 9000].Array[0, 80], Gen.Long[0, 50], Gen.Long[-5, 90], Gen.Int[0, 60]).Sample(
            (sizes, probeOffset, probeTime, noise) =>
            {
                var index = new SegmentIndex();
                var records = new List<(long Offset, long Position, long Timestamp)>();
                long position = 64;
                for (int i = 0; i < sizes.Length; i++)
                {
                    long timestamp = i + (i * 31 % (noise + 1));
                    records.Add((100 + i, position, timestamp));
                    index.Note(100 + i, position, timestamp, timestamp);
                    position += sizes[i];
                }

                AssertFindsByOffset(index, records, 100 + probeOffset);
                AssertFindsByTime(index, records, probeTime);
                Assert.Equal(records.Count == 0 ? long.MinValue : records.Max(static record => record.Timestamp), index.LargestTimestamp);
            },
            iter: TestScale.Iterations(300));

    [Fact]
    public void There_is_one_entry_in_about_32_KiB()
    {
        var index = new SegmentIndex();
        for (int i = 0; i < 1024; i++) index.Note(i, 64 + (i * 1024L), i, i);
        Assert.Equal(32, index.Entries.Count);
        Assert.Equal(Enumerable.Range(0, 32).Select(static i => i * 32L), index.Entries.Select(static entry => entry.Offset));
    }

    [Fact]
    public void Offset_before_the_segment_has_no_entry()
    {
        SegmentIndex index = Sample();
        Assert.Null(index.FindByOffset(99));
        Assert.Equal(100, index.FindByOffset(100)?.Offset);
        Assert.Null(new SegmentIndex().FindByOffset(0));
        Assert.Null(new SegmentIndex().FindByTime(0));
    }

    [Fact] // S-29
    public void Index_survives_the_way_to_bytes_and_back()
    {
        SegmentIndex index = Sample();
        Assert.True(SegmentIndex.TryDecode(index.Encode(salt: 7, endOffset: 300, endPosition: 12345), salt: 7, out DecodedIndex decoded));
        Assert.Equal(index.Entries, decoded.Index.Entries);
        Assert.Equal(index.LargestTimestamp, decoded.Index.LargestTimestamp);
        Assert.Equal((300L, 12345L), (decoded.EndOffset, decoded.EndPosition));

        Assert.True(SegmentIndex.TryDecode(new SegmentIndex().Encode(1, 0, 64), 1, out decoded));
        Assert.Empty(decoded.Index.Entries);
    }

    [Fact] // S-29
    public void Damage_to_any_byte_or_length_and_another_segments_index_are_refused()
    {
        byte[] encoded = Sample().Encode(salt: 7, endOffset: 300, endPosition: 12345);
        for (int i = 0; i < encoded.Length; i++)
        {
            encoded[i] ^= 0x10;
            Assert.False(SegmentIndex.TryDecode(encoded, 7, out _), $"byte {i}");
            encoded[i] ^= 0x10;
        }

        for (int length = 0; length < encoded.Length; length++) Assert.False(SegmentIndex.TryDecode(encoded.AsSpan(0, length), 7, out _));
        Assert.False(SegmentIndex.TryDecode([.. encoded, 0], 7, out _));
        Assert.False(SegmentIndex.TryDecode(encoded, 8, out _));
        Assert.True(SegmentIndex.TryDecode(encoded, 7, out _));
    }

    private static SegmentIndex Sample()
    {
        var index = new SegmentIndex();
        for (int i = 0; i < 200; i++) index.Note(100 + i, 64 + (i * 1000L), 5000 + i, 5000 + (i % 7));
        return index;
    }

    private static void AssertFindsByOffset(SegmentIndex index, List<(long Offset, long Position, long Timestamp)> records, long offset)
    {
        IndexEntry? found = index.FindByOffset(offset);
        if (records.Count == 0)
        {
            Assert.Null(found);
            return;
        }

        (long Offset, long Position, long Timestamp) record = records[(int)Math.Min(offset - 100, records.Count - 1)];
        Assert.NotNull(found);
        Assert.Contains(records, each => each.Offset == found.Value.Offset && each.Position == found.Value.Position);
        Assert.InRange(record.Position - found.Value.Position, 0, IntervalBytes - 1);
    }

    private static void AssertFindsByTime(SegmentIndex index, List<(long Offset, long Position, long Timestamp)> records, long time)
    {
        if (index.FindByTime(time) is not { } found)
        {
            Assert.Empty(records);
            return;
        }

        Assert.All(records.TakeWhile(record => record.Offset < found.Offset), record => Assert.True(record.Timestamp < time));
        int first = records.FindIndex(record => record.Timestamp >= time);
        if (first >= 0) Assert.InRange(records[first].Position - found.Position, 0, IntervalBytes - 1);
    }
}
