using System.Text.Json.Serialization;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin;

/// <summary>What the process uses, for operators and the bench; names no queue and no client.</summary>
internal static class StatusEndpoint
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/statusz", static (QueueRegistry queues, StreamRegistry streams, ConnectionRegistry connections) => Results.Json(
            new BrokerStatus(
                GC.GetTotalAllocatedBytes(precise: false),
                [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)],
                GC.GetGCMemoryInfo().HeapSizeBytes,
                Environment.WorkingSet,
                connections.Count,
                queues.Catalogue.Count,
                queues.Loaded.Count() + streams.Loaded.Count(),
                streams.Catalogue.Count),
            StatusJson.Default.BrokerStatus));
}

/// <param name="AllocatedBytes">Managed memory allocated since the start, in bytes.</param>
/// <param name="GcCollections">Collections since the start, by generation.</param>
/// <param name="HeapBytes">Managed heap after the last collection, in bytes.</param>
/// <param name="ResidentBytes">Physical memory of the process, in bytes.</param>
/// <param name="Connections">Open client connections.</param>
/// <param name="Queues">Queues in the catalogue.</param>
/// <param name="OpenPartitions">Partitions in memory, of queues and streams.</param>
/// <param name="Streams">Streams in the catalogue.</param>
internal sealed record BrokerStatus(
    long AllocatedBytes, IReadOnlyList<int> GcCollections, long HeapBytes, long ResidentBytes, int Connections, int Queues, int OpenPartitions, int Streams);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BrokerStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
