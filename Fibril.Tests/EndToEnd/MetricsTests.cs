using Fibril.Client;
using Fibril.Tests.Support;
using Publisher = Fibril.Client.Publisher;

namespace Fibril.Tests.EndToEnd;

/// <summary>The metrics endpoint of a broker as its users run it: admin API 5.</summary>
public sealed class MetricsTests
{
    private static readonly (string Name, string Type)[] NodeFamilies =
    [
        ("fibril_broker_published_total", "counter"),
        ("fibril_broker_delivered_total", "counter"),
        ("fibril_broker_acked_total", "counter"),
        ("fibril_broker_redelivered_total", "counter"),
        ("fibril_broker_expired_total", "counter"),
        ("fibril_storage_reads_total", "counter"),
        ("fibril_storage_writes_total", "counter"),
        ("fibril_tcp_connections_total", "counter"),
        ("fibril_tcp_bytes_in_total", "counter"),
        ("fibril_tcp_bytes_out_total", "counter"),
        ("fibril_tcp_errors_total", "counter"),
        ("fibril_tcp_resume_new_total", "counter"),
        ("fibril_tcp_resume_accepted_total", "counter"),
        ("fibril_tcp_resume_rejected_total", "counter"),
        ("fibril_tcp_reconnect_grace_entered_total", "counter"),
        ("fibril_tcp_reconnect_grace_expired_total", "counter"),
        ("fibril_tcp_reconcile_requests_total", "counter"),
        ("fibril_tcp_reconcile_outcomes_total", "counter"),
        ("fibril_tcp_connections_open", "gauge"),
        ("fibril_subscriptions_open", "gauge"),
        ("fibril_recovery_quarantined", "gauge"),
        ("fibril_recovery_quarantines_total", "counter"),
        ("fibril_build_info", "gauge"),
        ("fibril_process_start_time_seconds", "gauge"),
        ("fibril_disk_free_bytes", "gauge"),
        ("fibril_disk_total_bytes", "gauge"),
        ("fibril_message_log_sync_duration_seconds", "histogram"),
        ("fibril_publish_confirm_duration_seconds", "histogram"),
        ("fibril_delivery_latency_seconds", "histogram"),
        ("fibril_delivery_lateness_seconds", "histogram"),
        ("fibril_broker_dead_letter_copies_total", "counter"),
        ("fibril_broker_replayed_total", "counter"),
    ];

    [Fact] // O-12
    public async Task Every_family_of_the_node_is_there_from_the_start_and_counters_start_at_zero()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        Scrape scrape = await Scrape.OfAsync(broker);
        Assert.All(NodeFamilies, family => Assert.Equal(family.Type, scrape.Types.GetValueOrDefault(family.Name)));
        Assert.All(
            scrape.Samples.Where(sample => scrape.Types.GetValueOrDefault(sample.Key.Split('{')[0]) == "counter" && !sample.Key.StartsWith("fibril_process_", StringComparison.Ordinal)),
            static sample => Assert.Equal(0, sample.Value));
        Assert.Equal(7, scrape.Samples.Keys.Count(static series => series.StartsWith("fibril_tcp_reconcile_outcomes_total{outcome=", StringComparison.Ordinal)));
        Assert.DoesNotContain(scrape.Types.Keys, static name => name.StartsWith("fibril_queue_", StringComparison.Ordinal)); // no queue is loaded
        Assert.InRange(scrape["fibril_process_start_time_seconds"], 1, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
    }

    [Fact] // O-12, P-70, P-71
    public async Task What_clients_do_is_seen_in_totals_and_in_the_series_of_their_channels()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync();
        await using FibrilClient client = await broker.ConnectAsync();
        Publisher orders = client.CreatePublisher("orders");
        for (int i = 0; i < 3; i++) await orders.PublishAsync("an order"u8.ToArray());
        await client.DeclareStreamAsync("audit");
        Publisher audit = client.CreatePublisher("audit");
        for (int i = 0; i < 5; i++) await audit.PublishAsync("an entry"u8.ToArray());
        await using Subscription subscription = await client.SubscribeAsync("orders", new SubscribeOptions { Prefetch = 2 });
        await using Subscription reader = await client.SubscribeStreamAsync("audit", new StreamSubscribeOptions { DurableName = "billing", Prefetch = 5 });
        await using IAsyncEnumerator<ReceivedMessage> deliveries = subscription.GetAsyncEnumerator();
        await deliveries.MoveNextAsync();
        await deliveries.Current.CompleteAsync();

        Scrape scrape = await Scrape.OfAsync(broker);
        await Patience.Until(async () =>
        {
            scrape = await Scrape.OfAsync(broker);
            return scrape["fibril_broker_acked_total"] == 1 && scrape["fibril_broker_delivered_total"] == 8;
        });
        Assert.Equal(8, scrape["fibril_broker_published_total"]);
        Assert.Equal(0, scrape["""fibril_queue_ready{topic="orders",group="",partition="0"}"""]);
        Assert.Equal(2, scrape["""fibril_queue_inflight{topic="orders",group="",partition="0"}"""]);
        Assert.Equal(1, scrape["""fibril_stream_subscriptions{topic="audit",partition="0"}"""]);
        Assert.Equal(0, scrape["""fibril_stream_lag_evictions_total{topic="audit",partition="0"}"""]);
        Assert.Equal(5, scrape["""fibril_stream_cursor_lag{topic="audit",partition="0",cursor="billing"}"""]);
        Assert.InRange(scrape["""fibril_queue_oldest_unsettled_age_seconds{topic="orders",group="",partition="0"}"""], 0.001, 600);
        Assert.Equal(2, scrape["fibril_subscriptions_open"]);
        Assert.InRange(scrape["fibril_tcp_bytes_in_total"], 100, 100_000);
        Assert.InRange(scrape["fibril_tcp_bytes_out_total"], 100, 100_000);
        Assert.InRange(scrape["fibril_publish_confirm_duration_seconds_count"], 2, 8);
    }

    [Fact] // O-12
    public async Task A_queue_that_is_on_the_disk_only_has_no_series()
    {
        BrokerProcess first = await BrokerProcess.StartAsync();
        await using (first)
        {
            await using FibrilClient client = await first.ConnectForItsLifeAsync();
            await client.CreatePublisher("orders").PublishAsync("an order"u8.ToArray());
            await first.StopAsync();
            await using BrokerProcess second = await first.RestartAsync();
            Scrape scrape = await Scrape.OfAsync(second);
            Assert.Equal(1, scrape["fibril_queues_declared"]);
            Assert.Equal(0, scrape["fibril_partitions_loaded"]);
            Assert.DoesNotContain("orders", scrape.Text, StringComparison.Ordinal);
        }
    }
}
