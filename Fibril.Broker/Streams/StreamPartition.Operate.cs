using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Streams.Cursors;
using Fibril.Protocol;

namespace Fibril.Broker.Streams;

// What operators ask of a partition.
internal sealed partial class StreamPartition
{
    private CloseReason _closeReason;
    private string? _closeText;

    /// <summary>What is kept, who reads it, and how far each cursor is (P-54, P-71). Thread-safe.</summary>
    /// <exception cref="PartitionNotServingException">It serves nobody now.</exception>
    public Task<StreamPartitionStatus> DescribeAsync() => AskAsync(static partition => partition.Describe());

    /// <summary>Asks something that is answered on the loop and changes nothing. Thread-safe.</summary>
    /// <exception cref="PartitionNotServingException">It serves nobody now.</exception>
    internal async Task<T> AskAsync<T>(Func<StreamPartition, T> question)
    {
        var query = new StreamQuery<T>(question);
        await PostAsync(query, CancellationToken.None);
        return await query.Answer;
    }

    /// <summary>Closes the partition for good: subscriptions end with a reason, publishes are refused with the text. Thread-safe.</summary>
    public Task CloseAsync(CloseReason reason, string text)
    {
        _closeReason = reason;
        Volatile.Write(ref _closeText, text);
        return StopAsync();
    }

    private StreamPartitionStatus Describe() => new(
        Id,
        _log.StartOffset,
        _visibleEnd,
        _log.SizeBytes,
        _subscriptions.Count,
        _subscriptions.Count(static subscription => subscription.IsLive),
        LagRecoveries,
        LaggedCount,
        [.. _cursors.All.OrderBy(static cursor => cursor.Name, StringComparer.Ordinal).Select(Describe)]);

    private CursorStatus Describe(StreamCursor cursor)
    {
        long position = cursor.Position ?? _log.StartOffset;
        return new CursorStatus(
            cursor.Name, position, Math.Max(0, _visibleEnd - position), cursor.ReaderCount, cursor.IsLagged,
            cursor.LastAdvancedMs == 0 ? null : cursor.LastAdvancedMs);
    }
}
