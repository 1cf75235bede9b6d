using Fibril.Broker.Channels;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Delivery;

namespace Fibril.Tests.Unit.Queues;

/// <summary>Records in memory that are about to be delivered, and the bound on them.</summary>
public sealed class RecordCacheTests
{
    private readonly TailCacheBudget _budget = new(1 << 20);
    private readonly RecordCache _cache;

    public RecordCacheTests() => _cache = new RecordCache(_budget);

    [Fact]
    public void Records_are_found_by_offset_in_whatever_order_their_blocks_came()
    {
        _cache.AddRead(Block(10, count: 5));
        _cache.AddPublished(Block(20, count: 5));
        _cache.AddRead(Block(15, count: 5));
        _cache.AddRead(Block(0, count: 5));
        for (long offset = -1; offset <= 26; offset++) AssertHeld(offset, isHeld: offset is (>= 0 and < 5) or (>= 10 and < 25));
        for (long offset = 26; offset >= -1; offset--) AssertHeld(offset, isHeld: offset is (>= 0 and < 5) or (>= 10 and < 25));
    }

    [Fact]
    public void A_run_ends_where_the_next_record_is_not_held()
    {
        Assert.Equal(7, _cache.EndOfRunAt(7));
        _cache.AddRead(Block(0, count: 5));
        _cache.AddRead(Block(5, count: 5));
        _cache.AddRead(Block(11, count: 5));
        Assert.Equal(10, _cache.EndOfRunAt(0));
        Assert.Equal(10, _cache.EndOfRunAt(7));
        Assert.Equal(10, _cache.EndOfRunAt(10));
        Assert.Equal(16, _cache.EndOfRunAt(11));
        Assert.Equal(16, _cache.EndOffset);
    }

    [Fact]
    public void Blocks_that_were_passed_are_given_up_whole()
    {
        _cache.AddRead(Block(0, count: 5));
        _cache.AddRead(Block(5, count: 5));
        _cache.ReleaseBefore(4);
        AssertHeld(0, isHeld: true);
        _cache.ReleaseBefore(5);
        AssertHeld(4, isHeld: false);
        AssertHeld(5, isHeld: true);
        _cache.Clear();
        AssertHeld(5, isHeld: false);
        Assert.Equal((-1L, 0L), (_cache.EndOffset, _cache.HeldReadBytes));
    }

    [Fact] // M-68: memory is bounded over all partitions, and comes back
    public void Published_blocks_share_a_budget_and_return_what_they_took()
    {
        int size = Block(0, count: 1).HeldBytes;
        var budget = new TailCacheBudget(size * 2);
        var one = new RecordCache(budget);
        var other = new RecordCache(budget);
        one.AddPublished(Block(0, count: 1));
        other.AddPublished(Block(0, count: 1));
        one.AddPublished(Block(1, count: 1)); // no room left
        Assert.False(one.TryGet(1, out _));

        other.Clear();
        one.AddPublished(Block(2, count: 1));
        Assert.True(one.TryGet(2, out _));
        Assert.False(budget.TryTake(1));
        one.Clear();
        Assert.True(budget.TryTake(size * 2));
    }

    [Fact]
    public void Blocks_that_were_read_are_counted_and_take_nothing_from_the_budget()
    {
        RecordBlock block = Block(0, count: 3);
        long size = block.HeldBytes;
        _cache.AddRead(block);
        Assert.Equal(size, _cache.HeldReadBytes);
        Assert.True(_budget.TryTake(1 << 20));
        _cache.ReleaseBefore(3);
        Assert.Equal(0, _cache.HeldReadBytes);
        Assert.False(_budget.TryTake(1));
    }

    private static RecordBlock Block(long firstOffset, int count)
    {
        RecordBlock block = RecordBlock.Rent(count * 64);
        for (int i = 0; i < count; i++) block.Add(kind: 1, attributes: 0, timestamp: firstOffset + i, bodyBytes: 8).Clear();
        block.Seal(firstOffset, unsyncedBefore: 0, salt: 1);
        return block;
    }

    private void AssertHeld(long offset, bool isHeld)
    {
        Assert.True(isHeld == _cache.TryGet(offset, out Broker.Log.Records.Record record), $"offset {offset}");
        if (isHeld) Assert.Equal((offset, offset), (record.Offset, record.Timestamp));
    }
}
