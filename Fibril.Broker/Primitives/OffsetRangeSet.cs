namespace Fibril.Broker.Primitives;

/// <summary>A set of offsets kept as coalesced ranges: ten million neighbours cost as much as one (M-5).</summary>
/// <remarks>
/// Ranges live in short sorted chunks, so that adding or removing in the middle moves a few hundred bytes however many gaps there
/// are. Adjacent ranges are always merged. Not thread-safe.
/// </remarks>
internal sealed class OffsetRangeSet
{
    private const int ChunkCapacity = 64;
    private const int MostSpareChunks = 8;

    private readonly List<Chunk> _chunks = [];
    private readonly Stack<Chunk> _spare = new();

    /// <summary>Number of offsets in the set.</summary>
    public long Count { get; private set; }

    public bool IsEmpty => _chunks.Count == 0;

    /// <summary>Number of ranges the offsets form.</summary>
    public int RangeCount => _chunks.Sum(static chunk => chunk.Count);

    /// <summary>The lowest range. The set must not be empty.</summary>
    public OffsetRange First => _chunks[0][0];

    /// <summary>The highest range. The set must not be empty.</summary>
    public OffsetRange Last => _chunks[^1][_chunks[^1].Count - 1];

    /// <summary>All ranges in ascending order. The set must not change meanwhile.</summary>
    public IEnumerable<OffsetRange> Ranges
    {
        get
        {
            foreach (Chunk chunk in _chunks)
            {
                for (int i = 0; i < chunk.Count; i++) yield return chunk[i];
            }
        }
    }

    /// <summary>The ranges that end behind <paramref name="offset"/>, in ascending order. The set must not change meanwhile.</summary>
    public IEnumerable<OffsetRange> RangesEndingAfter(long offset)
    {
        (int c, int i) = FirstEndingAfter(offset);
        for (; c < _chunks.Count; c++, i = 0)
        {
            for (; i < _chunks[c].Count; i++) yield return _chunks[c][i];
        }
    }

    public bool Contains(long offset) => Find(offset, out Chunk chunk, out int index) && chunk[index].End > offset;

    /// <summary>Adds one offset; false when it was there already.</summary>
    public bool Add(long offset)
    {
        if (Contains(offset)) return false;
        AddRange(OffsetRange.Of(offset));
        return true;
    }

    /// <summary>Adds a range that may overlap what is there.</summary>
    public void AddRange(OffsetRange range)
    {
        if (range.Count <= 0) return;
        (int c, int i) = Locate(range.Start);

        // Grow the range at or before the start when it touches, else put a new one behind it.
        if (c >= 0 && _chunks[c][i].End >= range.Start)
        {
            OffsetRange touched = _chunks[c][i];
            if (touched.End >= range.End) return;
            Count -= touched.Count;
            range = new OffsetRange(touched.Start, range.End);
        }
        else
        {
            (c, i) = Insert(c, i, range);
        }

        range = AbsorbFollowing(c, i, range);
        _chunks[c][i] = range;
        Count += range.Count;
    }

    /// <summary>Removes one offset; false when it was not there.</summary>
    public bool Remove(long offset)
    {
        (int c, int i) = Locate(offset);
        if (c < 0) return false;
        OffsetRange found = _chunks[c][i];
        if (found.End <= offset) return false;

        Count--;
        Cut(c, i, found, OffsetRange.Of(offset));
        return true;
    }

    /// <summary>Removes every offset of a range that is in the set.</summary>
    public void RemoveRange(OffsetRange range)
    {
        while (range.Count > 0)
        {
            (int c, int i) = FirstEndingAfter(range.Start);
            if (c == _chunks.Count || _chunks[c][i].Start >= range.End) return;

            OffsetRange found = _chunks[c][i];
            OffsetRange cut = new(Math.Max(found.Start, range.Start), Math.Min(found.End, range.End));
            Count -= cut.Count;
            Cut(c, i, found, cut);
            range = range with { Start = cut.End };
        }
    }

    /// <summary>Takes the lowest offset out of the set, which must not be empty.</summary>
    public long TakeFirst()
    {
        OffsetRange first = First;
        Count--;
        if (first.Count == 1) RemoveAt(0, 0);
        else _chunks[0][0] = first with { Start = first.Start + 1 };
        return first.Start;
    }

    public void Clear()
    {
        _chunks.Clear();
        Count = 0;
    }

