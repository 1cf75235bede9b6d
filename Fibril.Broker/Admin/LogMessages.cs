namespace Fibril.Broker.Admin;

/// <summary>Log messages of this module: event ids 2800 to 2899.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2800, LogLevel.Error, "The admin API met a fault at {Method} {Path}, request {RequestId}, trace {Trace}")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, string requestId, string trace, Exception fault);

    [LoggerMessage(2801, LogLevel.Information, "Audit: {Kind} of {Subject} by {Actor}: {Detail}")]
    public static partial void Audited(this ILogger logger, string kind, string subject, string actor, string detail);

    [LoggerMessage(2802, LogLevel.Error, "Entry {Id} of the audit trail could not be written; it is in this log only")]
    public static partial void AuditNotWritten(this ILogger logger, long id, Exception failure);

    [LoggerMessage(2803, LogLevel.Warning, "The admin listener refused the login of '{UserName}' from {Source}")]
    public static partial void LoginRefused(this ILogger logger, string userName, System.Net.IPAddress? source);

    [LoggerMessage(2804, LogLevel.Warning, "A look for what needs attention failed; the next one comes in a moment")]
    public static partial void AttentionFailed(this ILogger logger, Exception failure);
}
