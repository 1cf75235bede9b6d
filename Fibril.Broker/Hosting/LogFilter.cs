namespace Fibril.Broker.Hosting;

/// <summary>The log filter of <c>FIBRIL_LOG</c>: a level, or levels for parts, as in <c>info,queues=debug,sessions=debug</c>.</summary>
internal static class LogFilter
{
    public const string Variable = "FIBRIL_LOG";

    private const LogLevel DefaultLevel = LogLevel.Information;

    /// <summary>Sets the levels; a part that cannot be read is passed over with a line on standard error.</summary>
    public static void Apply(ILoggingBuilder logging, string? filter)
    {
        logging.SetMinimumLevel(DefaultLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        foreach (string part in (filter ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (sides[0].Length == 0 || Parse(sides[^1]) is not { } level)
                Console.Error.WriteLine($"{Variable}: '{part}' is passed over. Write a level (trace, debug, info, warn, error, off), or part=level with queues, streams, sessions or statistics as the part.");
            else if (sides.Length == 1) logging.SetMinimumLevel(level);
            else logging.AddFilter($"Fibril.{char.ToUpperInvariant(sides[0][0])}{sides[0][1..]}", level);
        }
    }

    private static LogLevel? Parse(string text) => text.ToLowerInvariant() switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" or "information" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "off" or "none" => LogLevel.None,
        _ => null,
    };
}
