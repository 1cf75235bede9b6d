using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>Variables and flags that give more than one setting, or only part of one.</summary>
public sealed class JoinedVariableTests
{
    private const string Evict = "FIBRIL_QUEUE_IDLE_EVICT_AFTER_MS";
    private const string Enabled = "runtime_seed.idle_queue_cleanup.enabled";
    private const string Durability = "FIBRIL_COORDINATION_ASSIGNMENT_DURABILITY";

    [Fact] // configuration.md, 2 and 3.11
    public void Whoever_says_after_what_time_idle_queues_go_wants_them_to_go()
    {
        LoadedConfiguration byVariable = new ConfigurationSources().Variable(Evict, "5").LoadValid();
        Assert.True(byVariable.Options.IdleQueues.Enabled);
        Assert.Equal(Evict, byVariable.Sources[Enabled].ToString());
        Assert.True(new ConfigurationSources().Arguments("--queue-idle-evict-after-ms", "5").LoadOptions().IdleQueues.Enabled);
        Assert.True(new ConfigurationSources().Toml(Enabled + " = false").Variable(Evict, "5").LoadOptions().IdleQueues.Enabled);
    }

    [Fact]
    public void Who_says_otherwise_as_clearly_is_believed()
    {
        Assert.False(new ConfigurationSources().Variable(Evict, "5").Arguments("--set", Enabled + "=false").LoadOptions().IdleQueues.Enabled);
        Assert.False(new ConfigurationSources()
            .Variable(Evict, "5").Variable("FIBRIL__RUNTIME_SEED__IDLE_QUEUE_CLEANUP__ENABLED", "false").LoadOptions().IdleQueues.Enabled);
        Assert.False(new ConfigurationSources().Toml("runtime_seed.idle_queue_cleanup.evict_after_ms = 5").LoadOptions().IdleQueues.Enabled);
        Assert.False(new ConfigurationSources().Variable("FIBRIL__RUNTIME_SEED__IDLE_QUEUE_CLEANUP__EVICT_AFTER_MS", "5").LoadOptions().IdleQueues.Enabled);
        Assert.False(new ConfigurationSources().Arguments("--set", "runtime_seed.idle_queue_cleanup.evict_after_ms=5").LoadOptions().IdleQueues.Enabled);
    }

    [Theory] // configuration.md, 3.10
    [InlineData("local", AssignmentDurability.LocalDurable, null)]
    [InlineData("majority", AssignmentDurability.MajorityDurable, null)]
    [InlineData("majority_durable", AssignmentDurability.MajorityDurable, null)]
    [InlineData("replica_durable:2", AssignmentDurability.ReplicaDurable, 2)]
    [InlineData("replica_accepted : 3", AssignmentDurability.ReplicaAccepted, 3)]
    public void One_variable_gives_mode_and_nodes(string value, object mode, int? nodes)
    {
        GanglionOptions ganglion = new ConfigurationSources().Variable(Durability, value).LoadOptions().Coordination.Ganglion;
        Assert.Equal((mode, nodes), (ganglion.Durability, ganglion.DurabilityNodes));
    }

    [Fact]
    public void It_takes_the_place_of_both_in_the_file()
    {
        var file = new ConfigurationSources().Toml("coordination.ganglion.assignment_durability = { mode = 'replica_durable', nodes = 3 }");
        Assert.Equal(3, file.LoadOptions().Coordination.Ganglion.DurabilityNodes);
        Assert.Null(file.Variable(Durability, "majority").LoadOptions().Coordination.Ganglion.DurabilityNodes);
    }

    [Theory]
    [InlineData("all", "coordination.ganglion.assignment_durability.mode")]
    [InlineData("replica_durable:x", "coordination.ganglion.assignment_durability.nodes")]
    [InlineData("replica_durable:0", "coordination.ganglion.assignment_durability.nodes")]
    [InlineData("replica_durable", "coordination.ganglion.assignment_durability.mode")]
    [InlineData("majority:2", "coordination.ganglion.assignment_durability.nodes")]
    public void A_mistake_in_it_is_named_by_the_setting_it_is_about(string value, string key) =>
        Assert.Equal(key, new ConfigurationSources().Variable(Durability, value).LoadProblem().Subject);

    [Theory]
    [InlineData("1", "has the entry \"1\", which has no =")]
    [InlineData("1=a:1,1=b:1", "has 1 twice")]
    [InlineData("0=a:1", "has \"0\" where a number from 1 on must stand")]
    public void Peers_of_the_variable_are_checked_one_by_one(string value, string what) =>
        Assert.Equal(what, new ConfigurationSources().Variable("FIBRIL_COORDINATION_PEERS", value).LoadProblem().What);

    [Fact]
    public void Peers_of_the_variable_take_the_place_of_the_table() =>
        Assert.Equal(
            [2L],
            new ConfigurationSources().Toml("[coordination.ganglion.peers]\n1 = 'a:1'\n").Variable("FIBRIL_COORDINATION_PEERS", "2=b:1")
                .LoadOptions().Coordination.Ganglion.Peers.Keys);

    [Fact]
    public void The_secret_of_the_cluster_is_no_misspelt_variable() =>
        Assert.Empty(new ConfigurationSources().Variable("FIBRIL_CLUSTER_SECRET", "s").LoadValid().Warnings);
}
