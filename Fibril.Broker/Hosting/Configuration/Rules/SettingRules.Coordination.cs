using Fibril.Broker.RuntimeSettings;

namespace Fibril.Broker.Hosting.Configuration;

internal sealed partial class SettingRules
{
    private GanglionOptions Ganglion => options.Coordination.Ganglion;

    private bool IsClustered => options.Coordination.Mode == CoordinationMode.Ganglion;

    private IEnumerable<Rule> CoordinationRules =>
    [
        new(CheckMode, Settings.Coordination),
        new(CheckLocks, [Settings.Coordination, .. RuntimeFields.Groups.Select(LockKey)]),
        new(CheckLiveness, Settings.Coordination, Settings.LivenessTtl, Settings.NodeHeartbeat),
        new(CheckOwnPeer, Settings.Coordination, Settings.Peers, Settings.RaftNodeId),
        new(CheckElection, Settings.ElectionTimeoutMin, Settings.RaftHeartbeat),
        new(CheckElectionRange, Settings.ElectionTimeoutMin, Settings.ElectionTimeoutMax),
        new(CheckBackoffs, Settings.BaseBackoff, Settings.MaxBackoff),
        new(CheckDurability, Settings.DurabilityMode, Settings.DurabilityNodes),
    ];

    private ConfigurationProblem? CheckMode() =>
        !IsClustered ? null : Problem(
            Settings.Coordination, "ganglion", "wants a cluster, and this version of the broker stands alone",
            "static", "static", "; the other settings of [coordination] may stay, they are checked and wait");

    private ConfigurationProblem? CheckLocks()
    {
        if (!IsClustered || RuntimeFields.Groups.FirstOrDefault(options.RuntimeLocks.Contains) is not { } group) return null;
        return Problem(
            LockKey(group), "true", $"locks settings that a cluster shares ({Settings.Coordination} = ganglion)",
            $"true only together with {Settings.Coordination} = static", "false");
    }

    private ConfigurationProblem? CheckLiveness()
    {
        TimeSpan least = 2 * Ganglion.HeartbeatInterval;
        return !IsClustered || Ganglion.LivenessTtl >= least ? null : Problem(
            Settings.LivenessTtl, Ms(Ganglion.LivenessTtl), $"is less than two of {Described(Settings.NodeHeartbeat, Ms(Ganglion.HeartbeatInterval))}",
            "at least two heartbeats", Ms(least));
    }

    private ConfigurationProblem? CheckOwnPeer() =>
        !IsClustered || Ganglion.Peers.Count == 0 || Ganglion.Peers.ContainsKey(Ganglion.RaftNodeId) ? null : Problem(
            Settings.Peers, Kind.Peers.Describe(Ganglion.Peers), $"does not name this node, {Described(Settings.RaftNodeId, Ganglion.RaftNodeId)}",
            "every voter including this one", Kind.Peers.Write(Ganglion.Peers, sourceOf(Settings.Peers).Notation).TrimEnd('}', ' ') + ", ...");

    private ConfigurationProblem? CheckElection()
    {
        (TimeSpan least, TimeSpan heartbeat) = (Ganglion.Raft.ElectionTimeoutMin, Ganglion.Raft.HeartbeatInterval);
        return least > heartbeat ? null : Problem(
            Settings.ElectionTimeoutMin, Ms(least), $"is not more than {Described(Settings.RaftHeartbeat, Ms(heartbeat))}, so every pause would be an election",
            $"more than {Settings.RaftHeartbeat}", 6 * Ms(heartbeat));
    }

    private ConfigurationProblem? CheckElectionRange()
    {
        (TimeSpan least, TimeSpan most) = (Ganglion.Raft.ElectionTimeoutMin, Ganglion.Raft.ElectionTimeoutMax);
        return least < most ? null : Problem(
            Settings.ElectionTimeoutMax, Ms(most), $"is not more than {Described(Settings.ElectionTimeoutMin, Ms(least))}, so voters would ask all at once",
            $"more than {Settings.ElectionTimeoutMin}", 2 * Ms(least));
    }

    private ConfigurationProblem? CheckBackoffs()
    {
        (TimeSpan first, TimeSpan longest) = (Ganglion.ForwardedWrite.NoLeaderBaseBackoff, Ganglion.ForwardedWrite.NoLeaderMaxBackoff);
        return first <= longest ? null : Problem(
            Settings.BaseBackoff, Ms(first), $"is more than {Described(Settings.MaxBackoff, Ms(longest))}", $"at most {Settings.MaxBackoff}", Ms(longest));
    }

    private ConfigurationProblem? CheckDurability()
    {
        bool needsNodes = Ganglion.Durability is AssignmentDurability.ReplicaAccepted or AssignmentDurability.ReplicaDurable;
        string mode = Kind.OneOf<AssignmentDurability>().Describe(Ganglion.Durability);
        if (needsNodes && Ganglion.DurabilityNodes is null)
        {
            return Problem(
                Settings.DurabilityMode, mode, $"needs {Settings.DurabilityNodes}, which is not set",
                $"{mode} together with {Settings.DurabilityNodes} from 1 to 17", mode, $", and {Settings.DurabilityNodes} = 2");
        }

        return needsNodes || Ganglion.DurabilityNodes is not { } nodes ? null : Problem(
            Settings.DurabilityNodes, nodes, $"goes with the replica modes only, and {Described(Settings.DurabilityMode, mode)}",
            $"none, or {Settings.DurabilityMode} = replica_accepted or replica_durable", "", $", or {Settings.DurabilityMode} = replica_durable");
    }

    private string Described(string key, object value) => $"{key} ({value}, {sourceOf(key)})";

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private static string LockKey(string group) => $"{LockSettings.Section}.{group}";
}
