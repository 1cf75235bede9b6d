namespace Fibril.Broker.Log;

/// <summary>The search for the first record of a time or later, decided on the loop and carried out off it.</summary>
/// <param name="Log">The log of the records.</param>
/// <param name="Plan">Where to look for the time.</param>
/// <param name="StartOffset">Offset of the oldest record that is stored.</param>
/// <param name="EndOffset">Offset behind the newest record that may be seen.</param>
internal sealed record TimeSearch(SegmentedLog Log, TimeSearchPlan Plan, long StartOffset, long EndOffset)
{
    /// <summary>An offset within the bounds with only earlier records before it, at most one index interval too low. Blocks on the disk.</summary>
    /// <exception cref="SegmentGoneException">A segment was given up since; plan again.</exception>
    public long FindNear()
    {
        using LogReader reader = Log.NewReader();
        return Math.Clamp(reader.FindByTime(Plan), StartOffset, EndOffset);
    }

    /// <summary>The first record of the time or later; the end when there is none, and null when the runs must be planned again. Blocks on the disk.</summary>
    /// <param name="near">What <see cref="FindNear"/> has found.</param>
    /// <param name="runs">Reads of what is stored from there on.</param>
    /// <param name="cancellationToken">Gives up between two reads.</param>
    public FoundTime? FindExactly(long near, IReadOnlyList<PlannedRun> runs, CancellationToken cancellationToken)
    {
        if (near >= EndOffset) return new FoundTime(EndOffset, null, StartOffset, EndOffset);
        using var reader = new RunReader(Log, runs);
        while (reader.ReadNext() is { } block)
        {
            using (block)
            {
                for (int i = 0; i < block.Count; i++)
                {
                    if (block[i].Offset >= EndOffset) break;
                    if (block[i].Offset >= near && block[i].Timestamp >= Plan.Timestamp) return new FoundTime(block[i].Offset, block[i].Timestamp, StartOffset, EndOffset);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        return reader.GoneFrom is null ? new FoundTime(EndOffset, null, StartOffset, EndOffset) : null;
    }
}

/// <summary>Where a time is in a log.</summary>
/// <param name="Offset">The first record of the time or later; the end when there is none.</param>
/// <param name="ReceivedMs">When it was received, in Unix milliseconds; null at the end.</param>
/// <param name="StartOffset">Offset of the oldest record that is stored.</param>
/// <param name="EndOffset">Offset behind the newest record that may be seen.</param>
internal sealed record FoundTime(long Offset, long? ReceivedMs, long StartOffset, long EndOffset);
