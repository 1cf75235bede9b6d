using Fibril.Cli;
using Fibril.Cli.Connecting;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class AdminLocatorTests
{
    [Theory]
    [InlineData("broker-1", "http://broker-1:8081")]
    [InlineData("broker-1:99", "http://broker-1:99")]
    [InlineData("[::1]:99", "http://[::1]:99")]
    [InlineData("http://broker-1", "http://broker-1:8081")]
    [InlineData("https://broker-1:443", "https://broker-1")]
    [InlineData("https://broker-1:8081/", "https://broker-1:8081")]
    public void An_address_is_a_host_or_an_url(string text, string url) // L-02
    {
        Assert.True(AdminAddress.TryParse(text, out Uri address));
        Assert.Equal(url, address.GetLeftPart(UriPartial.Authority));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ftp://broker-1")]
    [InlineData("http://user:word@broker-1")]
    [InlineData("http://broker-1/admin")]
    [InlineData("two words")]
    public void Anything_else_is_refused(string text) => Assert.False(AdminAddress.TryParse(text, out _));

    [Fact]
    public void The_admin_api_is_found_where_the_first_source_says()
    {
        var run = new CommandLineRun();
        Assert.Equal("http://127.0.0.1:8081", Find(run));
        run.File("given.toml", "[admin.listener]\nbind = '0.0.0.0:2'");
        Assert.Equal("http://127.0.0.1:2", Find(run, config: "given.toml"));
        run.Variable("FIBRIL_ADMIN_BIND", "127.0.0.1:3");
        Assert.Equal("http://127.0.0.1:3", Find(run));
        var current = new SavedContext("prod") { Admin = "https://prod:4" };
        Assert.Equal("https://prod:4", Find(run, saved: current));
        Assert.Equal("http://127.0.0.1:3", Find(run, saved: current, config: "given.toml"));
        run.Variable("FIBRIL_ADMIN", "https://variable:5");
        Assert.Equal("https://variable:5", Find(run, saved: current));
        Assert.Equal("https://prod:4", Find(run, saved: current with { IsAskedFor = true }));
        Assert.Equal("http://given:6", Find(run, new Uri("http://given:6"), current));
    }

    [Fact]
    public void A_source_that_makes_no_sense_is_named()
    {
        CommandLineRun run = new CommandLineRun().Variable("FIBRIL_ADMIN", "nonsense://");
        CliException failure = Assert.Throws<CliException>(() => Find(run));
        Assert.Contains("FIBRIL_ADMIN is 'nonsense://'", failure.Message, StringComparison.Ordinal);
    }

    private static string Find(CommandLineRun run, Uri? given = null, SavedContext? saved = null, string? config = null) =>
        new AdminLocator(run.Context.Variable, run.Context.ReadText).Find(given, saved, config).GetLeftPart(UriPartial.Authority);
}
