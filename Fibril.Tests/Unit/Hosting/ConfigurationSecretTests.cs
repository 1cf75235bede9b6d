using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class ConfigurationSecretTests
{
    private const string Secret = "hunter2secret";

    // Where a password may stand, rightly or by mistake; each has to lead to some output.
    public static TheoryData<string> Files =>
    [
        $"[[auth.seed_users]]\nusername = 'a'\npassword = '{Secret}'",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = '{Secret}'\n[[auth.seed_users]]\nusername = 'a'\npassword = '{Secret}'",
        $"[[auth.seed_users]]\npassword = '{Secret}'",
        $"[[auth.seed_users]]\nusername = '@a'\npassword = '{Secret}'",
        $"[[auth.seed_users]]\nusername = 'a'\npasswort = '{Secret}'",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = ['{Secret}']",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = {{ value = '{Secret}' }}",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = {Secret}",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = '{Secret}",
        $"[[auth.seed_users]]\nusername = 'a'\npassword '{Secret}'",
        $"[[auth.seed_users]]\nusername = 'a'\npassword {Secret}",
        $"[[auth.seed_users]]\nusername = 'a'\npassword = '{Secret}'\npassword = '{Secret}'",
        $"[[auth.seed_users]]\nusername = 'a' password = '{Secret}'",
        $"[[auth.seed_users]\npassword = '{Secret}'",
        $"[auth]\nseed_users = [{{ username = 'a', password = '{Secret}' }}]\n[[auth.seed_users]]\nusername = 'b'",
        $"[auth]\nseed_users = [{{ username = 'a', password = '{Secret}' ]",
        $"[auth]\nseed_users = ['{Secret}']",
        $"[auth]\nseed_users = 'a:{Secret}'",
        $"[auth]\nseed_users = {{ a = '{Secret}' }}",
        $"[auth.seed_users]\na = '{Secret}'",
        $"[auth]\npassword = '{Secret}'",
        $"[auth.users]\nann = '{Secret}'",
        $"password = '{Secret}'",
        $"[admin.auth]\npassword = '{Secret}'",
        $"[admin.auth]\npassword = ['{Secret}']",
        $"[admin.auth]\npassword = '{Secret}'\npassword_file = '/nowhere'",
        $"[admin.auth]\npasword = '{Secret}'",
        $"auth = '{Secret}'",
    ];

    [Theory, MemberData(nameof(Files))]
    public void A_password_of_the_file_never_appears(string toml)
    {
        AssertSilent(() => new ConfigurationSources().Toml(toml).Arguments("--print-config"));
        AssertSilent(() => new ConfigurationSources().Toml(toml).Arguments("--allow-unknown-config", "--print-config"));

        // Overridden, its mistakes become warnings.
        AssertSilent(() => new ConfigurationSources().Toml(toml).Arguments("--set", "auth.seed_users=[]", "--print-config"));
    }

    [Theory]
    [InlineData("--auth-password", Secret)]
    [InlineData("--admin-password", Secret)]
    [InlineData("--admin-password", Secret, "--admin-password", "other")]
    [InlineData("--admin-pasword", Secret)]
    [InlineData("--set", "admin.auth.password=" + Secret)]
    [InlineData("--auth-password=" + Secret)]
    [InlineData("--auth-password:" + Secret)]
    [InlineData("-p" + Secret)]
    [InlineData("-p", Secret)]
    [InlineData(Secret)]
    [InlineData("--check-config=" + Secret)]
    [InlineData("--check-config", Secret)]
    [InlineData("--set", "auth.seed_users", Secret)]
    [InlineData("--set", "auth.seed_users", "=", Secret)]
    [InlineData("--set", "auth.seed_users=" + Secret)]
    [InlineData("--set", "auth.password=" + Secret)]
    [InlineData("--set", Secret)]
    [InlineData("auth.seed_users=" + Secret)]
    [InlineData("--set", "auth.seed_users=" + Secret, "--set", "auth.seed_users=other")]
    [InlineData("--set", "auth.seed_users=[{ username = 'a', password = '" + Secret + "' }]")]
    [InlineData("--set", "auth.seed_users=[{ password = '" + Secret + "' }]")]
    public void A_password_of_the_command_line_never_appears(params string[] arguments)
    {
        AssertSilent(() => new ConfigurationSources().Arguments("--print-config").Arguments(arguments));
    }

    [Theory]
    [InlineData("FIBRIL_AUTH_PASSWORD")]
    [InlineData("FIBRIL_ADMIN_PASSWORD")]
    [InlineData("FIBRIL__ADMIN__AUTH__PASSWORD")]
    [InlineData("FIBRIL_CLUSTER_SECRET")]
    [InlineData("FIBRIL_AUTH_PASWORD")]
    [InlineData("FIBRIL__AUTH__PASSWORD")]
    [InlineData("FIBRIL__AUTH__SEED_USERS")]
    public void A_password_of_a_variable_never_appears(string variable)
    {
        AssertSilent(() => new ConfigurationSources().Variable(variable, Secret).Arguments("--print-config"));
        AssertSilent(() => new ConfigurationSources().Variable(variable, Secret + "\uFFFD").Arguments("--print-config"));
        AssertSilent(() => new ConfigurationSources()
            .Variable(variable, Secret).Variable("FIBRIL_AUTH_USERNAME", "a").Arguments("--print-config"));
        AssertSilent(() => new ConfigurationSources()
            .Variable(variable, Secret).Variable("FIBRIL_AUTH_USERNAME", "@a").Variable("FIBRIL_AUTH_PASSWORD_FILE", "f").File("f", Secret)
            .Arguments("--print-config"));
    }

    [Fact]
    public void A_password_file_never_appears() =>
        AssertSilent(() => new ConfigurationSources()
            .Variable("FIBRIL_AUTH_USERNAME", "a").Variable("FIBRIL_AUTH_PASSWORD_FILE", "f").File("f", Secret)
            .Arguments("--print-config"));

    [Fact]
    public void Nothing_that_holds_a_password_shows_it_as_text()
    {
        LoadedConfiguration loaded = new ConfigurationSources()
            .Toml($"auth.seed_users = [{{ username = 'a', password = '{Secret}' }}]").LoadValid();
        Assert.Equal(Secret, loaded.Options.Auth.Users[0].Password);
        Assert.DoesNotContain(Secret, $"{loaded} {loaded.Options} {loaded.Options.Auth.Users[0]}", StringComparison.Ordinal);
    }

    private static void AssertSilent(Func<ConfigurationSources> sources)
    {
        string output = sources().LoadOutput();
        Assert.NotEqual("", output.Trim());
        Assert.DoesNotContain("hunter", output, StringComparison.OrdinalIgnoreCase);
    }
}
