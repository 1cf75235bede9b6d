using System.Globalization;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;
using Xunit;

namespace Fibril.Tests.Unit.Hosting;

public sealed class SettingValueTests
{
    // The smallest and the largest value of each range are those of the samples, so one step further must be refused.
    public static TheoryData<string, long> BeyondRange
    {
        get
        {
            var data = new TheoryData<string, long>();
            foreach (SettingSample sample in SettingSamples.All)
            {
                if (!long.TryParse(sample.First.Plain, CultureInfo.InvariantCulture, out long smallest)) continue;
                bool startsAboveMinimum = sample.Key is "storage.keratin.min_fsync_interval_ms" or "runtime_seed.idle_queue_cleanup.publisher_idle_timeout_ms"
                    or "runtime_seed.partitioning.default_partition_count" or "runtime_seed.consumer_groups.default_target_per_consumer"
                    or "runtime_seed.replication.min_in_sync_replicas" or "coordination.ganglion.raft_node_id";
                data.Add(sample.Key, smallest - (startsAboveMinimum ? 2 : 1));
                data.Add(sample.Key, long.Parse(sample.Second.Plain, CultureInfo.InvariantCulture) + 1);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(BeyondRange))]
    public void A_number_beyond_its_range_is_refused(string key, long value)
    {
        SettingSample sample = SettingSamples.Find(key);
        string wanted = value < long.Parse(sample.Second.Plain, CultureInfo.InvariantCulture) ? "is too small" : "is too large";

        ConfigurationProblem inFile = new ConfigurationSources().Toml($"{key} = {value}").LoadProblem();
        Assert.Equal((key, $"{value}", wanted), (inFile.Subject, inFile.Found, inFile.What));
        Assert.Equal($"fibril.toml:1:{key.Length + 4}", inFile.Source.Where);
        Assert.Contains(" from ", inFile.Allowed!, StringComparison.Ordinal);
        Assert.StartsWith(sample.Name + " = ", inFile.Instead!, StringComparison.Ordinal);

        ConfigurationProblem inVariable = new ConfigurationSources().Variable(sample.GenericVariable, $"{value}").LoadProblem();
        Assert.Equal((key, $"\"{value}\"", wanted), (inVariable.Subject, inVariable.Found, inVariable.What));
        Assert.Equal($"environment variable {sample.GenericVariable}", inVariable.Source.Where);
        Assert.StartsWith(sample.GenericVariable + "=", inVariable.Instead!, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(SettingPrecedenceTests.Keys), MemberType = typeof(SettingPrecedenceTests))]
    public void What_a_message_proposes_is_accepted(string key)
    {
        SettingSample sample = SettingSamples.Find(key);
        ConfigurationProblem problem = new ConfigurationSources().Toml($"[{sample.Section}]\n{sample.Name} = 1.5\n").LoadProblem();
        if (key is "auth.seed_users" or "admin.auth.password" or "admin.auth.password_file") return;   // proposes a shape, not a value
        LoadedConfiguration loaded = new ConfigurationSources().Toml($"[{sample.Section}]\n{problem.Instead}\n").LoadValid();
        Assert.Equal(sample.Default, sample.Read(loaded.Options));
    }

    [Theory]
    [InlineData("250", 250)]
    [InlineData("1_000", 1000)]
    [InlineData("0x3E8", 1000)]
    [InlineData("'250ms'", 250)]
    [InlineData("'30s'", 30_000)]
    [InlineData("'30 s'", 30_000)]
    [InlineData("'5m'", 300_000)]
    [InlineData("'1h'", 3_600_000)]
    public void Durations_of_the_file_may_have_units(string toml, long milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            new ConfigurationSources().Toml($"broker.heartbeat_interval_ms = {toml}").LoadOptions().Sessions.HeartbeatInterval);

    [Fact]
    public void Long_durations_may_be_days() =>
        Assert.Equal(
            TimeSpan.FromDays(7),
            new ConfigurationSources().Toml("runtime_seed.delivery.inflight_ttl_ms = '7d'").LoadOptions().Delivery.LeaseDuration);

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("'65536B'", 65_536)]
    [InlineData("'64KiB'", 65_536)]
    [InlineData("'64 KiB'", 65_536)]
    [InlineData("'256MiB'", 268_435_456)]
    [InlineData("'1GiB'", 1_073_741_824)]
    [InlineData("'100KB'", 100_000)]
    [InlineData("'10MB'", 10_000_000)]
    [InlineData("'1GB'", 1_000_000_000)]
    public void Sizes_of_the_file_may_have_units(string toml, int bytes) =>
        Assert.Equal(bytes, new ConfigurationSources().Toml($"broker.max_frame_bytes = {toml}").LoadOptions().Sessions.MaxFrameBytes);

