using Fibril.Broker.Channels;
using Fibril.Broker.Log;
using Fibril.Broker.Primitives.Metering;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Statistics;

/// <summary>The metrics of every module of one broker, made with the same instruments.</summary>
internal sealed class BrokerMetrics
{
    public BrokerMetrics(Instruments instruments)
    {
        Instruments = instruments;
        Channels = new ChannelMetrics(instruments);
        Queues = new QueueMetrics(instruments, Channels);
        Streams = new StreamMetrics(instruments, Channels);
        Log = new LogMetrics(instruments);
        Sessions = new SessionMetrics(instruments);
    }

    public Instruments Instruments { get; }

    public ChannelMetrics Channels { get; }

    public QueueMetrics Queues { get; }

    public StreamMetrics Streams { get; }

    public LogMetrics Log { get; }

    public SessionMetrics Sessions { get; }
}
