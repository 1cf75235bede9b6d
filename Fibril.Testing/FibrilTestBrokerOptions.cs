using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fibril.Testing;

/// <summary>How a test broker is set up.</summary>
public sealed class FibrilTestBrokerOptions
{
    /// <summary>How long a delivered, unsettled message stays leased, in the broker's time; from 1 ms, default 30 s.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session waits for its client after the connection is gone, in the broker's time; from 0, default 5 s.</summary>
    public TimeSpan ReconnectGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Partitions of a queue or stream that is declared without a count; from 1, default 1.</summary>
    public int DefaultPartitionCount { get; set; } = 1;

    /// <summary>The port to listen on; default 0, which takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>What the broker's clock shows at the start; default the time of this machine.</summary>
    public DateTimeOffset? StartTime { get; set; }

    /// <summary>Where the broker's log goes; default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;
}
