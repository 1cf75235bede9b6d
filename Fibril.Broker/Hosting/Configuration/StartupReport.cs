using Fibril.Broker.Admin;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Shows operators what the broker was started with.</summary>
internal static class StartupReport
{
    public static StartupConfiguration Of(LoadedConfiguration loaded) => Of(loaded.Options, key => loaded.Sources[key]);

    /// <summary>Of a broker whose options were set by a program.</summary>
    public static StartupConfiguration Of(BrokerOptions options) => Of(options, static _ => DefaultSource.Instance);

    private static StartupConfiguration Of(BrokerOptions options, Func<string, SettingSource> sourceOf) => new(
        Path.GetFullPath(options.DataDirectory), options.Sessions.Bind.ToString(), options.Admin.Bind.ToString(),
        [
            .. Settings.All.Select(setting => new StartupSetting(
                setting.Key, setting.WriteToml(options), sourceOf(setting.Key).ToString()!, setting.IsSecret, setting.Description)),
        ]);
}
