using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Admin;

/// <summary>What people see of the older routes, when they ask for a table.</summary>
internal static class AdminViews
{
    public static View GlobalTarget { get; } = new(new Sheet(
        null, "", Column.Count("Version", "version"), Column.Made("Target", "target", QueueColumns.ChannelOf)));

    public static View QueuePartitions { get; } = new(new Table(
        "queues", "No partitions.",
        Column.Text("TOPIC", "topic"), Column.Count("PARTITION", "partition"), Column.Text("GROUP", "group"), Column.Text("LOADED", "materialized"), Column.Text("ROLE", "role"),
        Column.Count("READY", "state.ready_count"), Column.Count("INFLIGHT", "state.inflight_count"), Column.Count("DELAYED", "state.delayed_count"),
        Column.Count("END", "state.end_offset"), Column.Text("ERROR", "error")));

    public static View Certificate { get; } = new(new Sheet(null, "", Column.Text("Reloaded", "reloaded"), Column.Text("Fingerprint", "leaf_sha256")));

    public static View Membership { get; } = new(new Sheet(
        null, "coordination", Column.Count("Local id", "local_id"), Column.Count("Leader", "leader"), Column.Text("Voters", "voters"), Column.Text("Learners", "learners")));

    public static View Partitioning { get; } = new(new Sheet(
        null, "partitioning", Column.Count("Partitions", "partition_count"), Column.Count("Version", "partitioning_version")));
}
