using Fibril.Broker.Channels;
using Fibril.Broker.Primitives.Metering;

namespace Fibril.Broker.Streams;

/// <summary>What happens in streams, beside what they have in common with queues. Thread-safe.</summary>
internal sealed class StreamMetrics
{
    public StreamMetrics(Instruments instruments, ChannelMetrics channels)
    {
        Channels = channels;
        CursorCommits = instruments.Counter("fibril.stream.cursor_commits", "{cursor}", "Places of cursors written down.");
        LagRecoveries = instruments.Counter(
            "fibril.streams.lag_evictions", "{event}", "Times a subscriber overflowed its live buffer and went through lag recovery, on all streams.");
        Overtaken = instruments.Counter("fibril.streams.overtaken", "{event}", "Times retention overtook a reader or a cursor.");
    }

    public ChannelMetrics Channels { get; }

    public Counter CursorCommits { get; }

    public Counter LagRecoveries { get; }

    public Counter Overtaken { get; }
}
