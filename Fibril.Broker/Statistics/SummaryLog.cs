using Fibril.Broker.Statistics.Readings;

namespace Fibril.Broker.Statistics;

/// <summary>One line each for messages, storage and connections every ten seconds, and only when something has happened since the last.</summary>
/// <remarks>Called with every sample, by one thread at a time.</remarks>
internal sealed class SummaryLog(ILogger logger)
{
    private const int SamplesPerLine = 2;

    private int _samples;
    private (long Published, long Delivered, long Settled) _messages;
    private (long Reads, long Writes) _storage;
    private (long Accepted, long Ended, long Errors, long Reconciliations) _connections;

    public void Tell(StatisticsReading reading)
    {
        if (++_samples % SamplesPerLine != 0 || !logger.IsEnabled(LogLevel.Debug)) return;
        TellMessages(reading.Messages);
        TellStorage(reading.Storage);
        TellConnections(reading.Connections, reading.Sessions);
    }

    private void TellMessages(MessageReading now)
    {
        (long, long, long) totals = (now.Published.Total, now.Delivered.Total, now.Acked.Total + now.Nacked.Total + now.Expired.Total);
        if (totals == _messages) return;
        _messages = totals;
        logger.Messages(new MessageSummary(now));
    }

    private void TellStorage(StorageReading now)
    {
        (long, long) totals = (now.Reads.Total, now.Writes.Total);
        if (totals == _storage) return;
        _storage = totals;
        logger.Storage(new StorageSummary(now));
    }

    private void TellConnections(ConnectionReading now, SessionReading sessions)
    {
        // Heartbeats are bytes, too: they alone are no news.
        (long, long, long, long) totals = (now.Accepted.Total, now.Ended.Total, now.Errors.Total, sessions.ReconcileRequests);
        if (totals == _connections) return;
        _connections = totals;
        logger.Connections(new ConnectionSummary(now, sessions));
    }
}
