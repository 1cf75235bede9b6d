using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class SettingPrecedenceTests
{
    private enum From
    {
        Toml,
        Variable,
        GenericVariable,
        Flag,
        Set,
    }

    public static TheoryData<string> Keys => [.. SettingSamples.All.Select(sample => sample.Key)];

    [Fact]
    public void Every_setting_is_documented_by_a_sample_and_the_other_way_round() =>
        Assert.Equal(SettingSamples.All.Select(sample => sample.Key), Settings.All.Select(setting => setting.Key));

    [Theory, MemberData(nameof(Keys))]
    public void Names_of_variables_and_flags_are_the_documented_ones(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        SettingDefinition setting = Settings.Find(key)!;
        Assert.Equal((sample.Variable, sample.GenericVariable, sample.Flag), (setting.Variable, setting.GenericVariable, setting.Flag));
    }

    [Theory, MemberData(nameof(Keys))] // K-1
    public void Nothing_set_means_the_default(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        LoadedConfiguration loaded = new ConfigurationSources().LoadValid();
        Assert.Equal(sample.Default, sample.Read(loaded.Options));
        Assert.Equal("default", loaded.Sources[key].ToString());
    }

    [Theory, MemberData(nameof(Keys))] // K-1
    public void Every_source_can_give_every_setting_its_smallest_and_largest_value(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        foreach (From from in SourcesOf(sample))
        {
            foreach (SampleValue value in new[] { sample.First, sample.Second })
            {
                LoadedConfiguration loaded = Give(sample.Sources(), from, sample, value).LoadValid();
                Assert.Equal((from, value.Expected), (from, sample.Read(loaded.Options)));
                Assert.Equal(NameOf(from, sample), loaded.Sources[key].ToString());
            }
        }
    }

    [Theory, MemberData(nameof(Keys))] // K-1
    public void A_stronger_source_overrides_a_weaker_one(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        From[] sources = [.. SourcesOf(sample)];
        foreach (From weaker in sources)
        {
            foreach (From stronger in sources.Where(other => Strength(other) > Strength(weaker)))
            {
                AssertOverrides(sample, weaker, sample.First, stronger, sample.Second);
                AssertOverrides(sample, weaker, sample.Second, stronger, sample.First);
            }
        }
    }

    [Theory, MemberData(nameof(Keys))]
    public void A_blank_variable_counts_as_not_set(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        var sources = new ConfigurationSources().Variable(sample.GenericVariable, " \t");
        if (sample.Variable is not null) sources.Variable(sample.Variable, "");
        Assert.Equal(sample.Default, sample.Read(sources.LoadOptions()));
    }

    [Theory, MemberData(nameof(Keys))]
    public void The_two_variables_of_a_setting_must_not_disagree(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        if (sample.Variable is null) return;
        ConfigurationSources agreeing = sample.Sources()
            .Variable(sample.Variable, sample.First.Plain).Variable(sample.GenericVariable, sample.First.Plain);
        Assert.Equal(sample.First.Expected, sample.Read(agreeing.LoadOptions()));

        if (!sample.HasChoice) return;
        ConfigurationProblem problem = sample.Sources()
            .Variable(sample.Variable, sample.First.Plain).Variable(sample.GenericVariable, sample.Second.Plain).LoadProblem();
        Assert.Equal(key, problem.Subject);
        Assert.Contains(sample.Variable, problem.What, StringComparison.Ordinal);
        Assert.Contains(sample.GenericVariable, problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_that_disagree_are_refused_even_when_a_flag_overrides_both()
    {
        ConfigurationProblem problem = new ConfigurationSources()
            .Variable("FIBRIL_DATA_DIR", "one").Variable("FIBRIL__SERVER__DATA_DIR", "two").Arguments("--data-dir", "three").LoadProblem();
        Assert.Equal("server.data_dir", problem.Subject);
    }

    [Fact]
    public void The_file_can_be_named_by_flag_or_variable_and_the_flag_wins()
    {
        var sources = new ConfigurationSources()
            .File("a.toml", "[server]\ndata_dir = 'a'").File("b.toml", "[server]\ndata_dir = 'b'").Variable("FIBRIL_CONFIG", "a.toml");
        Assert.Equal("a", sources.LoadOptions().DataDirectory);
        Assert.Equal("b", sources.Arguments("--config", "b.toml").LoadOptions().DataDirectory);
    }

    [Fact]
    public void A_blank_file_variable_means_no_file() =>
        Assert.Equal("server_data", new ConfigurationSources().Variable("FIBRIL_CONFIG", " ").LoadOptions().DataDirectory);

    [Fact]
    public void A_listener_table_without_bind_keeps_the_default()
    {
        var options = new ConfigurationSources().Toml("[broker.listener]\n[admin.listener]\n").LoadOptions();
        Assert.Equal("0.0.0.0:9876", options.Sessions.Bind.ToString());
        Assert.Equal("127.0.0.1:8081", options.Admin.Bind.ToString());
    }

    [Theory]
    [InlineData("broker.listener.bind = '127.0.0.1:5000'")]
    [InlineData("broker = { listener = { bind = '127.0.0.1:5000' } }")]
    [InlineData("[broker]\nlistener.bind = '127.0.0.1:5000'")]
    [InlineData("[broker]\nlistener = { bind = '127.0.0.1:5000' }")]
    [InlineData("[broker.listener]\nbind = '127.0.0.1:5000'")]
    [InlineData("[\"broker\".'listener']\n\"bind\" = \"\"\"127.0.0.1:5000\"\"\"")]
    [InlineData("\uFEFF[broker.listener]\r\nbind = '127.0.0.1:5000'\r\n")]
    public void Every_spelling_of_a_table_means_the_same(string toml) =>
        Assert.Equal(5000, new ConfigurationSources().Toml(toml).LoadOptions().Sessions.Bind.Port);

    [Fact]
    public void A_bad_value_that_is_overridden_only_warns()
    {
        LoadedConfiguration loaded = new ConfigurationSources()
            .Toml("[broker]\nmax_connections = 0\n").Variable("FIBRIL__BROKER__MAX_CONNECTIONS", "5").LoadValid();
        Assert.Equal(5, loaded.Options.Sessions.MaxConnections);
        string warning = Assert.Single(loaded.Warnings);
        Assert.Contains("fibril.toml:2:19: broker.max_connections: 0 is too small", warning, StringComparison.Ordinal);
        Assert.Contains("FIBRIL__BROKER__MAX_CONNECTIONS overrides it", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_judge_the_merged_configuration_only()
    {
        var file = new ConfigurationSources().Toml("[admin.listener]\nbind = '0.0.0.0:8081'\n");
        Assert.Equal("admin.listener.bind", file.LoadProblem().Subject);
        Assert.Equal("127.0.0.1:8081", file.Variable("FIBRIL_ADMIN_BIND", "127.0.0.1:8081").LoadOptions().Admin.Bind.ToString());
    }

    private static void AssertOverrides(SettingSample sample, From weaker, SampleValue weak, From stronger, SampleValue strong)
    {
        ConfigurationSources sources = sample.Sources();
        Give(sources, weaker, sample, weak);
        Give(sources, stronger, sample, strong);
        LoadedConfiguration loaded = sources.LoadValid();
        Assert.Equal((weaker, stronger, strong.Expected), (weaker, stronger, sample.Read(loaded.Options)));
        Assert.Equal(NameOf(stronger, sample), loaded.Sources[sample.Key].ToString());
    }

    private static IEnumerable<From> SourcesOf(SettingSample sample) =>
        Enum.GetValues<From>().Where(from => from switch
        {
            From.Variable => sample.Variable is not null,
            From.Flag => sample.Flag is not null,
            _ => true,
        });

    private static int Strength(From from) => from == From.Toml ? 0 : from is From.Variable or From.GenericVariable ? 1 : 2;

    private static ConfigurationSources Give(ConfigurationSources sources, From from, SettingSample sample, SampleValue value) =>
        from switch
        {
            From.Toml => sources.Toml(sample.TomlWith(value)),
            From.Variable => sources.Variable(sample.Variable!, value.Plain),
            From.GenericVariable => sources.Variable(sample.GenericVariable, value.Plain),
            From.Flag => sources.Arguments(sample.Flag!, value.Plain),
            _ => sources.Arguments("--set", $"{sample.Key}={value.Plain}"),
        };

    private static string NameOf(From from, SettingSample sample) =>
        from switch
        {
            From.Toml => $"fibril.toml:2:{sample.Name.Length + 4}",
            From.Variable => sample.Variable!,
            From.GenericVariable => sample.GenericVariable,
            From.Flag => sample.Flag!,
            _ => $"--set {sample.Key}",
        };
}
