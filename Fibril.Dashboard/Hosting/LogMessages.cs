namespace Fibril.Dashboard.Hosting;

/// <summary>What the dashboard tells its log when it runs alone.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(9000, LogLevel.Information, "Broker {Name} at {Address}, pages below {Path}")]
    public static partial void ShowsBroker(this ILogger logger, string name, Uri? address, string path);
}
