using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>The rows of configuration.md, section 5: what stops a start, with the key and what to write instead.</summary>
public sealed class StartupValidationTests
{
    private const string Peers = "peers = { 1 = 'a:1' }";

    [Theory]
    [InlineData(1, "server.data_dir = ''", "server.data_dir", "is empty")]
    [InlineData(2, "admin.auth.enabled = true", "admin.auth.enabled", "the administrator has no password")]
    [InlineData(2, "admin.auth = { enabled = true, password = ' ' }", "admin.auth.password", "the password is blank")]
    [InlineData(2, "admin.auth = { enabled = true, password = 'p', username = ' ' }", "admin.auth.username", "is blank")]
    [InlineData(3, "auth.seed_users = [{ username = '', password = 'p' }]", "auth.seed_users, entry 1, username", "is blank")]
    [InlineData(3, "auth.seed_users = [{ username = 'a', password = '' }]", "auth.seed_users, entry 1, password", "is blank")]
    [InlineData(4, "tls.enabled = true", "tls.enabled", "needs a certificate")]
    [InlineData(5, "tls = { enabled = true, auto_self_signed = true, cert_path = 'c' }", "tls.auto_self_signed", "tls.cert_path names one already")]
    [InlineData(5, "tls = { enabled = true, auto_self_signed = true, key_path = 'k' }", "tls.auto_self_signed", "tls.key_path names one already")]
    [InlineData(6, "tls = { enabled = true, cert_path = 'c' }", "tls.cert_path", "stands without tls.key_path")]
    [InlineData(6, "tls = { enabled = true, key_path = 'k' }", "tls.key_path", "stands without tls.cert_path")]
    [InlineData(7, "tls.admin_enabled = true", "tls.admin_enabled", "needs tls.enabled, which is false (default)")]
    [InlineData(0, "tls.inter_broker = true", "tls.inter_broker", "needs tls.enabled")]
    [InlineData(0, "tls = { enabled = true, cert_path = 'c', key_path = 'k', client_auth = 'require' }", "tls.client_auth", "no CA is named")]
    [InlineData(0, "tls = { enabled = true, cert_path = 'c', key_path = 'k', admin_client_auth = 'request' }", "tls.admin_client_auth", "no CA is named")]
    [InlineData(8, "runtime_seed.delivery.expiry_batch_max = 0", "runtime_seed.delivery.expiry_batch_max", "is too small")]
    [InlineData(9, "storage.keratin.fsync_interval_ms = 0", "storage.keratin.fsync_interval_ms", "is too small")]
    [InlineData(9, "storage.keratin.batch_linger_ms = 0", "storage.keratin.batch_linger_ms", "is too small")]
    [InlineData(10, "storage.keratin.message_log.segment_max_bytes = 0", "storage.keratin.message_log.segment_max_bytes", "is too small")]
    [InlineData(10, "storage.keratin.event_log.segment_max_bytes = 0", "storage.keratin.event_log.segment_max_bytes", "is too small")]
    [InlineData(11, "runtime_seed.idle_queue_cleanup.sweep_interval_ms = 0", "runtime_seed.idle_queue_cleanup.sweep_interval_ms", "is too small")]
    [InlineData(12, "runtime_seed.replication.caught_up_poll_ms = 0", "runtime_seed.replication.caught_up_poll_ms", "is too small")]
    [InlineData(12, "runtime_seed.replication.retry_poll_ms = 0", "runtime_seed.replication.retry_poll_ms", "is too small")]
    [InlineData(12, "runtime_seed.replication.checkpoint_retry_poll_ms = 0", "runtime_seed.replication.checkpoint_retry_poll_ms", "is too small")]
    [InlineData(13, "runtime_seed.replication.max_messages_per_read = 0", "runtime_seed.replication.max_messages_per_read", "is too small")]
    [InlineData(13, "runtime_seed.replication.max_events_per_read = 0", "runtime_seed.replication.max_events_per_read", "is too small")]
    [InlineData(13, "runtime_seed.replication.max_bytes_per_read = 0", "runtime_seed.replication.max_bytes_per_read", "is too small")]
    [InlineData(13, "runtime_seed.replication.max_iterations_per_tick = 0", "runtime_seed.replication.max_iterations_per_tick", "is too small")]
    [InlineData(14, "runtime_seed.replication.min_in_sync_replicas = 0", "runtime_seed.replication.min_in_sync_replicas", "is too small")]
    [InlineData(14, "runtime_seed.replication.isr_timeout_ms = 0", "runtime_seed.replication.isr_timeout_ms", "is too small")]
    [InlineData(14, "runtime_seed.replication.owner_connect_timeout_ms = 0", "runtime_seed.replication.owner_connect_timeout_ms", "is too small")]
    [InlineData(15, "runtime_seed.partitioning.default_partition_count = 0", "runtime_seed.partitioning.default_partition_count", "is too small")]
    [InlineData(18, "coordination.ganglion.raft.heartbeat_interval_ms = 0", "coordination.ganglion.raft.heartbeat_interval_ms", "is too small")]
    [InlineData(18, "coordination.ganglion.raft = { heartbeat_interval_ms = 9, election_timeout_min_ms = 9 }",
        "coordination.ganglion.raft.election_timeout_min_ms", "is not more than coordination.ganglion.raft.heartbeat_interval_ms (9, ")]
    [InlineData(18, "coordination.ganglion.raft = { election_timeout_min_ms = 3000, election_timeout_max_ms = 3000 }",
        "coordination.ganglion.raft.election_timeout_max_ms", "is not more than coordination.ganglion.raft.election_timeout_min_ms (3000, ")]
    [InlineData(19, "coordination.ganglion.forwarded_write.redirect_limit = 0", "coordination.ganglion.forwarded_write.redirect_limit", "is too small")]
    [InlineData(19, "coordination.ganglion.forwarded_write.no_leader_base_backoff_ms = 0",
        "coordination.ganglion.forwarded_write.no_leader_base_backoff_ms", "is too small")]
    [InlineData(19, "coordination.ganglion.forwarded_write.no_leader_max_backoff_ms = 0",
        "coordination.ganglion.forwarded_write.no_leader_max_backoff_ms", "is too small")]
    [InlineData(19, "coordination.ganglion.forwarded_write.no_leader_max_backoff_ms = 24",
        "coordination.ganglion.forwarded_write.no_leader_base_backoff_ms", "is more than coordination.ganglion.forwarded_write.no_leader_max_backoff_ms (24, ")]
    [InlineData(20, "coordination.ganglion.assignment_durability.mode = 'replica_durable'",
        "coordination.ganglion.assignment_durability.mode", "needs coordination.ganglion.assignment_durability.nodes, which is not set")]
    [InlineData(20, "coordination.ganglion.assignment_durability = { mode = 'replica_accepted', nodes = 0 }",
        "coordination.ganglion.assignment_durability.nodes", "is too small")]
    [InlineData(20, "coordination.ganglion.assignment_durability.nodes = 2",
        "coordination.ganglion.assignment_durability.nodes", "goes with the replica modes only")]
    [InlineData(21, "recovery.on_mismatch = 'park'", "recovery.on_mismatch", "is not one of the names")]
    [InlineData(21, "coordination.ganglion.wire_format = 'xml'", "coordination.ganglion.wire_format", "is not one of the names")]
    [InlineData(21, "tls.client_auth = 'yes'", "tls.client_auth", "is not one of the names")]
    [InlineData(21, "broker.listener.advertise = ['a']", "broker.listener.advertise", "has no host, or no port")]
    [InlineData(21, "broker.listener.advertise = ['a:0']", "broker.listener.advertise", "has no port from 1 to 65535")]
    [InlineData(21, "broker.listener.advertise = ['a b:1']", "broker.listener.advertise", "neither a name nor an address")]
    [InlineData(21, "broker.listener.advertise = ['::1:5']", "broker.listener.advertise", "neither a name nor an address")]
    [InlineData(21, "broker.listener.advertise = ['[10.0.0.1]:5']", "broker.listener.advertise", "no IPv6 address")]
    [InlineData(21, "broker.listener.advertise = [5]", "broker.listener.advertise", "has an entry that is a number, not text")]
    [InlineData(21, "coordination.ganglion.listen = 'here:1'", "coordination.ganglion.listen", "is not a literal IP:PORT")]
    [InlineData(21, "coordination.ganglion.peers = { a = 'b:1' }", "coordination.ganglion.peers", "where a number from 1 on must stand")]
    [InlineData(21, "coordination.ganglion.peers = { 1 = 'b' }", "coordination.ganglion.peers", "has no host, or no port")]
    [InlineData(21, "coordination.ganglion.peers = { 1 = 2 }", "coordination.ganglion.peers", "a number, not text")]
    [InlineData(0, "coordination.node_id = ' '", "coordination.node_id", "is blank")]
    [InlineData(0, "coordination.ganglion.heartbeat_interval_ms = 0", "coordination.ganglion.heartbeat_interval_ms", "is too small")]
    [InlineData(0, "coordination.ganglion.controller_tick_ms = 0", "coordination.ganglion.controller_tick_ms", "is too small")]
    [InlineData(0, "admin.auth = { session_idle_timeout_ms = '2h', session_absolute_timeout_ms = '1h' }",
        "admin.auth.session_idle_timeout_ms", "is more than admin.auth.session_absolute_timeout_ms (3600000, ")]
    public void A_configuration_that_cannot_work_is_refused_by_its_key(int row, string toml, string key, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml(toml).LoadProblem();
        Assert.Equal((row, key), (row, problem.Subject));
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
        Assert.NotNull(problem.Allowed);
        Assert.NotNull(problem.Instead);
    }

