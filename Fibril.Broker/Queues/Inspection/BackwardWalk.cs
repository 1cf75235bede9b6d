namespace Fibril.Broker.Queues.Inspection;

/// <summary>Goes through the messages of a partition from the newest to the oldest, a window of offsets at a time. One call at a time.</summary>
/// <param name="partition">Held by the caller.</param>
/// <param name="wanted">The states of the messages.</param>
/// <remarks>A window grows where there is little to find and shrinks where there is much, so wide gaps cost a few looks, and no look finds more than its bound.</remarks>
internal sealed class BackwardWalk(QueuePartition partition, StatusFilter wanted)
{
    /// <summary>Most messages of one look: few enough that consumers do not wait for it.</summary>
    public const int MostPerLook = 256;

    private const long LargestWindow = 1L << 40;

    private (long From, long End)? _again; // a window that has to be looked at once more, before the next one
    private long _end = long.MaxValue;
    private long _width = MostPerLook;

    /// <summary>The messages of the next window with any, ascending within it; null at the oldest message.</summary>
    public async Task<InspectionSlice?> NextAsync(CancellationToken cancellationToken)
    {
        if (_again is { } window)
        {
            _again = null;
            return await partition.AskAsync(asked => asked.FindWithin(window.From, window.End, MostPerLook, wanted), cancellationToken);
        }

        while (true)
        {
            (long end, long width) = (_end, _width);
            InspectionSlice slice = await partition.AskAsync(asked => asked.FindNewest(end, width, MostPerLook, wanted), cancellationToken);
            if (slice.States.Count > MostPerLook)
            {
                // A window of as many offsets as messages are allowed never holds too many.
                _width = Math.Max(MostPerLook, width / 2);
                continue;
            }

            _end = slice.NextOffset;
            if (slice.States.Count < MostPerLook / 4) _width = Math.Min(width * 2, LargestWindow);
            if (slice.States.Count > 0) return slice;
            if (_end <= slice.StartOffset) return null;
        }
    }

    /// <summary>The end of a window has to be looked at once more: its records stand elsewhere by now.</summary>
    /// <param name="slice">The window that was answered last.</param>
    /// <param name="from">Where that end begins.</param>
    public void Repeat(InspectionSlice slice, long from) => _again = (from, slice.States[^1].Offset + 1);
}
