using System.CommandLine;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Parsing;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Operations;

/// <summary>Shows how a broker does.</summary>
internal sealed class OverviewVerb : QueryVerb
{
    private static readonly View Overview = new(
        new Sheet(
            "Now", "",
            Column.Seconds("Up for", "uptime_seconds"), Column.Count("Ready", "now.ready"), Column.Count("Leased", "now.leased"), Column.Count("Delayed", "now.delayed"),
            Column.Count("To the DLQ", "now.dead_lettering"), Column.Count("Connections", "now.connections"), Column.Count("Subscriptions", "now.subscriptions"),
            Column.Count("Loaded partitions", "now.loaded_partitions"), Column.Bytes("Memory", "now.resident_bytes"), Column.Rate("CPU, % of a core", "now.cpu_percent"),
            Column.Bytes("Stored", "now.stored_bytes"), Column.Bytes("Disk free", "now.disk_free_bytes"), Column.Bytes("Disk size", "now.disk_total_bytes")),
        new Sheet(
            "Per second, over a minute", "",
            Column.Rate("Published", "broker.published_per_sec_1m"), Column.Rate("Delivered", "broker.delivered_per_sec_1m"), Column.Rate("Acknowledged", "broker.acked_per_sec_1m"),
            Column.Rate("Redelivered", "broker.redelivered_per_sec_1m"), Column.Rate("Expired", "broker.expired_per_sec_1m"),
            Column.Bytes("Received", "tcp.bytes_in_per_sec_1m"), Column.Bytes("Sent", "tcp.bytes_out_per_sec_1m")),
        new Sheet(
            "Since the start", "broker",
            Column.Count("Published", "total_published"), Column.Count("Delivered", "total_delivered"), Column.Count("Acknowledged", "total_acked"),
            Column.Count("Redelivered", "total_redelivered"), Column.Count("Expired", "total_expired"), Column.Count("Dead-lettered", "total_dead_lettered"),
            Column.Count("Replayed", "total_replayed")),
        new Sheet(
            "Durations", "",
            Column.Made("Publish to confirm", "broker.confirm_latency", Percentiles), Column.Made("Ready to delivery", "broker.delivery_latency", Percentiles),
            Column.Made("Disk sync", "storage.flush_latency", Percentiles)));

    public OverviewVerb(GlobalOptions global, CliContext context) : base("overview", "Shows how a broker does: what waits, what flows, how fast, and what it uses.", global, context) =>
        Examples = [new("fibrilctl overview --watch", "Every two seconds."), new("fibrilctl overview -o json | jq .now", "Numbers for a script.")];

    protected override View View(ParseResult parse) => Overview;

    protected override Task<JsonElement> AskAsync(ParseResult parse, AdminClient admin, CancellationToken cancellationToken) =>
        admin.GetAsync(new Route("/admin/api/overview"), cancellationToken);

    private static string Percentiles(JsonElement duration)
    {
        if (duration.At("count").Number() is null or 0) return Column.Nothing;
        string[] names = ["p50", "p95", "p99", "max"];
        return string.Join(", ", names.Select(name => $"{name} {Column.Milliseconds("", $"{name}_ms").CellOf(duration, default)}"));
    }
}
