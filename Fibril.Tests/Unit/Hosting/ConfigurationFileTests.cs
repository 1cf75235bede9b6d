using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class ConfigurationFileTests
{
    [Fact]
    public void A_named_file_that_is_missing_is_refused_with_the_name_and_who_named_it()
    {
        ConfigurationProblem byFlag = new ConfigurationSources().Arguments("--config", "no.toml").LoadProblem();
        Assert.Equal(("\"no.toml\"", "command line, --config"), (byFlag.Found, byFlag.Source.Where));
        Assert.Contains("Could not find file 'no.toml'", byFlag.What, StringComparison.Ordinal);
        Assert.Contains("--config fibril.toml", byFlag.Instead!, StringComparison.Ordinal);

        ConfigurationProblem byVariable = new ConfigurationSources().Variable("FIBRIL_CONFIG", "no.toml").LoadProblem();
        Assert.Equal("environment variable FIBRIL_CONFIG", byVariable.Source.Where);
        Assert.Contains("FIBRIL_CONFIG=fibril.toml", byVariable.Instead!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(DirectoryNotFoundException))]
    [InlineData(typeof(System.Text.DecoderFallbackException))]
    [InlineData(typeof(NotSupportedException))]
    public void A_file_that_cannot_be_read_is_refused(Type exception)
    {
        ConfigurationOutcome outcome = ConfigurationLoader.Load(
            ["--config", "x"], new Dictionary<string, string>(), _ => throw (Exception)Activator.CreateInstance(exception)!);
        ConfigurationProblem problem = Assert.Single(Assert.IsType<ConfigurationRefusal>(outcome).Problems);
        Assert.StartsWith("cannot be read: ", problem.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[server\ndata_dir", 1, 8, "a section must be written as [section]")]
    [InlineData("[[auth.seed_users]\n", 1, 18, "a section must be written as [section]")]
    [InlineData("[server]\ndata_dir = /var/x", 2, 12, "text needs quotes")]
    [InlineData("[server]\ndata_dir =\n", 2, 11, "text needs quotes")]
    [InlineData("[server]\ndata_dir =", 2, 11, "the file ends too early")]
    [InlineData("[broker]\n\nheartbeat_interval_ms = 30s", 3, 27, "values with a unit need quotes")]
    [InlineData("[broker]\nlistener.bind = 127.0.0.1:80", 2, 22, "text and values with a unit need quotes")]
    [InlineData("[server]\ndata_dir", 2, 9, "a key must be followed by = and a value")]
    [InlineData("[server]\ndata_dir: x", 2, 9, "a key must be followed by = and a value")]
    [InlineData("[server]\ndata_dir = 'x\n", 2, 14, "a text is not closed by a quote on its line")]
    [InlineData("[server]\ndata_dir = \"\"\"x", 2, 15, "a text is not closed by a quote")]
    [InlineData("[server]\ndata_dir = \"C:\\data\"", 2, 16, "'...' around paths with backslashes")]
    [InlineData("[broker]\nmax_connections = 99999999999999999999", 2, 19, "does not fit in 64 bits")]
    [InlineData("[broker]\nmax_connections = 007", 2, 19, "must not start with 0")]
    [InlineData("[broker]\nmax_connections = 1__0", 2, 21, "an underscore in a number")]
    [InlineData("[broker]\nmax_connections = 1\nmax_connections = 2", 3, 1, "defined a second time; the first is at line 2, column 1")]
    [InlineData("[broker]\nmax_connections = 1\n[server]\n[broker]\n", 4, 1, "defined a second time; the first is at line 1, column 1")]
    [InlineData("[auth]\nseed_users = [", 2, 15, "a closing bracket is missing")]
    [InlineData("[auth]\nseed_users = [\n  { username = 'a' }\n[server]\n", 4, 1, "a list is not closed by ]")]
    [InlineData("[auth]\nseed_users = [ {", 2, 17, "a closing bracket is missing")]
    [InlineData("[auth]\nseed_users = [ { = 5 } ]", 2, 18, "an inline table needs a key")]
    [InlineData("server.data_dir = 'a\u0001'", 1, 19, "a control character is not allowed")]
    [InlineData("= 1", 1, 1, "this is not TOML")]
    public void A_mistake_in_the_syntax_is_refused_with_its_place(string toml, int line, int column, string what)
    {
        ConfigurationRefusal refusal = new ConfigurationSources().Toml(toml).LoadRefused();
        ConfigurationProblem problem = refusal.Problems[0];
        Assert.Equal($"fibril.toml:{line}:{column}", problem.Source.Where);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
        Assert.Equal(1, refusal.ExitCode);
    }

    [Fact]
    public void Mistakes_in_the_syntax_are_reported_once_a_line()
    {
        ConfigurationRefusal refusal = new ConfigurationSources()
            .Toml("[server]\ndata_dir = /var/lib/x\n[broker]\nmax_connections = many\nheartbeat_interval_ms = 5\n").LoadRefused();
        Assert.Equal(["fibril.toml:2:12", "fibril.toml:4:19"], refusal.Problems.Select(problem => problem.Source.Where));
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        string toml = "a = " + new string('[', 100_000);
        Assert.Equal("it is nested too deeply", new ConfigurationSources().Toml(toml).LoadProblem().What);
    }

    [Fact]
    public void A_broken_file_does_not_hide_other_problems_and_starts_no_guesses()
    {
        // The file may well allow what the variable asks for, so only the flag is to blame.
        ConfigurationRefusal refusal = new ConfigurationSources()
            .Toml("[admin.auth]\nallow_unauthenticated = true\n[oops").Variable("FIBRIL_ADMIN_BIND", "0.0.0.0:1")
            .Arguments("--broker-bind", "x").LoadRefused();
        Assert.Equal(["fibril.toml", "broker.listener.bind"], refusal.Problems.Select(problem => problem.Subject));
    }

    [Fact]
    public void All_problems_of_all_sources_are_reported_at_once_those_of_the_file_in_its_order()
    {
        ConfigurationRefusal refusal = new ConfigurationSources()
            .Toml("""
                [storage.keratin]
                max_inflight_fsyncs = 0

                [[auth.seed_users]]
                username = "@node"
                password = ""

                [admin.listener]
                bind = "0.0.0.0:8081"

                [brokr]
                """)
            .Variable("FIBRIL__X", "1").Variable("FIBRIL_DATA_DIR", "a").Variable("FIBRIL__SERVER__DATA_DIR", "b")
            .Variable("FIBRIL_AUTH_USERNAME", "x").Arguments("--nope", "--broker-bind", "y").LoadRefused();
        Assert.Equal(
            [
                "fibril.toml:2:23", "fibril.toml:5:12", "fibril.toml:6:12", "fibril.toml:9:8", "fibril.toml:11:2",
                "command line, argument 3", "environment variable FIBRIL__X", "environment variable FIBRIL_DATA_DIR",
                "command line, --broker-bind", "environment variable FIBRIL_AUTH_USERNAME",
            ],
            refusal.Problems.Select(problem => problem.Source.Where));
        Assert.StartsWith("fibril-server did not start: 10 problems in the configuration.\n", refusal.Text, StringComparison.Ordinal);
        Assert.Equal(2, refusal.ExitCode);
    }

    [Fact]
    public void A_refusal_reads_as_written_here()
    {
        string text = new ConfigurationSources().Toml("[broker]\nmax_connections = 0\n").LoadRefused().Text;
        Assert.Equal(
            """
            fibril-server did not start: 1 problem in the configuration.

            broker.max_connections: 0 is too small
                where    fibril.toml:2:19
                allowed  a number from 1 to 1000000
                instead  max_connections = 10000

            fibril-server --help lists every setting.

            """, text);
    }
}
