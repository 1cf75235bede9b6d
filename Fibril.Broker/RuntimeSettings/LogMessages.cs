namespace Fibril.Broker.RuntimeSettings;

/// <summary>Log messages of this module: event ids 2600 to 2699.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2600, LogLevel.Information, "{Actor} has set the runtime settings to version {Version}; changed: {Fields}")]
    public static partial void SettingsChanged(this ILogger logger, string actor, long version, string fields);

    [LoggerMessage(2601, LogLevel.Error, "Version {Version} of the runtime settings cannot be read, so the broker runs with those of its startup configuration; an update that names this version replaces it. {Reason}")]
    public static partial void SettingsUnreadable(this ILogger logger, long version, string reason);

    [LoggerMessage(2602, LogLevel.Information, "Runtime settings are at version {Version}, which stands above what runtime_seed says of {Fields}")]
    public static partial void SeedPassedOver(this ILogger logger, long version, string fields);
}
