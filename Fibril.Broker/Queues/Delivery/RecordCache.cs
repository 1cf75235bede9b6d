using Fibril.Broker.Channels;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Queues.Delivery;

/// <summary>Records in memory that are about to be delivered: blocks just published, and blocks read ahead from the log, sorted by offset.</summary>
/// <remarks>
/// A new block is only kept when the consumers will reach it next; a backlog is read from the log in order, and costs the same memory
/// however long it is. Belongs to the partition loop.
/// </remarks>
internal sealed class RecordCache(TailCacheBudget budget)
{
    private readonly List<Entry> _blocks = [];
    private int _current;

    /// <summary>Offset behind the last record held; -1 when empty.</summary>
    public long EndOffset => _blocks.Count == 0 ? -1 : _blocks[^1].Block.EndOffset;

    /// <summary>Memory of blocks that were read from the log, in bytes.</summary>
    public long HeldReadBytes { get; private set; }

    /// <summary>True when <paramref name="offset"/> is held; the record is valid until the cache changes.</summary>
    public bool TryGet(long offset, out Record record)
    {
        if (!Locate(offset))
        {
            record = default;
            return false;
        }

        RecordBlock block = _blocks[_current].Block;
        record = block[(int)(offset - block.FirstOffset)];
        return true;
    }

    /// <summary>The first offset at or after <paramref name="offset"/> that is not held.</summary>
    public long EndOfRunAt(long offset)
    {
        while (Locate(offset)) offset = _blocks[_current].Block.EndOffset;
        return offset;
    }

    /// <summary>Takes over a block that was just published, or gives its memory back when the budget is used up.</summary>
    public void AddPublished(RecordBlock block)
    {
        if (budget.TryTake(block.HeldBytes)) Insert(new Entry(block, block.HeldBytes));
        else block.Dispose();
    }

    /// <summary>Takes over a block that was read because its records are wanted now; room is always made for it.</summary>
    public void AddRead(RecordBlock block)
    {
        HeldReadBytes += block.HeldBytes;
        Insert(new Entry(block, 0));
    }

    /// <summary>Gives up the blocks at the front that end at or before <paramref name="offset"/>.</summary>
    public void ReleaseBefore(long offset)
    {
        int count = 0;
        while (count < _blocks.Count && _blocks[count].Block.EndOffset <= offset) Release(_blocks[count++]);
        if (count == 0) return;
        _blocks.RemoveRange(0, count);
        _current = Math.Max(0, _current - count);
    }

    public void Clear() => ReleaseBefore(long.MaxValue);

    /// <summary>Moves to the block with <paramref name="offset"/>; mostly the one it is at already, or the next.</summary>
    private bool Locate(long offset)
    {
        if (IsAt(_current, offset)) return true;
        if (IsAt(_current + 1, offset))
        {
            _current++;
            return true;
        }

        int found = IndexOfLastStartingAtOrBefore(offset);
        if (!IsAt(found, offset)) return false;
        _current = found;
        return true;
    }

    private bool IsAt(int index, long offset) =>
        (uint)index < (uint)_blocks.Count && _blocks[index].Block.FirstOffset <= offset && offset < _blocks[index].Block.EndOffset;

    private void Insert(Entry entry) => _blocks.Insert(IndexOfLastStartingAtOrBefore(entry.Block.FirstOffset) + 1, entry);

    private int IndexOfLastStartingAtOrBefore(long offset)
    {
        int low = 0;
        int high = _blocks.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_blocks[middle].Block.FirstOffset <= offset) low = middle + 1;
            else high = middle - 1;
        }

        return high;
    }

    private void Release(Entry entry)
    {
        if (entry.BudgetBytes > 0) budget.Return(entry.BudgetBytes);
        else HeldReadBytes -= entry.Block.HeldBytes;
        entry.Block.Dispose();
    }

    private readonly record struct Entry(RecordBlock Block, int BudgetBytes);
}
