using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class CommandLineTests
{
    private const string Stray = "follows no flag that takes a value";
    private const string Twice = "given twice on the command line: \"a\" and \"b\"";
    private const string OneTooMany = "leave one of the two out";

    [Fact]
    public void A_flag_takes_its_value_as_next_argument_or_after_an_equals_sign()
    {
        Assert.Equal("a=b", new ConfigurationSources().Arguments("--data-dir", "a=b").LoadOptions().DataDirectory);
        Assert.Equal("a=b", new ConfigurationSources().Arguments("--data-dir=a=b").LoadOptions().DataDirectory);
        Assert.Equal("--x", new ConfigurationSources().Arguments("--data-dir=--x").LoadOptions().DataDirectory);
        Assert.Equal("a=b", new ConfigurationSources().Arguments("--set", "server.data_dir=a=b").LoadOptions().DataDirectory);
        Assert.Equal("a=b", new ConfigurationSources().Arguments("--set=server.data_dir=a=b").LoadOptions().DataDirectory);
        Assert.Equal("fibril.toml:1:19", new ConfigurationSources().File("c", "").File("fibril.toml", "server.data_dir = 'x'")
            .Arguments("--config=fibril.toml").LoadValid().Sources["server.data_dir"].ToString());
    }

    [Fact]
    public void Set_may_be_repeated()
    {
        var options = new ConfigurationSources()
            .Arguments("--set", "broker.max_connections=5", "--set=broker.max_partition_count=6").LoadOptions();
        Assert.Equal((5, 6), (options.Sessions.MaxConnections, options.Sessions.MaxPartitionCount));
    }

    [Theory]
    [InlineData(new[] { "--data-dri", "x" }, "--data-dri", "no such flag", "--data-dir")]
    [InlineData(new[] { "--data-dri=x" }, "--data-dri", "no such flag", "--data-dir")]
    [InlineData(new[] { "--frobnicate" }, "--frobnicate", "no such flag", null)]
    [InlineData(new[] { "-help" }, "-h...", "no such flag", "--help")]
    [InlineData(new[] { "-c", "fibril.toml" }, "-c", "no such flag", null)]
    [InlineData(new[] { "--" }, "--", "no such flag", null)]
    [InlineData(new[] { "--data-dir" }, "--data-dir", "no value", "--data-dir PATH")]
    [InlineData(new[] { "--data-dir", "--check-config" }, "--data-dir", "no value", "--data-dir PATH")]
    [InlineData(new[] { "--check-config=true" }, "--check-config", "a value that it does not take", "--check-config")]
    [InlineData(new[] { "--config", " " }, "--config", "an empty path", "--config fibril.toml")]
    [InlineData(new[] { "--config=a", "--config=b" }, "--config", "given twice", "--config a")]
    [InlineData(new[] { "check-config" }, "argument 1", Stray, "--check-config")]
    [InlineData(new[] { "broker.max_connections=5" }, "argument 1", Stray, "--set broker.max_connections=...")]
    [InlineData(new[] { "--check-config", "x" }, "argument 2", Stray, null)]
    [InlineData(new[] { "--set", "broker.max_conections=5" }, "--set broker.max_conections",
        "no such setting", "--set broker.max_connections=...")]
    [InlineData(new[] { "--set", "broker.max_connections", "--check-config" }, "--set broker.max_connections",
        "no value", "--set broker.max_connections=...")]
    [InlineData(new[] { "--set", "nonsense" }, "--set", "no such setting", null)]
    [InlineData(new[] { "--set" }, "--set", "no value", "--set KEY=VALUE")]
    [InlineData(new[] { "--data-dir=a", "--data-dir=b" }, "server.data_dir", Twice, OneTooMany)]
    [InlineData(new[] { "--data-dir=a", "--set=server.data_dir=b" }, "server.data_dir", Twice, OneTooMany)]
    public void A_command_line_that_cannot_be_understood_is_explained(string[] arguments, string subject, string what, string? instead)
    {
        ConfigurationRefusal refusal = new ConfigurationSources().File("a", "").File("b", "").Arguments(arguments).LoadRefused();
        ConfigurationProblem problem = Assert.Single(refusal.Problems);
        Assert.Equal((subject, what, instead), (problem.Subject, problem.What, problem.Instead));
        Assert.NotNull(problem.Allowed);
        Assert.StartsWith("command line, argument ", problem.Source.Where, StringComparison.Ordinal);
        Assert.Equal(2, refusal.ExitCode);
    }

    [Fact]
    public void The_same_value_twice_is_no_conflict() =>
        Assert.Equal("a", new ConfigurationSources().Arguments("--data-dir=a", "--set=server.data_dir=a").LoadOptions().DataDirectory);

    [Fact]
    public void Every_problem_of_a_command_line_is_reported_with_its_position()
    {
        ConfigurationRefusal refusal = new ConfigurationSources()
            .Arguments("--nope", "5", "--check-config", "x", "--set=a=b").LoadRefused();
        Assert.Equal(
            ["command line, argument 1", "command line, argument 4", "command line, argument 5"],
            refusal.Problems.Select(problem => problem.Source.Where));
    }

    [Fact]
    public void A_bad_value_of_a_flag_is_a_problem_of_the_configuration_not_of_the_command_line() =>
        Assert.Equal(1, new ConfigurationSources().Arguments("--broker-bind", "x").LoadRefused().ExitCode);

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    public void Help_wins_over_every_mistake(string flag)
    {
        ConfigurationAnswer answer = new ConfigurationSources()
            .Arguments("--nope", "--print-config", "--version", flag, "--config", "missing.toml").Variable("FIBRIL__X", "1").LoadAnswer();
        Assert.StartsWith("fibril-server: the Fibril message broker\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_is_one_line_without_the_commit() =>
        Assert.Matches(
            @"\Afibril-server [0-9]+\.[0-9]+\.[0-9]+[^\s+]*\n\z", new ConfigurationSources().Arguments("--version").LoadAnswer().Text);

    [Fact]
    public void Check_says_that_a_configuration_is_valid() =>
        Assert.Equal("configuration is valid\n", new ConfigurationSources().Toml("").Arguments("--check-config").LoadAnswer().Text);

    [Theory]
    [InlineData("--check-config")]
    [InlineData("--print-config")]
    public void Check_and_print_refuse_what_a_start_would_refuse(string flag)
    {
        ConfigurationRefusal refusal = new ConfigurationSources().Toml("broker.max_connections = 0").Arguments(flag).LoadRefused();
        Assert.Equal(1, refusal.ExitCode);
        Assert.Contains("broker.max_connections", refusal.Text, StringComparison.Ordinal);
    }
}
