using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class SeedUserTests
{
    private const string OneUser = "[[auth.seed_users]]\nusername = 'ann'\npassword = 'pw'\n";

    [Theory]
    [InlineData("[[auth.seed_users]]\nusername = 'ann'\npassword = 'p1'\n[[auth.seed_users]]\nusername = 'bob'\npassword = 'p2'")]
    [InlineData("auth.seed_users = [{ username = 'ann', password = 'p1' }, { username = 'bob', password = 'p2' }]")]
    [InlineData("[auth]\nseed_users = [\n  { username = ' ann ', password = 'p1' },\n  { username = 'bob', password = 'p2' },\n]")]
    public void Users_are_read_from_tables_and_lists(string toml) =>
        Assert.Equal([("ann", "p1"), ("bob", "p2")], UsersOf(new ConfigurationSources().Toml(toml)));

    [Fact]
    public void The_variables_add_a_user_to_those_of_the_file()
    {
        var sources = new ConfigurationSources()
            .Toml(OneUser).Variable("FIBRIL_AUTH_USERNAME", "bob").Variable("FIBRIL_AUTH_PASSWORD", " p2 ");
        Assert.Equal([("ann", "pw"), ("bob", " p2 ")], UsersOf(sources));
        Assert.Equal("fibril.toml:1:8 and FIBRIL_AUTH_USERNAME", sources.LoadValid().Sources["auth.seed_users"].ToString());
    }

    [Fact]
    public void The_variables_alone_make_one_user()
    {
        var sources = new ConfigurationSources().Variable("FIBRIL_AUTH_USERNAME", "bob").Variable("FIBRIL_AUTH_PASSWORD", "p2");
        Assert.Equal([("bob", "p2")], UsersOf(sources));
        Assert.Equal("FIBRIL_AUTH_USERNAME", sources.LoadValid().Sources["auth.seed_users"].ToString());
    }

    [Theory]
    [InlineData("p 2\n", "p 2")]
    [InlineData("p2\r\n", "p2")]
    [InlineData(" p2 ", " p2 ")]
    public void The_password_may_stand_in_a_file(string content, string password) =>
        Assert.Equal([("bob", password)], UsersOf(new ConfigurationSources().File("/run/secret", content)
            .Variable("FIBRIL_AUTH_USERNAME", "bob").Variable("FIBRIL_AUTH_PASSWORD_FILE", "/run/secret")));

    [Theory]
    [InlineData("", "is blank")]
    [InlineData("  ", "is blank")]
    [InlineData("@ann", "starts with @")]
    [InlineData("a b", "has white space or a control character")]
    [InlineData("a\\u00a0b", "has white space or a control character")]
    [InlineData("a\\u0007b", "has white space or a control character")]
    public void A_name_that_breaks_the_rules_is_refused(string name, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml($"[[auth.seed_users]]\npassword = 'pw'\nusername = \"{name}\"").LoadProblem();
        Assert.Equal(("auth.seed_users, entry 1, username", "fibril.toml:3:12"), (problem.Subject, problem.Source.Where));
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
        Assert.Contains("1 to 128 bytes", problem.Allowed!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_may_have_128_bytes_and_no_more()
    {
        string longest = new string('é', 64);
        var sources = new ConfigurationSources().Toml($"auth.seed_users = [{{ username = '{longest}', password = 'pw' }}]");
        Assert.Equal([(longest, "pw")], UsersOf(sources));
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml($"auth.seed_users = [{{ username = '{longest}x', password = 'pw' }}]").LoadProblem();
        Assert.Contains("has 129 bytes", problem.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ username = 'a' }", ", entry 1, password", "missing")]
    [InlineData("{ password = 'a' }", ", entry 1, username", "missing")]
    [InlineData("{ username = 5, password = 'a' }", ", entry 1, username", "found a number, not text in quotes")]
    [InlineData("{ username = 'a', password = 5 }", ", entry 1, password", "found a number, not text in quotes")]
    [InlineData("{ username = 'a', password = '' }", ", entry 1, password", "the password is blank")]
    [InlineData("{ username = 'a', password = '  ' }", ", entry 1, password", "the password is blank")]
    [InlineData("{ username = 'a', password = '<redacted>' }", ", entry 1, password", "the password is the placeholder of --print-config")]
    [InlineData("{ username = 'a', password = 'b' }, 'c'", ", entry 2", "found text, not a table")]
    [InlineData("{ username = 'a', password = 'b' }, { username = 'a ', password = 'c' }", ", entry 2", "\"a\" stands in the list already")]
    [InlineData("{ username = 'a', password = 'b', passwort = 'c' }", ", entry 1, passwort", "no such key of a user")]
    public void An_incomplete_or_wrong_entry_is_refused(string entries, string subject, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml($"auth.seed_users = [{entries}]").LoadProblem();
        Assert.Equal(("auth.seed_users" + subject, what), (problem.Subject, problem.What));
        Assert.StartsWith("fibril.toml:1:", problem.Source.Where, StringComparison.Ordinal);
        Assert.NotNull(problem.Allowed);
        Assert.NotNull(problem.Instead);
    }

    [Theory]
    [InlineData("[auth.seed_users]\nusername = 'a'", "found a table, not a list of users")]
    [InlineData("auth.seed_users = 'a:b'", "found text, not a list of users")]
    public void A_list_of_users_that_is_none_is_refused(string toml, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml(toml).LoadProblem();
        Assert.Equal(("auth.seed_users", what), (problem.Subject, problem.What));
        Assert.Contains("[[auth.seed_users]]", problem.Instead!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("[{ username = 'a', password = 'b' }]\n[server]\ndata_dir = 'x'")]
    [InlineData("[]\nother = 1")]
    public void A_list_outside_the_file_must_be_one_TOML_value(string value)
    {
        ConfigurationProblem problem = new ConfigurationSources().Variable("FIBRIL__AUTH__SEED_USERS", value).LoadProblem();
        Assert.Equal(("auth.seed_users", "the value is not TOML"), (problem.Subject, problem.What));
        Assert.Equal("environment variable FIBRIL__AUTH__SEED_USERS", problem.Source.Where);
    }

    [Fact]
    public void A_mistake_in_a_list_outside_the_file_stands_at_its_variable() =>
        Assert.Equal(
            "environment variable FIBRIL__AUTH__SEED_USERS",
            new ConfigurationSources().Variable("FIBRIL__AUTH__SEED_USERS", "[{ username = 'a' }]").LoadProblem().Source.Where);

    [Fact]
    public void A_user_of_the_variables_must_not_be_in_the_list_already()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Toml(OneUser).Variable("FIBRIL_AUTH_USERNAME", "ann").Variable("FIBRIL_AUTH_PASSWORD", "x").LoadProblem();
        Assert.Equal("FIBRIL_AUTH_USERNAME", problem.Subject);
        Assert.Contains("stands in auth.seed_users already (fibril.toml:1:8)", problem.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FIBRIL_AUTH_USERNAME", "a", "FIBRIL_AUTH_USERNAME", "set, but no password is")]
    [InlineData("FIBRIL_AUTH_PASSWORD", "a", "FIBRIL_AUTH_PASSWORD", "set, but FIBRIL_AUTH_USERNAME is not")]
    [InlineData("FIBRIL_AUTH_PASSWORD_FILE", "secret", "FIBRIL_AUTH_PASSWORD_FILE", "set, but FIBRIL_AUTH_USERNAME is not")]
    public void Half_a_user_in_the_variables_is_refused(string variable, string value, string subject, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().File("secret", "a").Variable(variable, value).LoadProblem();
        Assert.Equal((subject, what, $"environment variable {subject}"), (problem.Subject, problem.What, problem.Source.Where));
        Assert.Equal("both or neither", problem.Allowed);
    }

    [Fact]
    public void Blank_variables_make_no_user() =>
        Assert.Empty(UsersOf(new ConfigurationSources().Variable("FIBRIL_AUTH_USERNAME", " ").Variable("FIBRIL_AUTH_PASSWORD", "")));

    [Theory]
    [InlineData("@a", "p", null, "FIBRIL_AUTH_USERNAME", "starts with @")]
    [InlineData("a", "<redacted>", null, "FIBRIL_AUTH_PASSWORD", "placeholder")]
    [InlineData("a", "p", "secret", "FIBRIL_AUTH_PASSWORD", "set together with FIBRIL_AUTH_PASSWORD_FILE")]
    [InlineData("a", null, "empty", "FIBRIL_AUTH_PASSWORD_FILE", "the password is blank")]
    [InlineData("a", null, "missing", "FIBRIL_AUTH_PASSWORD_FILE", "cannot be read")]
    public void A_user_in_the_variables_is_checked_like_one_in_the_file(
        string name, string? password, string? file, string subject, string what)
    {
        var sources = new ConfigurationSources().File("secret", "x").File("empty", " \n").Variable("FIBRIL_AUTH_USERNAME", name);
        if (password is not null) sources.Variable("FIBRIL_AUTH_PASSWORD", password);
        if (file is not null) sources.Variable("FIBRIL_AUTH_PASSWORD_FILE", file);
        ConfigurationProblem problem = sources.LoadProblem();
        Assert.Equal(subject, problem.Subject);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    private static (string, string)[] UsersOf(ConfigurationSources sources) =>
        [.. sources.LoadOptions().Auth.Users.Select(user => (user.UserName, user.Password))];
}
