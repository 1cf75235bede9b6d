using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class UnknownNameTests
{
    [Theory]
    [InlineData("[broker]\nmax_conections = 5", "broker.max_conections", "2:1", "max_connections = ...")]
    [InlineData("[broker]\n  MAX_CONNECTIONS = 5", "broker.MAX_CONNECTIONS", "2:3", "max_connections = ...")]
    [InlineData("[broker]\nbind = 'x'", "broker.bind", "2:1", "bind = ... under [broker.listener]")]
    [InlineData("[server]\nmax_connections = 5", "server.max_connections", "2:1", "max_connections = ... under [broker]")]
    [InlineData("data_dir = 'x'", "data_dir", "1:1", "data_dir = ... under [server]")]
    [InlineData("[brokr]\na = 1\nb = 2", "brokr", "1:2", "[broker]")]
    [InlineData("[broker.listner]\nbind = 'x'", "broker.listner", "1:9", "[broker.listener]")]
    [InlineData("[broker]\nlistner.bind = 'x'", "broker.listner", "2:1", "[broker.listener]")]
    [InlineData("[event_log]\nsize = 1", "event_log", "1:2", "[storage.keratin.event_log]")]
    [InlineData("[auth.seed_user]\na = 1", "auth.seed_user", "1:7", "[[auth.seed_users]]")]
    [InlineData("[[auth.seed_user]]\na = 1", "auth.seed_user", "1:8", "[[auth.seed_users]]")]
    [InlineData("'broker.listener' = { bind = '127.0.0.1:1' }", "\"broker.listener\"", "1:1", "[broker.listener]")]
    [InlineData("[telemetry_of_the_future]\n", "telemetry_of_the_future", "1:2", null)]
    public void An_unknown_key_of_the_file_is_refused_with_the_nearest_one(string toml, string key, string place, string? instead)
    {
        ConfigurationRefusal refusal = new ConfigurationSources().Toml(toml).LoadRefused();
        ConfigurationProblem problem = Assert.Single(refusal.Problems);
        Assert.Equal((ProblemKind.UnknownFileKey, key, instead), (problem.Kind, problem.Subject, problem.Instead));
        Assert.Equal($"fibril.toml:{place}", problem.Source.Where);
        Assert.Equal(1, refusal.ExitCode);
        Assert.Contains("--allow-unknown-config", refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_answered_with_the_keys_of_its_section()
    {
        Assert.Equal(
            "in [server]: data_dir, shutdown_timeout_ms", new ConfigurationSources().Toml("server.nonsense = 1").LoadProblem().Allowed);
        Assert.Equal(
            "in [admin]: [admin.listener], [admin.auth], [admin.health], metrics_per_channel", new ConfigurationSources().Toml("admin.nonsense = 1").LoadProblem().Allowed);
        Assert.Equal(
            "at the top: [server], [broker], [admin], [auth], [tls], [storage], [recovery], [setup], [coordination], [runtime_seed], [runtime_locks]",
            new ConfigurationSources().Toml("nonsense_of_mine = 1").LoadProblem().Allowed);
    }

    [Fact]
    public void Unknown_keys_of_the_file_can_be_turned_into_warnings()
    {
        LoadedConfiguration loaded = new ConfigurationSources()
            .Toml("[broker]\nmax_conections = 5\nmax_connections = 6\n[other]\n[[auth.seed_users]]\nusername='a'\npassword='b'\nrole='c'")
            .Arguments("--allow-unknown-config").LoadValid();
        Assert.Equal(6, loaded.Options.Sessions.MaxConnections);
        Assert.Equal("a", Assert.Single(loaded.Options.Auth.Users).UserName);
        Assert.Contains("fibril.toml:2:1: broker.max_conections: no such setting; instead: max_connections = ...", loaded.Warnings);
        Assert.Contains("fibril.toml:4:2: other: no such section", loaded.Warnings);
        Assert.Contains("fibril.toml:8:1: auth.seed_users, entry 1, role: no such key of a user", loaded.Warnings);
    }

    [Fact]
    public void Other_problems_stay_problems_when_unknown_keys_are_allowed()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml("[broker]\nmax_conections = 5\nmax_connections = 0").Arguments("--allow-unknown-config").LoadProblem();
        Assert.Equal("broker.max_connections", problem.Subject);
    }

    [Theory]
    [InlineData("broker = 5", "broker", "found a number, not a section")]
    [InlineData("[[broker]]\nmax_connections = 5", "broker", "found a list, not a section")]
    [InlineData("broker.listener = '127.0.0.1:1'", "broker.listener", "found text, not a section")]
    public void A_section_that_is_something_else_is_refused(string toml, string key, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml(toml).LoadProblem();
        Assert.Equal((key, what, $"[{key}] with one line for each key"), (problem.Subject, problem.What, problem.Instead));
        Assert.StartsWith("fibril.toml:1:", problem.Source.Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FIBRIL__BROKER__MAX_CONECTIONS", "FIBRIL__BROKER__MAX_CONNECTIONS")]
    [InlineData("FIBRIL__broker__max_connections", "FIBRIL__BROKER__MAX_CONNECTIONS")]
    [InlineData("FIBRIL__BROKER_MAX_CONNECTIONS", "FIBRIL__BROKER__MAX_CONNECTIONS")]
    [InlineData("FIBRIL__X", null)]
    public void An_unknown_generic_variable_is_refused_with_the_nearest_one(string name, string? instead)
    {
        ConfigurationRefusal refusal = new ConfigurationSources().Variable(name, "5").Arguments("--allow-unknown-config").LoadRefused();
        ConfigurationProblem problem = Assert.Single(refusal.Problems);
        Assert.Equal((name, instead, $"environment variable {name}"), (problem.Subject, problem.Instead, problem.Source.Where));
        Assert.Equal(1, refusal.ExitCode);
    }

    [Fact]
    public void An_unknown_generic_variable_that_is_blank_is_not_set() => new ConfigurationSources().Variable("FIBRIL__X", " ").LoadValid();

    [Fact]
    public void A_misspelt_variable_is_warned_of_and_those_of_others_are_not()
    {
        LoadedConfiguration loaded = new ConfigurationSources()
            .Variable("FIBRIL_BROKER_BNID", "127.0.0.1:1").Variable("FIBRIL_LOG", "debug").Variable("FIBRIL_SERVICE_HOST", "10.0.0.1")
            .Variable("FIBRIL_PORT", "tcp://10.0.0.1:9876").LoadValid();
        Assert.Equal(["environment variable FIBRIL_BROKER_BNID is not read; did you mean FIBRIL_BROKER_BIND?"], loaded.Warnings);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("bind", "bind", 0)]
    [InlineData("bnid", "bind", 1)]
    [InlineData("bin", "bind", 1)]
    [InlineData("binds", "bind", 1)]
    [InlineData("bond", "bind", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string from, string to, int edits) => Assert.Equal(edits, NearestName.CountEdits(from, to));

    [Fact]
    public void The_nearest_of_several_names_is_chosen_and_a_far_one_never()
    {
        Assert.Equal("--broker-bind", NearestName.Of("--brokr-bnd", ["--admin-bind", "--broker-bind", "--broker-bindings"]));
        Assert.Null(NearestName.Of("--frobnicate", ["--admin-bind", "--broker-bind"]));
    }
}
