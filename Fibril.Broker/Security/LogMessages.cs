namespace Fibril.Broker.Security;

/// <summary>Log messages of this module: event ids 2400 to 2499. Passwords, hashes and keys never appear.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2400, LogLevel.Warning, "The password of {UserName} keeps its older hash: the new one cannot be stored. It is tried again at the next login")]
    public static partial void HashNotUpgraded(this ILogger logger, string userName, Exception failure);
}
