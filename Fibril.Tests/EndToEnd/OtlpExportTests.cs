using Fibril.Client;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

/// <summary>What a broker exports when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
public sealed class OtlpExportTests
{
    [Fact]
    public async Task Metrics_traces_and_logs_of_the_broker_are_exported()
    {
        await using var collector = new OtlpCollector();
        using var directory = new TemporaryDirectory();
        await using BrokerProcess broker = await BrokerProcess.StartAsync(directory.PathOf("data"), new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        });
        await using FibrilClient client = await broker.ConnectAsync();
        var properties = new MessageProperties
        {
            Headers = new MessageHeaders { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        };
        await client.CreatePublisher("orders").PublishAsync("an order"u8.ToArray(), properties);
        await Patience.Until(() => collector.Has("/v1/metrics", "fibril.broker.published"));
        await Patience.Until(() => collector.Has("/v1/metrics", "fibril.message_log.sync.duration"));
        await Patience.Until(() => collector.Has("/v1/traces", "publish orders"));
        await Patience.Until(() => collector.Has("/v1/logs", "Fibril is ready"));
    }
}