    [Theory] // rows 16 and 17, and what the reference checks later
    [InlineData("runtime_locks.stream = true", "runtime_locks.stream", "locks settings that a cluster shares")]
    [InlineData("coordination.ganglion.liveness_ttl_ms = 5999", "coordination.ganglion.liveness_ttl_ms", "is less than two of coordination.ganglion.heartbeat_interval_ms (3000, default)")]
    [InlineData("coordination.ganglion.peers = { 2 = 'b:1' }", "coordination.ganglion.peers", "does not name this node, coordination.ganglion.raft_node_id (1, default)")]
    [InlineData("coordination.ganglion.listen = '0.0.0.0:9876'", "coordination.ganglion.listen", "takes the port of broker.listener.bind")]
    [InlineData("coordination.ganglion.listen = '127.0.0.1:8081'", "coordination.ganglion.listen", "takes the port of admin.listener.bind")]
    public void A_cluster_has_rules_of_its_own(string toml, string key, string what)
    {
        ConfigurationProblem[] problems =
            [.. new ConfigurationSources().Toml(toml).Variable("FIBRIL_COORDINATION_MODE", "ganglion").LoadRefused().Problems];
        Assert.Contains(problems, problem => problem.Subject == "coordination.mode");
        ConfigurationProblem own = Assert.Single(problems, problem => problem.Subject == key);
        Assert.Contains(what, own.What, StringComparison.Ordinal);
        Assert.NotNull(own.Instead);
        new ConfigurationSources().Toml(toml).LoadValid();
    }

