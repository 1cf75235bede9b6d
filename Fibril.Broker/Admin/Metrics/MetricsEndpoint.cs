using System.Buffers;
using Fibril.Broker.Queues;
using Fibril.Broker.Statistics;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Admin.Metrics;

/// <summary>Metrics for Prometheus (admin API 5). A scrape reads what was counted and shown, and asks no partition anything (O-12).</summary>
internal static class MetricsEndpoint
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static RouteHandlerBuilder MapMetrics(this IEndpointRouteBuilder routes, AdminOptions options) =>
        routes.MapGet("/metrics", (HttpResponse response, BrokerStatistics statistics, QueueRegistry queues, StreamRegistry streams) =>
        {
            var body = new ArrayBufferWriter<byte>();
            Write(body, statistics, queues, streams, options.MetricsPerChannel);
            response.ContentType = ContentType;
            response.ContentLength = body.WrittenCount;
            return response.Body.WriteAsync(body.WrittenMemory).AsTask();
        });

    /// <summary>Writes everything that is exported.</summary>
    public static void Write(IBufferWriter<byte> body, BrokerStatistics statistics, QueueRegistry queues, StreamRegistry streams, bool perChannel)
    {
        var writer = new ExpositionWriter(body);
        NodeFamilies.Write(writer, statistics.Families);
        if (!perChannel) return;
        QueueFamilies.Write(writer, queues, statistics.NowMs);
        StreamFamilies.Write(writer, streams);
    }
}
