using Fibril.Protocol;

namespace Fibril.Client.Routing;

/// <summary>What the client routes by. Operations read it and never fetch it. Thread-safe.</summary>
internal sealed class TopologyCache
{
    private readonly Lock _gate = new();
    private RoutingTable _current = RoutingTable.Empty;
    private bool _isKnown;

    public RoutingTable Current => Volatile.Read(ref _current);

    /// <summary>Takes <paramref name="snapshot"/> over unless it is older than what is known .</summary>
    /// <param name="snapshot">A complete picture.</param>
    /// <param name="generation">What the client routes by afterwards: the value to acknowledge with (TOP-6).</param>
    /// <returns>False when the snapshot was too old.</returns>
    public bool Apply(TopologySnapshot snapshot, out ulong generation)
    {
        lock (_gate)
        {
            bool isNewer = !_isKnown || snapshot.Generation >= _current.Generation;
            if (isNewer)
            {
                _isKnown = true;
                Volatile.Write(ref _current, RoutingTable.From(snapshot));
            }

            generation = _current.Generation;
            return isNewer;
        }
    }

    /// <summary>Keeps what a declaration answered until the next snapshot says it too.</summary>
    public void NoteDeclared(QueueAddress queue, uint partitionCount)
    {
        lock (_gate)
        {
            QueueRouting known = _current.Find(queue);
            uint count = Math.Max(1, partitionCount);
            if (known.PartitionCount != count) Volatile.Write(ref _current, _current.With(queue, known with { PartitionCount = count }));
        }
    }
}
