using System.Net;
using Fibril.Broker.Log;

namespace Fibril.Broker.Hosting;

/// <summary>Log messages of this module: event ids 2000 to 2099.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2000, LogLevel.Information, "Fibril is ready: clients on {Broker}, admin on {Admin}, data in {DataDirectory}, {QueueCount} queue(s), {StreamCount} stream(s)")]
    public static partial void Ready(this ILogger logger, IPEndPoint? broker, string admin, string dataDirectory, int queueCount, int streamCount);

    [LoggerMessage(2001, LogLevel.Information, "Fibril has stopped; everything it accepted is on the disk")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(2002, LogLevel.Warning, "The data directory holds files of topic {Topic}, which no queue is declared for; they are left alone")]
    public static partial void UnknownTopic(this ILogger logger, string topic);

    [LoggerMessage(2003, LogLevel.Error, "Fibril gives up stopping in order after {Seconds} s, as the disk does not answer; confirmed messages are safe, settlements of the last moments may be lost")]
    public static partial void StopTookTooLong(this ILogger logger, double seconds);

    [LoggerMessage(2004, LogLevel.Warning, "Fibril waits for its setup: open {Url} on this machine. Nobody can connect until it is done")]
    public static partial void SetupAwaited(this ILogger logger, string url);

    [LoggerMessage(2005, LogLevel.Information, "The setup is complete; the broker starts")]
    public static partial void SetupDone(this ILogger logger);

    [LoggerMessage(2006, LogLevel.Warning, "Choices of the setup were not applied: {Reason}")]
    public static partial void SetupRefused(this ILogger logger, string reason);

    [LoggerMessage(2020, LogLevel.Warning, "The catalogue of queues passes over a snapshot that is not what was written, and loses nothing by it: {Damage}")]
    public static partial void CatalogueSnapshotDamaged(this ILogger logger, LogDamage damage);

    [LoggerMessage(2019, LogLevel.Warning, "There are users and TLS is off: passwords travel in clear text. Switch it on with tls.enabled = true and tls.auto_self_signed = true, or a certificate of your own")]
    public static partial void PasswordsTravelOpenly(this ILogger logger);
}