    [Fact]
    public void A_cluster_is_refused_with_what_to_write_instead()
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml($"coordination = {{ mode = 'ganglion', ganglion = {{ {Peers} }} }}").LoadProblem();
        Assert.Equal(("coordination.mode", "ganglion"), (problem.Subject, problem.Found));
        Assert.StartsWith("mode = \"static\"", problem.Instead, StringComparison.Ordinal);
    }

    [Fact] // C-05: the merged result, once, and all problems of it
    public void All_problems_are_reported_together_and_only_those_of_the_merged_configuration()
    {
        const string Toml = "admin.auth.enabled = true\ntls.enabled = true\nruntime_seed.delivery.expiry_batch_max = 0";
        Assert.Equal(
            ["admin.auth.enabled", "tls.enabled", "runtime_seed.delivery.expiry_batch_max"],
            new ConfigurationSources().Toml(Toml).LoadRefused().Problems.Select(static problem => problem.Subject));
        new ConfigurationSources().Toml(Toml)
            .Variable("FIBRIL_ADMIN_PASSWORD", "p").Variable("FIBRIL_TLS_AUTO_SELF_SIGNED", "true")
            .Arguments("--set", "runtime_seed.delivery.expiry_batch_max=1").LoadValid();
    }

    [Fact] // C-03
    public void Addresses_for_others_leave_the_listener_where_it_is()
    {
        BrokerOptions options = new ConfigurationSources()
            .Toml("broker.listener.advertise = ['b.example:1', 'b.example:1']\nadmin.listener.advertise = ['a.example:2']").LoadOptions();
        Assert.Equal(("0.0.0.0:9876", "127.0.0.1:8081"), ($"{options.Sessions.Bind}", $"{options.Admin.Bind}"));
        Assert.Equal(["b.example:1"], options.Sessions.Advertise);
    }

    [Fact]
    public void Paths_of_certificates_may_wait_while_tls_is_off() =>
        new ConfigurationSources().Toml("tls = { cert_path = 'c', auto_self_signed = true, client_ca_path = 'a' }").LoadValid();

    [Theory]
    [InlineData("tls.client_auth = 'require'", "tls.client_auth: nobody is asked for a certificate while tls.enabled is false")]
    [InlineData("tls = { enabled = true, auto_self_signed = true, admin_enabled = false, admin_client_auth = 'require' }",
        "tls.admin_client_auth: nobody is asked for a certificate while the admin listener has no TLS")]
    [InlineData("admin = { listener = { bind = '0.0.0.0:8081' }, auth = { enabled = true, password = 'p' } }",
        "admin.listener.bind: logins from other machines travel in clear text")]
    [InlineData("storage.keratin.fsync_interval_ms = 5", "storage.keratin.fsync_interval_ms has no effect in this broker: the next commit starts when")]
    [InlineData("storage.keratin.batch_linger_ms = 7", "storage.keratin.batch_linger_ms has no effect in this broker: a batch gathers")]
    [InlineData("storage.keratin.pipeline_commit_records = 0", "storage.keratin.pipeline_commit_records has no effect in this broker: all commits")]
    public void What_will_not_do_what_it_says_is_warned_of(string toml, string warning) =>
        Assert.Contains(warning, Assert.Single(new ConfigurationSources().Toml(toml).LoadValid().Warnings), StringComparison.Ordinal);

    [Fact]
    public void With_tls_nobody_is_warned_of_passwords() =>
        Assert.Empty(new ConfigurationSources().Toml(
            """
            tls = { enabled = true, auto_self_signed = true }
            auth.seed_users = [{ username = "a", password = "b" }]
            admin = { listener = { bind = "0.0.0.0:8081" }, auth = { enabled = true, password = "p" } }
            """).LoadValid().Warnings);

    [Fact]
    public void An_admin_listener_that_asks_for_a_login_may_be_reached_by_others() =>
        Assert.True(new ConfigurationSources()
            .Arguments("--admin-bind", "0.0.0.0:8081", "--admin-auth-enabled", "true", "--admin-password", "p").LoadOptions().Admin.Auth.Enabled);
}
