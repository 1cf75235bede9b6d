using System.Diagnostics.CodeAnalysis;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Sessions.Routing;

/// <summary>Finds routes by the bytes that name them in PUBLISH, ACK and NACK, without making strings of them. Not thread-safe.</summary>
/// <remarks>All spellings of one partition share its route: what is collected under each of them keeps one order (FRM-14).</remarks>
internal sealed class RouteTable
{
    // Clients use a handful of routes. One that walks through many must not make the broker remember them all.
    private const int MostRoutes = 4096;

    private readonly Dictionary<byte[], PartitionRoute> _routes = new(KeyComparer.Instance);
    private readonly Dictionary<byte[], PartitionRoute>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly Dictionary<PartitionId, PartitionRoute> _byId = [];
    private byte[] _lastKey = [];
    private PartitionRoute? _last;

    public RouteTable() => _byBytes = _routes.GetAlternateLookup<ReadOnlySpan<byte>>();

    public bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out PartitionRoute? route)
    {
        if (_last is not null && key.SequenceEqual(_lastKey))
        {
            route = _last;
            return true;
        }

        if (!_byBytes.TryGetValue(key, out byte[]? actual, out route)) return false;
        _lastKey = actual;
        _last = route;
        return true;
    }

    /// <summary>The route of a partition, when a spelling of it is known.</summary>
    public PartitionRoute? Find(PartitionId id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// Adds a spelling of a partition and returns the partition's route. Forgets all others when there are too many; work that was
    /// collected for them is not lost by that.
    /// </summary>
    public PartitionRoute Add(ReadOnlySpan<byte> key, PartitionId id)
    {
        if (_routes.Count >= MostRoutes) Clear();
        if (!_byId.TryGetValue(id, out PartitionRoute? route)) _byId.Add(id, route = new PartitionRoute(id));
        _routes.Add(key.ToArray(), route);
        return route;
    }

    /// <summary>Gives up every right to publish.</summary>
    public void EndPublishers()
    {
        foreach (PartitionRoute route in _byId.Values) route.EndPublisher();
    }

    /// <summary>Gives up the rights to publish that were not used since <paramref name="unixMs"/> (I-21).</summary>
    public void EndPublishersIdleSince(long unixMs)
    {
        foreach (PartitionRoute route in _byId.Values)
        {
            if (route.Publishes is null && route.LastPublishMs < unixMs) route.EndPublisher();
        }
    }

    private void Clear()
    {
        // What is being collected keeps its route until it is handed over.
        foreach (PartitionRoute route in _byId.Values.Where(static route => !route.HasWork).ToArray())
        {
            route.EndPublisher();
            _byId.Remove(route.Id);
        }

        foreach (byte[] key in _routes.Where(static entry => !entry.Value.HasWork).Select(static entry => entry.Key).ToArray()) _routes.Remove(key);
        _last = null;
        _lastKey = [];
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
