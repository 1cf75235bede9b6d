using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Cluster;

/// <summary>The cluster as people see it (cli 9.3).</summary>
internal static class TopologyTables
{
    public static View View { get; } = new(
        new Sentence(static topology => IsCluster(topology)
            ? $"Seen by {topology.At("coordination.node_id").Text()}, generation {topology.At("coordination.generation").Number()}"
            : "This broker stands alone."),
        new Table(
            Nodes, "No nodes.",
            Column.Text("NODE", "node_id"), Column.Text("STATE", "state"), Column.Text("LEADER", "leader"), Column.Text("BROKER", "broker_addr"), Column.Text("ADMIN", "admin_addr"),
            Column.Text("VERSION", "runtime.version"), Column.Age("UPTIME", "runtime.started_at_ms"), Column.Text("TLS", "runtime.tls"),
            Column.Made("CERT", "runtime.cert_not_after_unix", static until => Column.Moment(DateTimeOffset.FromUnixTimeSeconds(until.Number() ?? 0))[..10]),
            Column.Rate("PUB/S", "rate_pub"), Column.Rate("DLV/S", "rate_dlv"), Column.Count("OWNS", "owns"), Column.Count("FOLLOWS", "follows")),
        new Table(
            Assignments, "",
            Column.Text("KIND", "kind"), Column.Text("TOPIC", "topic"), Column.Count("PART", "partition"), Column.Text("GROUP", "group"), Column.Text("OWNER", "owner"),
            Column.Count("EPOCH", "epoch"), Column.Text("FOLLOWERS", "followers"), Column.Text("ISR", "isr"), Column.Count("LAG", "lag_messages"),
            Column.Text("DURABILITY", "durability.mode")));

    /// <summary>What is wrong; empty when every node lives and every partition has an owner and enough copies.</summary>
    public static IReadOnlyList<string> Troubles(JsonElement topology) =>
    [
        .. Nodes(topology).Where(static node => node.At("state").Text() == "dead").Select(static node => $"node {node.At("node_id").Text()} is dead"),
        .. Assignments(topology).Where(static row => row.At("owner").Text() is null).Select(static row => $"{NameOf(row)} has no owner"),
        .. Assignments(topology).Where(static row => row.At("below_floor").IsTrue()).Select(static row => $"{NameOf(row)} has fewer copies in sync than it needs"),
        .. topology.At("consensus") is var consensus && !consensus.IsMissing() && consensus.At("leader").IsMissing() ? (string[])["the cluster has no leader"] : [],
    ];

    private static bool IsCluster(JsonElement topology) => !topology.At("consensus").IsMissing() || topology.At("coordination.generation").Number() > 0;

    private static string NameOf(JsonElement row) => $"{row.At("topic").Text()}/{row.At("partition").Number()}";

    private static IEnumerable<JsonElement> Nodes(JsonElement topology)
    {
        JsonElement[] assignments = [.. Assignments(topology)];
        long? leader = topology.At("consensus.leader").Number();
        foreach (JsonElement node in topology.At("coordination.nodes").Items())
        {
            string? id = node.At("node_id").Text();
            yield return AdminJson.With(
                node,
                ("state", node.At("draining").IsTrue() ? "draining" : node.At("live").IsTrue() ? "live" : "dead"),
                ("leader", leader is not null && node.At("raft_id").Number() == leader ? "yes" : null),
                ("owns", assignments.Count(assignment => assignment.At("owner").Text() == id)),
                ("follows", assignments.Count(assignment => assignment.At("followers").Items().Any(follower => follower.Text() == id))));
        }
    }

    private static IEnumerable<JsonElement> Assignments(JsonElement topology) =>
        Of(topology.At("coordination.assignments"), "queue").Concat(Of(topology.At("coordination.stream_assignments"), "stream"));

    private static IEnumerable<JsonElement> Of(JsonElement assignments, string kind) => assignments.Items().Select(assignment => AdminJson.With(assignment, ("kind", kind)));
}
