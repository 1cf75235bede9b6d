using Fibril.Cli;
using Fibril.Cli.Connecting;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class BrokerLocatorTests
{
    [Theory]
    [InlineData("broker-1", "broker-1", 9876)]
    [InlineData("broker-1:1", "broker-1", 1)]
    [InlineData(" 10.0.0.1:65535 ", "10.0.0.1", 65535)]
    [InlineData("[::1]", "::1", 9876)]
    [InlineData("[fe80::1]:99", "fe80::1", 99)]
    public void An_address_has_a_host_and_maybe_a_port(string text, string host, int port)
    {
        Assert.True(BrokerAddress.TryParse(text, out BrokerAddress address));
        Assert.Equal(new BrokerAddress(host, port), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":9876")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:x")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[::1]9876")]
    [InlineData("[]:1")]
    [InlineData("[name]:1")]
    [InlineData("http://host:9876")]
    [InlineData("user@host")]
    [InlineData("two words")]
    public void Anything_else_is_refused(string text) => Assert.False(BrokerAddress.TryParse(text, out _));

    [Fact]
    public void The_broker_is_found_where_the_first_source_says()
    {
        var run = new CommandLineRun();
        Assert.Equal("127.0.0.1:9876", Find(run));
        run.File("env.toml", "broker.listener.bind = '127.0.0.1:1'").Variable("FIBRIL_CONFIG", "env.toml");
        Assert.Equal("127.0.0.1:1", Find(run));
        run.File("given.toml", "broker.listener.bind = '127.0.0.1:2'");
        Assert.Equal("127.0.0.1:2", Find(run, config: "given.toml"));
        run.Variable("FIBRIL__BROKER__LISTENER__BIND", "127.0.0.1:3");
        Assert.Equal("127.0.0.1:3", Find(run, config: "given.toml"));
        run.Variable("FIBRIL_BROKER_BIND", "127.0.0.1:4");
        Assert.Equal("127.0.0.1:4", Find(run, config: "given.toml"));
        run.Variable("FIBRIL_BROKER", "broker-5:5");
        Assert.Equal("broker-5:5", Find(run, config: "given.toml"));
        Assert.Equal("broker-6:6", Find(run, new BrokerAddress("broker-6", 6), "given.toml"));
    }

    [Theory]
    [InlineData("0.0.0.0:7", "127.0.0.1:7")]
    [InlineData("[::]:7", "[::1]:7")]
    [InlineData("192.168.0.9:7", "192.168.0.9:7")]
    public void A_listener_on_all_interfaces_is_reached_by_loopback(string bind, string address) =>
        Assert.Equal(address, Find(new CommandLineRun().Variable("FIBRIL_BROKER_BIND", bind)));

    [Theory]
    [InlineData("[broker.listener]\nbind = \"0.0.0.0:7\"")]
    [InlineData("broker.listener.bind = '127.0.0.1:7' # comment")]
    [InlineData("[broker]\nlistener.bind = '127.0.0.1:7'")]
    [InlineData("[broker]\nlistener = { bind = '127.0.0.1:7' }")]
    [InlineData("broker = { listener.bind = '127.0.0.1:7' }")]
    [InlineData("[admin.listener]\nbind = '127.0.0.1:8'\n[server]\nnonsense = 1\n[broker.listener]\n\"bind\" = '127.0.0.1:7'")]
    public void The_server_file_is_read_in_every_spelling_and_for_nothing_else(string toml) =>
        Assert.Equal("127.0.0.1:7", Find(new CommandLineRun().File("server.toml", toml), config: "server.toml"));

    [Theory]
    [InlineData("")]
    [InlineData("[admin.listener]\nbind = '127.0.0.1:8'")]
    [InlineData("bind = '127.0.0.1:8'\n[broker]\nlistener_bind = 3")]
    public void A_server_file_that_does_not_say_leaves_the_default(string toml) =>
        Assert.Equal("127.0.0.1:9876", Find(new CommandLineRun().File("server.toml", toml), config: "server.toml"));

    [Theory]
    [InlineData("this is no TOML", "line 1")]
    [InlineData("[broker.listener]\nbind = 9876", "is not text")]
    [InlineData("broker.listener.bind = 'localhost:9876'", "no IP:PORT")]
    [InlineData("broker.listener.bind = '127.0.0.1'", "no IP:PORT")]
    [InlineData("broker.listener.bind = '127.0.0.1:0'", "any free port")]
    public void A_server_file_that_makes_no_sense_is_explained(string toml, string what)
    {
        CommandLineRun run = new CommandLineRun().File("server.toml", toml);
        var refusal = Assert.Throws<CliException>(() => Find(run, config: "server.toml"));
        Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("server.toml", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, refusal.ExitCode);
        Assert.Equal("broker-1:9876", Find(run, new BrokerAddress("broker-1", 9876), "server.toml"));
        Assert.Equal("broker-1:9876", Find(run.Variable("FIBRIL_BROKER", "broker-1"), config: "server.toml"));
    }

    [Fact]
    public void A_missing_server_file_is_explained_and_does_not_matter_when_the_broker_is_named()
    {
        var run = new CommandLineRun();
        Assert.Contains("missing.toml cannot be read", Assert.Throws<CliException>(() => Find(run, config: "missing.toml")).Message, StringComparison.Ordinal);
        Assert.Equal("broker-1:9876", Find(run, new BrokerAddress("broker-1", 9876), "missing.toml"));
    }

    [Fact]
    public void A_variable_that_makes_no_sense_is_explained()
    {
        Assert.StartsWith("FIBRIL_BROKER is 'a:b'", Assert.Throws<CliException>(
            () => Find(new CommandLineRun().Variable("FIBRIL_BROKER", "a:b"))).Message, StringComparison.Ordinal);
        Assert.StartsWith("FIBRIL_BROKER_BIND is '9876'", Assert.Throws<CliException>(
            () => Find(new CommandLineRun().Variable("FIBRIL_BROKER_BIND", "9876"))).Message, StringComparison.Ordinal);
    }

    private static string Find(CommandLineRun run, BrokerAddress? given = null, string? config = null) =>
        new BrokerLocator(run.Context.Variable, run.Context.ReadText).Find(given, null, config).ToString();
}
