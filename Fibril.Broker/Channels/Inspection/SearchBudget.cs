namespace Fibril.Broker.Channels.Inspection;

/// <summary>What one request of a search may cost: messages found, messages looked at, bytes, and time. Not thread-safe.</summary>
internal sealed class SearchBudget(TimeProvider time, SearchRequest request)
{
    private const long MostPageBytes = 16 << 20;
    private const long MostReadBytes = 256 << 20;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(2);

    private readonly long _started = time.GetTimestamp();
    private long _pageBytes;
    private long _readBytes;
    private int _found;
    private bool _isLate;

    /// <summary>Messages that were looked at.</summary>
    public long Examined { get; private set; }

    /// <summary>True when the request is to be answered with what there is.</summary>
    public bool IsSpent =>
        _found >= request.Limit || Examined >= request.MostExamined || _pageBytes >= MostPageBytes || _readBytes >= MostReadBytes || _isLate;

    public void Look() => Examined++;

    public void Find(MessageContent content)
    {
        _found++;
        _pageBytes += content.HeldBytes;
    }

    public void Read(long bytes)
    {
        _readBytes += bytes;
        _isLate = time.GetElapsedTime(_started) >= MostTime;
    }
}
