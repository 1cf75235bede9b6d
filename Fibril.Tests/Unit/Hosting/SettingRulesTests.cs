using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class SettingRulesTests
{
    [Theory]
    [InlineData("0.0.0.0:8081")]
    [InlineData("[::]:8081")]
    [InlineData("10.0.0.1:8081")]
    [InlineData("[fe80::1]:0")]
    [InlineData("[::ffff:10.0.0.1]:8081")]
    public void An_admin_listener_that_others_can_reach_is_refused(string bind)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml($"[admin.listener]\nbind = '{bind}'").LoadProblem();
        Assert.Equal(("admin.listener.bind", "fibril.toml:2:8"), (problem.Subject, problem.Source.Where));
        Assert.Contains("asks nobody for a password", problem.What, StringComparison.Ordinal);
        Assert.Contains("bind = \"127.0.0.1:", problem.Instead!, StringComparison.Ordinal);
        Assert.Contains("or enabled = true with a password under [admin.auth], or allow_unauthenticated = true there", problem.Instead!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ways_out_are_written_as_the_source_writes_them() =>
        Assert.Equal(
            "--admin-bind 127.0.0.1:80 to stay on this machine, or admin.auth.enabled = true with a password, "
            + "or admin.auth.allow_unauthenticated = true to let everybody in",
            new ConfigurationSources().Arguments("--admin-bind", "0.0.0.0:80").LoadProblem().Instead);

    [Theory]
    [InlineData("127.0.0.1:8081")]
    [InlineData("127.9.9.9:0")]
    [InlineData("[::1]:8081")]
    [InlineData("[::ffff:127.0.0.1]:8081")]
    public void An_admin_listener_on_loopback_is_accepted_without_a_word(string bind) =>
        Assert.Empty(new ConfigurationSources().Arguments("--admin-bind", bind).LoadValid().Warnings);

    [Fact]
    public void An_admin_listener_that_was_opened_on_purpose_is_warned_of()
    {
        LoadedConfiguration loaded = new ConfigurationSources()
            .Arguments("--admin-bind", "0.0.0.0:8081", "--set", "admin.auth.allow_unauthenticated=true").LoadValid();
        Assert.Contains("0.0.0.0:8081 can be reached from other machines", Assert.Single(loaded.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:9000", "127.0.0.1:9000")]
    [InlineData("0.0.0.0:9000", "127.0.0.1:9000")]
    [InlineData("[::]:9000", "127.0.0.1:9000")]
    [InlineData("[::]:9000", "[::1]:9000")]
    [InlineData("[::ffff:127.0.0.1]:9000", "127.0.0.1:9000")]
    public void Two_listeners_cannot_share_a_port(string broker, string admin)
    {
        ConfigurationProblem problem = new ConfigurationSources().Arguments("--broker-bind", broker, "--admin-bind", admin).LoadProblem();
        Assert.Equal(("admin.listener.bind", admin), (problem.Subject, problem.Found));
        Assert.Contains($"takes the port of broker.listener.bind ({broker}, --broker-bind)", problem.What, StringComparison.Ordinal);
        Assert.Equal("--admin-bind " + admin.Replace("9000", "9001", StringComparison.Ordinal), problem.Instead);
    }

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("127.0.0.1:9000", "127.0.0.1:9001")]
    [InlineData("127.0.0.2:9000", "127.0.0.1:9000")]
    [InlineData("0.0.0.0:9000", "[::1]:9000")]
    public void Listeners_that_do_not_meet_are_accepted(string broker, string admin) =>
        new ConfigurationSources().Arguments("--broker-bind", broker, "--admin-bind", admin).LoadValid();

    [Fact]
    public void The_listener_somebody_wrote_is_the_one_to_change()
    {
        ConfigurationProblem problem = new ConfigurationSources().Arguments("--broker-bind", "0.0.0.0:8081").LoadProblem();
        Assert.Equal(("broker.listener.bind", "--broker-bind 0.0.0.0:8082"), (problem.Subject, problem.Instead));
        Assert.Contains("(127.0.0.1:8081, default)", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_port_is_moved_down() =>
        Assert.Equal(
            "--admin-bind 127.0.0.1:65534",
            new ConfigurationSources()
                .Arguments("--broker-bind", "127.0.0.1:65535", "--admin-bind", "127.0.0.1:65535").LoadProblem().Instead);

    [Fact]
    public void The_default_partition_count_must_be_allowed()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml("broker.max_partition_count = 3\nruntime_seed.partitioning.default_partition_count = 4").LoadProblem();
        Assert.Equal("runtime_seed.partitioning.default_partition_count", problem.Subject);
        Assert.Contains("4 is more than broker.max_partition_count (3, fibril.toml:1:30)", $"{problem}", StringComparison.Ordinal);
        Assert.Equal(("fibril.toml:2:53", "default_partition_count = 3"), (problem.Source.Where, problem.Instead));
        new ConfigurationSources()
            .Toml("broker.max_partition_count = 4\nruntime_seed.partitioning.default_partition_count = 4").LoadValid();
    }

    [Fact]
    public void A_rule_is_silent_while_one_of_its_values_is_unreadable()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml("admin.listener.bind = '0.0.0.0:8081'\nadmin.auth.allow_unauthenticated = 'yes'").LoadProblem();
        Assert.Equal("admin.auth.allow_unauthenticated", problem.Subject);
    }

    [Fact]
    public void Users_are_warned_of_clear_text_unless_everybody_is_on_this_machine()
    {
        var users = new ConfigurationSources().Variable("FIBRIL_AUTH_USERNAME", "a").Variable("FIBRIL_AUTH_PASSWORD", "b");
        Assert.Contains("passwords travel in clear text", Assert.Single(users.LoadValid().Warnings), StringComparison.Ordinal);
        Assert.Empty(users.Arguments("--broker-bind", "127.0.0.1:9876").LoadValid().Warnings);
    }
}
