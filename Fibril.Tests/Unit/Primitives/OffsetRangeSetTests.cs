using CsCheck;
using Fibril.Broker.Primitives;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Primitives;

/// <summary>The set against the plainest one there is. Few offsets make collisions likely, many gaps make its chunks split.</summary>
public sealed class OffsetRangeSetTests
{
    private enum Operation
    {
        Add,
        AddRange,
        Remove,
        TakeFirst,
    }

    [Fact] // M-5, M-6
    public void Small_set_behaves_like_a_sorted_set() =>
        Steps(Gen.Long[0, 40], Gen.Long[0, 12]).Array[0, 120].Sample(
            static steps => AgreesAfterEveryStep([], steps), iter: TestScale.Iterations(500));

    [Fact] // M-5, M-6
    public void Set_with_hundreds_of_gaps_behaves_like_a_sorted_set() =>
        Gen.Select(Gen.Long.Array[200, 500], Steps(Gen.Long[0, 1200], Gen.Long[0, 150]).Array[0, 150]).Sample(
            static (gaps, steps) =>
            {
                // Every second offset, in an order that is not ascending: chunks fill up in the middle.
                long[] start = [.. Enumerable.Range(0, gaps.Length).OrderBy(i => gaps[i]).Select(static i => i * 2L)];
                AgreesAfterEveryStep(start, steps);
            },
            iter: TestScale.Iterations(30));

    [Fact]
    public void Adding_tells_whether_the_offset_is_new_and_removing_whether_it_was_there()
    {
        var set = new OffsetRangeSet();

        Assert.True(set.Add(7));
        Assert.False(set.Add(7));
        Assert.True(set.Remove(7));
        Assert.False(set.Remove(7));
        Assert.False(set.Remove(-1));
        Assert.True(set.IsEmpty);
    }

    [Fact] // M-5
    public void Ten_million_neighbours_are_one_range()
    {
        var set = new OffsetRangeSet();
        set.AddRange(new OffsetRange(0, 10_000_000));
        set.Add(10_000_000);
        Assert.Equal((10_000_001L, 1), (set.Count, set.RangeCount));

        set.Remove(5_000_000);
        Assert.Equal([new OffsetRange(0, 5_000_000), new OffsetRange(5_000_001, 10_000_001)], set.Ranges);
    }

    [Fact] // M-6
    public void Filling_the_last_gap_joins_everything_behind_it()
    {
        var set = new OffsetRangeSet();
        for (long offset = 1; offset < 1000; offset += 2) set.Add(offset);
        Assert.Equal(500, set.RangeCount);

        set.AddRange(new OffsetRange(0, 1000));
        Assert.Equal([new OffsetRange(0, 1000)], set.Ranges);
        Assert.Equal(1000, set.Count);
    }

    [Fact]
    public void Empty_range_adds_nothing()
    {
        var set = new OffsetRangeSet();
        set.AddRange(new OffsetRange(5, 5));
        set.AddRange(new OffsetRange(6, 5));
        Assert.True(set.IsEmpty);
        Assert.Equal((0, 0), (set.Count, set.RangeCount));
    }

    [Fact]
    public void Cleared_set_is_empty_and_can_be_used_again()
    {
        var set = new OffsetRangeSet();
        for (long offset = 0; offset < 300; offset += 2) set.Add(offset);
        set.Clear();
        Assert.True(set.IsEmpty);
        Assert.Equal((0, 0), (set.Count, set.RangeCount));
        Assert.False(set.Contains(0));

        set.Add(3);
        Assert.Equal(new OffsetRange(3, 4), set.First);
    }

    private static Gen<(Operation Operation, long Start, long Length)> Steps(Gen<long> starts, Gen<long> lengths) =>
        Gen.Select(Gen.Enum<Operation>(), starts, lengths);

    private static void AgreesAfterEveryStep(long[] start, (Operation Operation, long Start, long Length)[] steps)
    {
        var set = new OffsetRangeSet();
        var model = new SortedSet<long>();
        foreach (long offset in start)
        {
            set.Add(offset);
            model.Add(offset);
        }

        AssertSame(model, set);
        foreach ((Operation operation, long offset, long length) in steps)
        {
            Apply(operation, offset, length, set, model);
            AssertSame(model, set);
        }
    }

    private static void Apply(Operation operation, long offset, long length, OffsetRangeSet set, SortedSet<long> model)
    {
        switch (operation)
        {
            case Operation.Add:
                Assert.Equal(model.Add(offset), set.Add(offset));
                break;
            case Operation.AddRange:
                set.AddRange(new OffsetRange(offset, offset + length));
                for (long each = offset; each < offset + length; each++) model.Add(each);
                break;
            case Operation.Remove:
                Assert.Equal(model.Remove(offset), set.Remove(offset));
                break;
            case Operation.TakeFirst when model.Count > 0:
                long lowest = model.Min;
                model.Remove(lowest);
                Assert.Equal(lowest, set.TakeFirst());
                break;
        }

        foreach (long near in (ReadOnlySpan<long>)[offset - 1, offset, offset + length - 1, offset + length])
            Assert.Equal(model.Contains(near), set.Contains(near));
    }

    private static void AssertSame(SortedSet<long> model, OffsetRangeSet set)
    {
        List<OffsetRange> ranges = Coalesce(model);
        if (!ranges.SequenceEqual(set.Ranges)) Assert.Equal(ranges, set.Ranges);
        Assert.Equal(ranges.Count, set.RangeCount);
        Assert.Equal(model.Count, set.Count);
        Assert.Equal(model.Count == 0, set.IsEmpty);
        if (ranges.Count > 0) Assert.Equal(ranges[0], set.First);
    }

    private static List<OffsetRange> Coalesce(SortedSet<long> offsets)
    {
        var ranges = new List<OffsetRange>();
        foreach (long offset in offsets)
        {
            if (ranges.Count > 0 && ranges[^1].End == offset) ranges[^1] = ranges[^1] with { End = offset + 1 };
            else ranges.Add(new OffsetRange(offset, offset + 1));
        }

        return ranges;
    }
}
