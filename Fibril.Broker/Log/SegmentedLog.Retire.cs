using Fibril.Broker.Log.Segments;

namespace Fibril.Broker.Log;

internal sealed partial class SegmentedLog
{
    /// <summary>Gives up sealed segments that lie entirely before <paramref name="offset"/>; their files go behind the loop's back.</summary>
    /// <remarks>A read that was planned before and has not opened its file ends with <see cref="SegmentGoneException"/>.</remarks>
    /// <returns>Bytes given up.</returns>
    public long DropBefore(long offset)
    {
        int count = 0;
        while (count < _segments.Count - 1 && _segments[count].EndOffset <= offset) count++;
        if (count == 0) return 0;

        long bytes = 0;
        var files = new List<string>(count * 2);
        foreach (Segment segment in _segments[..count])
        {
            bytes += segment.EndPosition;
            segment.IsGivenUp = true;
            files.Add(segment.Path);
            files.Add(SegmentNames.IndexOf(segment.Path));
        }

        _segments.RemoveRange(0, count);
        ForEachReader(static reader => reader.CloseWhatWasGivenUp());
        Discard(files);
        return bytes;
    }

    /// <summary>Writes and syncs what was accepted, gives reserved space back and closes the files; <see cref="IsClosed"/> says when. Asking again does nothing.</summary>
    /// <remarks>No read may be under way, and nothing may be appended afterwards.</remarks>
    public void RequestClose()
    {
        ForEachReader(static reader => reader.CloseFile());
        bool isFirst = Begin(static log =>
        {
            // Each sync that ends is told to the owner, who asks again in answer: it must not cost another one.
            if (log._closeRequested) return false;
            return log._syncRequested = log._closeRequested = true;
        });
        if (isFirst) _environment.Flusher.Schedule(this);
    }
}
