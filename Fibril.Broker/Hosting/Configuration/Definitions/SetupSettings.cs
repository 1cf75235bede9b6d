using static Fibril.Broker.Hosting.Configuration.Define;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The setup of a new data directory.</summary>
internal static class SetupSettings
{
    public static IEnumerable<SettingDefinition> All =>
    [
        Scalar(Settings.SetupMode, Kind.Boolean,
            "True would ask for TLS and users on a page at the first start; this version has no such page and refuses to start.",
            options => options.SetupMode, (options, value) => options.SetupMode = value,
            "FIBRIL_SETUP_MODE"),
    ];
}
