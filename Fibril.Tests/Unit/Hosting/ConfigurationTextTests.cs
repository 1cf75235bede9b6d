using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class ConfigurationTextTests
{
    [Theory, MemberData(nameof(SettingPrecedenceTests.Keys), MemberType = typeof(SettingPrecedenceTests))]
    public void Help_teaches_every_setting(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        SettingDefinition setting = Settings.Find(key)!;
        string help = Unwrapped(HelpText.Render());
        string section = help[help.IndexOf($"\n[{sample.Section}]\n", StringComparison.Ordinal)..];
        int next = section.IndexOf("\n[", 2, StringComparison.Ordinal);
        if (next > 0) section = section[..next];

        string entry = section[section.IndexOf($"\n    {sample.Name} ", StringComparison.Ordinal)..];
        Assert.Contains(setting.Description, entry, StringComparison.Ordinal);
        Assert.Contains($"default {setting.Default}", entry, StringComparison.Ordinal);
        Assert.Contains(sample.Flag ?? $"--set {key}=", entry, StringComparison.Ordinal);
        Assert.Contains(sample.Variable ?? sample.GenericVariable, entry, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--config PATH")]
    [InlineData("--set KEY=VALUE")]
    [InlineData("--allow-unknown-config")]
    [InlineData("--check-config")]
    [InlineData("--print-config")]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("FIBRIL_CONFIG")]
    [InlineData("FIBRIL_AUTH_USERNAME")]
    [InlineData("FIBRIL_AUTH_PASSWORD_FILE")]
    [InlineData("FIBRIL__SECTION__KEY")]
    [InlineData("default 5s")]
    [InlineData("64KiB to 1GiB, default 64MiB")]
    [InlineData("Exit codes: 0")]
    public void Help_teaches_what_belongs_to_no_single_setting(string text) =>
        Assert.Contains(text, HelpText.Render(), StringComparison.Ordinal);

    [Fact]
    public void Help_fits_a_terminal() => Assert.All(HelpText.Render().Split('\n'), line => Assert.InRange(line.Length, 0, 130));

    [Fact]
    public void Descriptions_are_one_sentence() =>
        Assert.All(Settings.All, setting => Assert.Matches(@"\A[A-Z][^\n]*[^.]\.\z", setting.Description));

    [Fact]
    public void The_printed_configuration_is_the_same_configuration()
    {
        // Every setting at the value that is not its default, so that none can be forgotten; but those that exclude others, or are secret.
        string[] apart =
        [
            "admin.auth.enabled", "admin.auth.password", "admin.auth.password_file", "auth.seed_users", "tls.auto_self_signed",
            "coordination.ganglion.assignment_durability.nodes",
        ];
        SettingSample[] samples = [.. SettingSamples.All.Where(sample => sample.HasChoice && !apart.Contains(sample.Key))];
        var sources = new ConfigurationSources();
        foreach (SettingSample sample in samples)
        {
            SampleValue value = sample.First.Expected.Equals(sample.Default) ? sample.Second : sample.First;
            if (sample.Key == "broker.max_partition_count") value = sample.Second;
            sources.Arguments("--set", $"{sample.Key}={value.Plain}");
        }

        AssertPrintsItself(sources, samples);
        foreach (string key in apart.Except(["admin.auth.enabled", "admin.auth.password", "auth.seed_users"]))
        {
            SettingSample sample = SettingSamples.Find(key);
            AssertPrintsItself(sample.Sources().Arguments("--set", $"{key}={sample.First.Plain}"), sample);
        }
    }

    private static void AssertPrintsItself(ConfigurationSources sources, params SettingSample[] samples)
    {
        BrokerOptions before = sources.LoadOptions();
        string printed = sources.Arguments("--print-config").LoadAnswer().Text;
        BrokerOptions after = samples[0].Sources().Toml(printed).LoadOptions();
        Assert.All(
            samples,
            sample =>
            {
                Assert.NotEqual(sample.Default, sample.Read(after));
                Assert.Equal(sample.Read(before), sample.Read(after));
            });
    }

    [Fact]
    public void The_printed_defaults_are_the_defaults()
    {
        string printed = new ConfigurationSources().Arguments("--print-config").LoadAnswer().Text;
        LoadedConfiguration loaded = new ConfigurationSources().Toml(printed).LoadValid();
        Assert.All(SettingSamples.All, sample => Assert.Equal(sample.Default, sample.Read(loaded.Options)));
        Assert.DoesNotContain(DefaultSource.Instance, loaded.Sources.Values);
    }

    [Fact]
    public void Every_printed_value_names_its_source()
    {
        string printed = new ConfigurationSources()
            .Toml("[broker]\nmax_connections = 5\nheartbeat_interval_ms = '2s'").Variable("FIBRIL_DATA_DIR", "/d\"ata")
            .Variable("FIBRIL__BROKER__MAX_FRAME_BYTES", "65536")
            .Arguments("--admin-bind=127.0.0.1:1", "--set=broker.max_partition_count=7", "--print-config").LoadAnswer().Text;
        Assert.Contains("\n[server]\ndata_dir = \"/d\\\"ata\"  # FIBRIL_DATA_DIR\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nmax_connections = 5  # fibril.toml:2:19\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nheartbeat_interval_ms = 2000  # fibril.toml:3:25\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nmax_frame_bytes = 65536  # FIBRIL__BROKER__MAX_FRAME_BYTES\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nbind = \"127.0.0.1:1\"  # --admin-bind\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nmax_partition_count = 7  # --set broker.max_partition_count\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nhandshake_timeout_ms = 10000  # default\n", printed, StringComparison.Ordinal);
        Assert.Contains("\nseed_users = []  # default\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Odd_paths_stay_in_their_comment_and_string()
    {
        const string Path = "odd\nname\u0007.toml";
        string printed = new ConfigurationSources()
            .File(Path, "server.data_dir = \"a\\nb\\u0001\"").Arguments("--config", Path, "--print-config").LoadAnswer().Text;
        Assert.Contains("data_dir = \"a\\nb\\u0001\"  # odd?name?.toml:1:19\n", printed, StringComparison.Ordinal);
        Assert.Equal("a\nb\u0001", new ConfigurationSources().Toml(printed).LoadOptions().DataDirectory);
    }

    [Fact]
    public void Printed_users_load_again_once_their_passwords_are_put_back()
    {
        string printed = new ConfigurationSources()
            .Toml("auth.seed_users = [{ username = 'ann', password = 'p' }, { username = 'b\"b', password = 'q' }]")
            .Arguments("--print-config").LoadAnswer().Text;
        Assert.Contains(
            """
            seed_users = [{ username = "ann", password = "<redacted>" }, { username = "b\"b", password = "<redacted>" }]  # fibril.toml:1:19

            """,
            printed, StringComparison.Ordinal);

        // Nobody may come to run with a password that everybody knows.
        Assert.Equal(2, new ConfigurationSources().Toml(printed).LoadRefused().Problems.Count);
        string filled = printed.Replace("password = \"<redacted>\"", "password = \"p\"", StringComparison.Ordinal);
        Assert.Equal(["ann", "b\"b"], new ConfigurationSources().Toml(filled).LoadOptions().Auth.Users.Select(user => user.UserName));
    }

    private static string Unwrapped(string help) =>
        System.Text.RegularExpressions.Regex.Replace(help, @"(?<=\S)\n {38}(?=\S)", " ");
}
