using Fibril.Protocol;

namespace Fibril.Client.Consuming;

/// <summary>Where the partitions of a stream are read from. Immutable.</summary>
/// <param name="Elsewhere">For partitions of which nothing is known.</param>
/// <param name="Known">By partition.</param>
internal sealed record StreamPlaces(StreamStart Elsewhere, IReadOnlyDictionary<uint, StreamStart> Known)
{
    /// <summary>For a stream of which nothing is to be missed.</summary>
    public static readonly StreamPlaces Beginning = At(StreamStart.Earliest);

    public static StreamPlaces At(StreamStart start) => new(start, new Dictionary<uint, StreamStart>());

    public StreamStart Of(uint partition) => Known.GetValueOrDefault(partition, Elsewhere);
}
