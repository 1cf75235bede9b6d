using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Streams;

/// <summary>What people see of streams.</summary>
internal static class StreamColumns
{
    public static View List { get; } = new(new Table(
        "streams", "No streams.",
        Column.Text("TOPIC", "topic"), Column.Count("PARTITIONS", "partition_count"), Column.Text("DURABILITY", "durability"),
        Column.Milliseconds("MAX-AGE", "retention.max_age_ms"), Column.Bytes("MAX-BYTES", "retention.max_bytes"), Column.Count("MAX-RECORDS", "retention.max_records"),
        Column.Count("LOADED", "loaded_partitions"), Column.Count("REPLICAS", "replication_factor").Extra));

    public static View Detail { get; } = new(
        new Sheet(
            null, "stream",
            Column.Text("Topic", "topic"), Column.Text("Durability", "durability"), Column.Count("Partitions", "partition_count"), Column.Count("In memory", "loaded_partitions"),
            Column.Milliseconds("Keeps records for", "retention.max_age_ms"), Column.Bytes("Keeps at most", "retention.max_bytes"),
            Column.Count("Keeps records, at most", "retention.max_records"), Column.Count("Replicas", "replication_factor")),
        new Table(
            "partitions", "No partitions.",
            Column.Count("PARTITION", "partition"), Column.Count("HEAD", "head"), Column.Count("TAIL", "tail"), Column.Bytes("SIZE", "size_bytes"),
            Column.Count("SUBSCRIPTIONS", "subscriptions"), Column.Count("LIVE", "live_subscriptions"), Column.Count("LAGGED", "lagged"), Column.Count("EVICTIONS", "lag_evictions").Extra),
        new Table(
            static stream => stream.At("partitions").Items().SelectMany(static partition => partition.At("cursor_details").Items()), "",
            Column.Text("CURSOR", "name"), Column.Count("NEXT", "position"), Column.Count("LAG", "lag"), Column.Count("READERS", "readers"), Column.Text("LAGGED", "is_lagged"),
            Column.Time("ADVANCED", "last_advanced_ms")));

    public static View Retention { get; } = new(
        new Sheet(null, "", Column.Milliseconds("Max age", "max_age_ms"), Column.Bytes("Max bytes", "max_bytes"), Column.Count("Max records", "max_records")),
        new Sentence(static bounds => bounds.At("max_age_ms").IsMissing() && bounds.At("max_bytes").IsMissing() && bounds.At("max_records").IsMissing() ? "Everything is kept." : null));
}
