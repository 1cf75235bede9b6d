using System.Text;
using Fibril.Cli;
using Fibril.Cli.Connecting;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Cli;

public sealed class CredentialsTests
{
    [Fact]
    public void Options_come_before_variables_and_these_before_the_default_pair()
    {
        var run = new CommandLineRun();
        Assert.Equal(new Credentials("fibril", "fibril"), Credentials.Find(null, null, false, null, run.Context));
        run.Variable("FIBRIL_USERNAME", "app").Variable("FIBRIL_PASSWORD", "secret");
        Assert.Equal(new Credentials("app", "secret"), Credentials.Find(null, null, false, null, run.Context));
        Assert.Equal(new Credentials("bob", "word"), Credentials.Find("bob", "word", false, null, run.Context));
        run.Input = "piped\nrest"u8.ToArray();
        Assert.Equal(new Credentials("app", "piped"), Credentials.Find(null, null, true, null, run.Context));
    }

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\nmore", "secret")]
    [InlineData(" blänk ", " blänk ")]
    public void A_password_is_the_first_line_of_standard_input(string input, string password) =>
        Assert.Equal(password, Credentials.ReadFirstLine(new MemoryStream(Encoding.UTF8.GetBytes(input))));

    [Theory]
    [InlineData("")]
    [InlineData("\nsecret")]
    public void No_password_on_standard_input_is_a_mistake(string input) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(
            () => Credentials.ReadFirstLine(new MemoryStream(Encoding.UTF8.GetBytes(input)))).ExitCode);

    [Fact]
    public void What_follows_the_password_stays_where_it_is()
    {
        var input = new MemoryStream("secret\nrest"u8.ToArray());
        Credentials.ReadFirstLine(input);
        Assert.Equal("rest", new StreamReader(input).ReadToEnd());
    }
}