    /// <summary>Takes <paramref name="cut"/>, which lies inside it, out of the range at (c, i).</summary>
    private void Cut(int c, int i, OffsetRange found, OffsetRange cut)
    {
        bool atStart = found.Start == cut.Start;
        bool atEnd = found.End == cut.End;
        if (atStart && atEnd)
        {
            RemoveAt(c, i);
        }
        else if (atStart)
        {
            _chunks[c][i] = found with { Start = cut.End };
        }
        else
        {
            _chunks[c][i] = found with { End = cut.Start };
            if (!atEnd) Insert(c, i, new OffsetRange(cut.End, found.End));
        }
    }

    /// <summary>The first range that ends behind <paramref name="offset"/>; its chunk is behind the last when there is none.</summary>
    private (int Chunk, int Index) FirstEndingAfter(long offset)
    {
        (int c, int i) = Locate(offset);
        if (c < 0) return (0, 0);
        if (_chunks[c][i].End > offset) return (c, i);
        return i + 1 < _chunks[c].Count ? (c, i + 1) : (c + 1, 0);
    }

    private bool Find(long offset, out Chunk chunk, out int index)
    {
        (int c, index) = Locate(offset);
        chunk = c < 0 ? null! : _chunks[c];
        return c >= 0;
    }

    /// <summary>The last range that starts at or before <paramref name="offset"/>; (-1, -1) when there is none.</summary>
    private (int Chunk, int Index) Locate(long offset)
    {
        int low = 0;
        int high = _chunks.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_chunks[middle][0].Start <= offset) low = middle + 1;
            else high = middle - 1;
        }

        return high < 0 ? (-1, -1) : (high, _chunks[high].LastStartingAtOrBefore(offset));
    }

    /// <summary>Merges the ranges behind (c, i) that <paramref name="range"/> reaches, and returns the merged range.</summary>
    private OffsetRange AbsorbFollowing(int c, int i, OffsetRange range)
    {
        while (true)
        {
            (int nextChunk, int nextIndex) = i + 1 < _chunks[c].Count ? (c, i + 1) : (c + 1, 0);
            if (nextChunk == _chunks.Count) return range;
            OffsetRange next = _chunks[nextChunk][nextIndex];
            if (next.Start > range.End) return range;

            Count -= next.Count;
            if (next.End > range.End) range = range with { End = next.End };
            RemoveAt(nextChunk, nextIndex);
        }
    }

    /// <summary>Puts a range behind position (c, i), where (-1, -1) stands before the first, and returns where it went.</summary>
    private (int Chunk, int Index) Insert(int c, int i, OffsetRange range)
    {
        if (c < 0)
        {
            if (_chunks.Count == 0) _chunks.Add(NewChunk());
            (c, i) = (0, -1);
        }

        if (_chunks[c].Count == ChunkCapacity)
        {
            // Appending at the very end starts a fresh chunk, so that a set that only grows keeps full chunks.
            bool atEnd = c == _chunks.Count - 1 && i == ChunkCapacity - 1;
            _chunks.Insert(c + 1, NewChunk());
            if (!atEnd) _chunks[c].MoveUpperHalfTo(_chunks[c + 1]);
            if (atEnd || i >= _chunks[c].Count) (c, i) = (c + 1, i - _chunks[c].Count);
        }

        _chunks[c].InsertAt(i + 1, range);
        return (c, i + 1);
    }

    private void RemoveAt(int c, int i)
    {
        Chunk chunk = _chunks[c];
        chunk.RemoveAt(i);
        if (chunk.Count > 0) return;
        _chunks.RemoveAt(c);
        if (_spare.Count < MostSpareChunks) _spare.Push(chunk);
    }

    private Chunk NewChunk() => _spare.TryPop(out Chunk? spare) ? spare : new Chunk();

    private sealed class Chunk
    {
        private readonly OffsetRange[] _ranges = new OffsetRange[ChunkCapacity];

        public int Count { get; private set; }

        public OffsetRange this[int index]
        {
            get => _ranges[index];
            set => _ranges[index] = value;
        }

        public int LastStartingAtOrBefore(long offset)
        {
            int low = 0;
            int high = Count - 1;
            while (low <= high)
            {
                int middle = (low + high) >>> 1;
                if (_ranges[middle].Start <= offset) low = middle + 1;
                else high = middle - 1;
            }

            return high;
        }

        public void InsertAt(int index, OffsetRange range)
        {
            Array.Copy(_ranges, index, _ranges, index + 1, Count - index);
            _ranges[index] = range;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(_ranges, index + 1, _ranges, index, Count - index);
        }

        public void MoveUpperHalfTo(Chunk empty)
        {
            empty.Count = Count - (Count / 2);
            Count /= 2;
            Array.Copy(_ranges, Count, empty._ranges, 0, empty.Count);
        }
    }
}
