using Microsoft.Extensions.Logging;

namespace Fibril.Client.Hosting;

/// <summary>Log messages of hosted consumers: event ids 3100 to 3199.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(3100, LogLevel.Information, "{Consumer} takes messages from {Channel}")]
    public static partial void Consuming(this ILogger logger, string channel, Type consumer);

    [LoggerMessage(3101, LogLevel.Warning, "Taking messages from {Channel} begins anew in {Pause}: {Reason}")]
    public static partial void ConsumerInterrupted(this ILogger logger, string channel, TimeSpan pause, string reason);

    [LoggerMessage(3102, LogLevel.Warning, "The consumer failed on {Message} after {Retries} retries; next attempt after {RetryAfter}")]
    public static partial void ConsumerFailed(this ILogger logger, Exception failure, string message, int retries, TimeSpan retryAfter);

    [LoggerMessage(3103, LogLevel.Warning, "{Message} was handled but not settled, so it comes again: {Reason}")]
    public static partial void NotSettled(this ILogger logger, string message, string reason);

    [LoggerMessage(3104, LogLevel.Warning, "The host stops without waiting for {Count} handlers of {Channel} any longer")]
    public static partial void HandlersCancelled(this ILogger logger, string channel, int count);

    [LoggerMessage(3105, LogLevel.Information, "{Message} was not finished and comes again")]
    public static partial void HandlerAborted(this ILogger logger, string message);

    [LoggerMessage(3106, LogLevel.Error, "The consumer failed on {Message} for good, after {Retries} retries")]
    public static partial void ConsumerGaveUp(this ILogger logger, Exception failure, string message, int retries);
}
