using System.Globalization;

namespace Fibril.Cli.Output;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB"];

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>Per second, without digits nobody can rely on.</summary>
    public static string Rate(long count, TimeSpan elapsed) =>
        elapsed > TimeSpan.Zero ? Count((long)Math.Round(count / elapsed.TotalSeconds)) + "/s" : "-/s";

    /// <summary>Decimal units, as file managers show them.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => Invariant(time.TotalMilliseconds, "0.###") + " ms",
        { TotalMinutes: < 1 } => Invariant(time.TotalSeconds, "0.##") + " s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(long)time.TotalHours} h {time.Minutes} min",
    };

    /// <summary>The two largest units: for ages, where more would only be noise.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 1 } => $"{(int)time.TotalSeconds}s",
        { TotalHours: < 1 } => time.Seconds == 0 ? $"{time.Minutes}m" : $"{time.Minutes}m{time.Seconds}s",
        { TotalDays: < 1 } => time.Minutes == 0 ? $"{time.Hours}h" : $"{time.Hours}h{time.Minutes}m",
        _ => time.Hours == 0 ? $"{time.Days}d" : $"{time.Days}d{time.Hours}h",
    };

    private static string Invariant(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