    [Theory]
    [InlineData("max_frame_bytes = '2GiB'", "\"2GiB\" is too large", "67108864")]
    [InlineData("max_frame_bytes = '99999999999999999999999999999999999999999GiB'", "is too large", "67108864")]
    [InlineData("max_frame_bytes = '9223372036854775807GiB'", "is too large", "67108864")]
    [InlineData("max_frame_bytes = '-64KiB'", "is not a number with a unit", "67108864")]
    [InlineData("max_frame_bytes = '256mib'", "is not a number with a unit", "\"256MiB\"")]
    [InlineData("max_frame_bytes = '256M'", "is not a number with a unit", "\"256MiB\"")]
    [InlineData("max_frame_bytes = '9000M'", "is not a number with a unit", "67108864")]
    [InlineData("max_frame_bytes = '65536'", "is text without a unit", "65536")]
    [InlineData("max_frame_bytes = '1.5MiB'", "is not a number with a unit", "67108864")]
    [InlineData("max_frame_bytes = 1.5", "1.5 is a fraction, not a number", "67108864")]
    [InlineData("max_frame_bytes = true", "true is a boolean, not a number", "67108864")]
    [InlineData("max_frame_bytes = [1]", "[...] is a list, not a number", "67108864")]
    [InlineData("max_frame_bytes = { a = 1 }", "{...} is a table, not a number", "67108864")]
    [InlineData("max_frame_bytes = 2020-01-01", "2020-01-01 is a date or time, not a number", "67108864")]
    [InlineData("heartbeat_interval_ms = '5S'", "is not a number with a unit", "\"5s\"")]
    [InlineData("heartbeat_interval_ms = '5 minutes'", "is not a number with a unit", "5000")]
    [InlineData("heartbeat_interval_ms = ''", "is not a number with a unit", "5000")]
    [InlineData("max_connections = '12'", "\"12\" is text, not a number", "12")]
    [InlineData("max_connections = '1,200'", "is text, not a number", "1200")]
    [InlineData("max_connections = 'many'", "is text, not a number", "10000")]
    [InlineData("standalone_topology = 'yes'", "\"yes\" is text, not true or false", "true")]
    [InlineData("standalone_topology = 'Off'", "is text, not true or false", "false")]
    [InlineData("standalone_topology = 0", "0 is a number, not true or false", "true")]
    [InlineData("listener.bind = 9876", "9876 is a number, not an IP:PORT in quotes", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = 'localhost:9000'", "has a name where an address must stand", "\"127.0.0.1:9000\"")]
    [InlineData("listener.bind = 'example.org:9000'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '127.0.0.1'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '127.0.0.1:65536'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '127.0.0.1:+80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '127.1:80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '0x7f.0.0.1:80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '::1:80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = '[127.0.0.1]:80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = ':80'", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    [InlineData("listener.bind = ''", "is not a literal IP:PORT", "\"0.0.0.0:9876\"")]
    public void A_value_the_file_cannot_have_is_explained(string line, string headline, string instead)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml($"[broker]\n{line}\n").LoadProblem();
        string name = line[..line.IndexOf(' ', StringComparison.Ordinal)];
        Assert.Equal($"broker.{name}", problem.Subject);
        Assert.Contains(headline, $"{problem}", StringComparison.Ordinal);
        Assert.Equal($"fibril.toml:2:{line.IndexOf('=', StringComparison.Ordinal) + 3}", problem.Source.Where);
        Assert.NotNull(problem.Allowed);
        Assert.Equal($"{name[(name.LastIndexOf('.') + 1)..]} = {instead}", problem.Instead);
    }

    [Theory]
    [InlineData("broker.max_connections", "1_000", "is not a plain decimal number", "1000")]
    [InlineData("broker.max_connections", "1,000", "is not a plain decimal number", "1000")]
    [InlineData("broker.max_connections", " 5", "is not a plain decimal number", "5")]
    [InlineData("broker.max_connections", "+5", "is not a plain decimal number", "10000")]
    [InlineData("broker.max_connections", "1e3", "is not a plain decimal number", "10000")]
    [InlineData("broker.max_connections", "0x10", "is not a plain decimal number", "10000")]
    [InlineData("broker.max_connections", "\u0665", "is not a plain decimal number", "10000")]
    [InlineData("broker.max_connections", "99999999999999999999999999999999999999999999", "is too large", "10000")]
    [InlineData("broker.max_connections", "-99999999999999999999999999999999999999999999", "is too small", "10000")]
    [InlineData("broker.max_frame_bytes", "256MiB", "is not a plain decimal number", "268435456")]
    [InlineData("broker.heartbeat_interval_ms", "30s", "is not a plain decimal number", "30000")]
    [InlineData("broker.standalone_topology", "True", "is neither true nor false", "true")]
    [InlineData("broker.standalone_topology", "1", "is neither true nor false", "true")]
    [InlineData("broker.standalone_topology", "no", "is neither true nor false", "false")]
    [InlineData("broker.standalone_topology", "maybe", "is neither true nor false", "true")]
    [InlineData("broker.listener.bind", "localhost:1", "has a name where an address must stand", "127.0.0.1:1")]
    public void A_value_that_variables_and_flags_cannot_have_is_explained(string key, string value, string what, string instead)
    {
        string variable = SettingSamples.Find(key).GenericVariable;
        ConfigurationProblem fromVariable = new ConfigurationSources().Variable(variable, value).LoadProblem();
        Assert.Equal((key, what, $"{variable}={instead}"), (fromVariable.Subject, fromVariable.What, fromVariable.Instead));
        Assert.Equal($"environment variable {variable}", fromVariable.Source.Where);
        Assert.Equal($"\"{value}\"", fromVariable.Found);

        ConfigurationProblem fromFlag = new ConfigurationSources().Arguments("--set", $"{key}={value}").LoadProblem();
        Assert.Equal((key, what, $"--set {key}={instead}"), (fromFlag.Subject, fromFlag.What, fromFlag.Instead));
        Assert.Equal($"command line, --set {key}", fromFlag.Source.Where);
    }

    [Fact]
    public void A_value_of_a_flag_is_explained_with_the_flag()
    {
        ConfigurationProblem problem = new ConfigurationSources().Arguments("--broker-bind=here").LoadProblem();
        Assert.Equal(("command line, --broker-bind", "--broker-bind 0.0.0.0:9876"), (problem.Source.Where, problem.Instead));
    }

    [Theory]
    [InlineData("''")]
    [InlineData("'  '")]
    public void An_empty_data_directory_is_refused(string toml)
    {
        ConfigurationProblem problem = new ConfigurationSources().Toml($"server.data_dir = {toml}").LoadProblem();
        Assert.Equal(("server.data_dir", "is empty", "data_dir = \"server_data\""), (problem.Subject, problem.What, problem.Instead));
        Assert.Equal("is empty", new ConfigurationSources().Arguments("--data-dir=").LoadProblem().What);
    }

    [Fact]
    public void A_path_with_a_NUL_is_refused() =>
        Assert.Equal("has a NUL character", new ConfigurationSources().Toml("server.data_dir = \"a\\u0000b\"").LoadProblem().What);

    [Fact]
    public void A_long_or_unprintable_value_is_shown_short_and_escaped()
    {
        string shown = new ConfigurationSources().Arguments("--broker-bind", "\u001b[2J\n" + new string('x', 5000)).LoadProblem().Found!;
        Assert.True(shown.Length < 200, shown);
        Assert.DoesNotContain(shown, char.IsControl);
    }

    [Fact]
    public void A_variable_that_is_not_Unicode_is_refused()
    {
        ConfigurationProblem problem = new ConfigurationSources().Variable("FIBRIL_DATA_DIR", "a\uFFFDb").LoadProblem();
        Assert.Equal(("FIBRIL_DATA_DIR", "the value is not valid Unicode"), (problem.Subject, problem.What));
        new ConfigurationSources().Variable("OTHER", "a\uFFFDb").Variable("FIBRIL_OTHER", "\uFFFD").LoadValid();
    }

    [Fact]
    public void A_name_of_an_enumeration_is_read_in_snake_case()
    {
        var kind = new EnumKind<DayOfWeekend>();
        Assert.Equal(DayOfWeekend.LateSunday, kind.Read("late_sunday").Value);
        Assert.Equal(DayOfWeekend.LateSunday, kind.Read(new FileText("late_sunday", 1, 1)).Value);
        Assert.Equal("late_sunday", kind.Read("late_sundy").Instead);
        Assert.Equal("\"saturday\"", kind.Read(new FileText("Saturday", 1, 1)).Instead);
        Assert.Equal("is a boolean, not a name in quotes", kind.Read(new FileBoolean(true, 1, 1)).Fault);
        Assert.Equal("\"saturday\", \"late_sunday\"", kind.Allowed(Notation.Toml));
        Assert.Equal("saturday, late_sunday", kind.Range);
        Assert.Equal("late_sunday", kind.Write(DayOfWeekend.LateSunday, Notation.Plain));
    }

    private enum DayOfWeekend
    {
        Saturday,
        LateSunday,
    }
}
