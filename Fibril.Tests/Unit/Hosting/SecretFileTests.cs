using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>Secrets in files of their own.</summary>
public sealed class SecretFileTests
{
    private const string Path = "/run/secrets/fibril";

    [Theory]
    [InlineData("p 2\n", "p 2")]
    [InlineData("p2\r\n", "p2")]
    [InlineData(" p2 ", " p2 ")]
    public void The_password_of_the_administrator_may_stand_in_a_file(string content, string password)
    {
        var sources = new ConfigurationSources().File(Path, content).Variable("FIBRIL_ADMIN_PASSWORD_FILE", Path).Arguments("--admin-auth-enabled", "true");
        Assert.Equal(password, sources.LoadOptions().Admin.Auth.Password);
        string printed = sources.Arguments("--print-config").LoadAnswer().Text;
        Assert.Contains($"password = \"\"  # default\npassword_file = \"{Path}\"  # FIBRIL_ADMIN_PASSWORD_FILE\n", printed, StringComparison.Ordinal);
        Assert.DoesNotContain(password.Trim(), printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the password is blank")]
    [InlineData(" \n", "the password is blank")]
    [InlineData("<redacted>", "the password is the placeholder of --print-config")]
    [InlineData(null, "cannot be read: Could not find file")]
    public void A_file_without_a_password_is_refused(string? content, string what)
    {
        var sources = new ConfigurationSources().Toml($"admin.auth.password_file = '{Path}'");
        if (content is not null) sources.File(Path, content);
        ConfigurationProblem problem = sources.LoadProblem();
        Assert.Equal(("admin.auth.password_file", $"\"{Path}\""), (problem.Subject, problem.Found));
        Assert.StartsWith(what, problem.What, StringComparison.Ordinal);
        Assert.Equal($"password_file = \"{Path}\"", problem.Instead);
    }

    [Fact]
    public void A_password_and_a_file_with_one_are_refused()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .File(Path, "p").Toml($"admin.auth.password_file = '{Path}'").Variable("FIBRIL_ADMIN_PASSWORD", "q").LoadProblem();
        Assert.Equal("admin.auth.password_file", problem.Subject);
        Assert.Contains("stands beside admin.auth.password", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_of_the_list_may_have_the_password_in_a_file() =>
        Assert.Equal(
            "p",
            Assert.Single(new ConfigurationSources().File(Path, "p\n").Toml($"auth.seed_users = [{{ username = 'a', password_file = '{Path}' }}]")
                .LoadOptions().Auth.Users).Password);

    [Theory]
    [InlineData("username = 'a', password_file = '/nowhere'", "auth.seed_users, entry 1, password_file", "cannot be read")]
    [InlineData("username = 'a', password_file = 5", "auth.seed_users, entry 1, password_file", "found a number")]
    [InlineData("username = 'a', password_file = '/run/secrets/fibril', password = 'p'", "auth.seed_users, entry 1, password", "stands beside password_file")]
    public void A_mistake_with_it_is_named(string entry, string subject, string what)
    {
        ConfigurationProblem problem = new ConfigurationSources().File(Path, "p").Toml($"auth.seed_users = [{{ {entry} }}]").LoadProblem();
        Assert.Equal(subject, problem.Subject);
        Assert.Contains(what, problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void An_overridden_file_that_cannot_be_read_only_warns()
    {
        LoadedConfiguration loaded = new ConfigurationSources().File(Path, "p")
            .Toml("admin.auth.password_file = '/nowhere'").Variable("FIBRIL_ADMIN_PASSWORD_FILE", Path).LoadValid();
        Assert.Equal("p", loaded.Options.Admin.Auth.Password);
        Assert.Contains("overrides it", Assert.Single(loaded.Warnings), StringComparison.Ordinal);
    }
}
