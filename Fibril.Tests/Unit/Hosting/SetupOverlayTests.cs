using Fibril.Broker.Hosting;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Hosting;

/// <summary>The layer of what was chosen at the first start: above the defaults, below everything that somebody wrote (A-41, configuration.md 1 and 9).</summary>
public sealed class SetupOverlayTests
{
    private const string OverlayPath = "server_data/config-overlay.toml";
    private const string MarkerPath = "server_data/setup_complete";

    private const string Overlay = """
        [tls]
        enabled = true
        auto_self_signed = true
        [auth]
        allow_default_loopback = false
        [admin.auth]
        enabled = true
        """;

    [Fact]
    public void It_counts_while_nobody_says_anything_else()
    {
        LoadedConfiguration loaded = Completed().LoadValid();
        Assert.Equal((true, true, false, true), Values(loaded.Options));
        Assert.Equal($"{OverlayPath}:2:11", loaded.Sources[Settings.TlsEnabled].ToString());
    }

    [Fact] // also when setup mode is off by now
    public void It_counts_without_setup_mode() =>
        Assert.True(new ConfigurationSources().File(OverlayPath, Overlay).LoadOptions().Tls.Enabled);

    [Theory] // a section counts as a whole
    [InlineData("tls.inter_broker = false", false, false, false, true)]
    [InlineData("auth.seed_users = [{ username = 'a', password = 'p' }]", true, true, true, true)]
    [InlineData("admin.auth.password = 'p'", true, true, false, false)]
    public void A_section_in_which_the_file_changes_anything_is_left_alone(string toml, bool tls, bool generated, bool loopback, bool login) =>
        Assert.Equal((tls, generated, loopback, login), Values(Completed().Toml(toml).LoadOptions()));

    [Fact]
    public void Environment_and_command_line_win_too()
    {
        Assert.False(Completed().Variable("FIBRIL__TLS__INTER_BROKER", "false").LoadOptions().Tls.Enabled);
        Assert.False(Completed().Arguments("--set", "tls.inter_broker=false").LoadOptions().Tls.Enabled);
    }

    [Fact]
    public void A_setup_that_is_ahead_takes_no_notice_of_an_older_one()
    {
        LoadedConfiguration loaded = new ConfigurationSources().Toml("setup.mode = true").File(OverlayPath, Overlay).LoadValid();
        Assert.Equal((SetupState.Awaited, false), (loaded.Setup, loaded.Options.Tls.Enabled));
    }

    [Theory]
    [InlineData("setup.mode = true", "Awaited")]
    [InlineData("setup.mode = true\ntls = { enabled = true, auto_self_signed = true }", "Awaited")]
    [InlineData("setup.mode = true\nauth.allow_default_loopback = false", "Awaited")]
    [InlineData("setup.mode = true\nauth.allow_default_loopback = false\ntls = { enabled = true, auto_self_signed = true }", "Needless")]
    [InlineData("setup.mode = false", "Done")]
    public void Setup_is_asked_for_until_it_is_done_or_both_of_its_sections_are_written(string toml, string expected)
    {
        Assert.Equal(expected, $"{new ConfigurationSources().Toml(toml).LoadValid().Setup}");
        Assert.Equal(SetupState.Done, new ConfigurationSources().Toml(toml).File(MarkerPath, "completed_at_ms = 1\n").LoadValid().Setup);
    }

    [Fact] // it is where it was put, not where the default is
    public void It_is_looked_for_in_the_data_directory() =>
        Assert.True(new ConfigurationSources().Arguments("--data-dir", "/srv/d").File("/srv/d/config-overlay.toml", Overlay).LoadOptions().Tls.Enabled);

    [Theory]
    [InlineData("[tls", "cannot")]
    [InlineData("[tls]\ncolour = 1", "tls.colour: no such setting")]
    [InlineData("[broker]\nmax_frame_bytes = 65536", "broker.max_frame_bytes: stands in the file of the setup")]
    public void What_is_wrong_with_it_stops_the_start(string overlay, string text)
    {
        string output = new ConfigurationSources().File(OverlayPath, overlay).LoadRefused().Text;
        Assert.Contains(OverlayPath, output, StringComparison.Ordinal);
        if (text != "cannot") Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Fact] // the page can name an administrator, so an admin listener that others reach is judged with what it says
    public void An_open_admin_listener_is_refused_after_the_setup_and_not_before()
    {
        ConfigurationSources Reachable() => new ConfigurationSources().Toml("setup.mode = true\nadmin.listener.bind = '0.0.0.0:8081'");
        Assert.Equal(SetupState.Awaited, Reachable().LoadValid().Setup);
        Assert.Equal(Settings.AdminBind, Reachable().File(MarkerPath, "").LoadProblem().Subject);
        Assert.True(Reachable().File(MarkerPath, "").File(OverlayPath, Overlay).LoadOptions().Admin.Auth.Enabled);
    }

    private static ConfigurationSources Completed() =>
        new ConfigurationSources().Variable("FIBRIL_SETUP_MODE", "true").File(MarkerPath, "completed_at_ms = 1\n").File(OverlayPath, Overlay);

    private static (bool Tls, bool Generated, bool Loopback, bool Login) Values(BrokerOptions options) =>
        (options.Tls.Enabled, options.Tls.AutoSelfSigned, options.Auth.AllowDefaultLoopback, options.Admin.Auth.Enabled);
}
