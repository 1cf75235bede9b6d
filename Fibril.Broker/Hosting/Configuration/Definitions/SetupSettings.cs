using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The setup of a new data directory.</summary>
internal static class SetupSettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar(Settings.SetupMode, Kind.Boolean,
            "True asks for TLS and users on a page of this machine at the first start, before anybody can connect.",
            options => options.SetupMode, (options, value) => options.SetupMode = value,
            "FIBRIL_SETUP_MODE"),
    ];
}
