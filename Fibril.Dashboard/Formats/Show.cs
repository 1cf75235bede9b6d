using System.Globalization;

namespace Fibril.Dashboard.Formats;

/// <summary>Numbers and times as people read them. The same everywhere, and the exact value is always one hover away.</summary>
public static class Show
{
    /// <summary>What stands where there is nothing to say.</summary>
    public const string Nothing = "–";

    private const double Kilo = 1000;
    private const double Kibi = 1024;

    private static readonly string[] Powers = ["", "k", "M", "G", "T"];
    private static readonly string[] BytePowers = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary><c>12.4k</c>.</summary>
    public static string Count(double? value)
    {
        if (value is not { } number) return Nothing;
        (double scaled, int power) = Scale(number, Kilo, Powers.Length);
        return power == 0 ? number.ToString("0", CultureInfo.InvariantCulture) : Short(scaled) + Powers[power];
    }

    /// <summary><c>12,431</c>.</summary>
    public static string Exact(double? value) => value is { } number ? number.ToString("#,0.###", CultureInfo.InvariantCulture) : Nothing;

    /// <summary><c>3.2</c>, <c>12.4k</c>: small rates keep a digit, because 0.3 a second is not nothing.</summary>
    public static string Rate(double? value) => value is { } number && number is > 0 and < 10 ? number.ToString("0.#", CultureInfo.InvariantCulture) is "0" ? "<0.1" : number.ToString("0.#", CultureInfo.InvariantCulture) : Count(value);

    /// <summary><c>1.5 GiB</c>.</summary>
    public static string Bytes(double? value)
    {
        if (value is not { } number) return Nothing;
        (double scaled, int power) = Scale(number, Kibi, BytePowers.Length);
        return $"{(power == 0 ? number.ToString("0", CultureInfo.InvariantCulture) : Short(scaled))} {BytePowers[power]}";
    }

    /// <summary><c>0.35 ms</c>, <c>1.2 s</c>.</summary>
    public static string Milliseconds(double? value) => value switch
    {
        null => Nothing,
        >= 10_000 => Duration(TimeSpan.FromMilliseconds(value.Value)),
        >= 1000 => $"{value.Value / 1000:0.##} s",
        >= 100 => $"{value.Value:0} ms",
        >= 1 => $"{value.Value:0.#} ms",
        _ => $"{value.Value:0.###} ms",
    };

    /// <summary><c>45 s</c>, <c>12 min</c>, <c>3 h 20 min</c>, <c>5 d 2 h</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, time.TotalSeconds):0} s",
        { TotalMinutes: < 60 } => $"{Math.Floor(time.TotalMinutes):0} min",
        { TotalHours: < 24 } => Joined($"{time.Hours} h", time.Minutes, "min"),
        _ => Joined($"{time.Days} d", time.Hours, "h"),
    };

    /// <summary>How long ago a moment was.</summary>
    /// <param name="atMs">Unix milliseconds; null for never.</param>
    /// <param name="now">The present.</param>
    public static string Age(long? atMs, DateTimeOffset now) => atMs is { } at ? Duration(now - DateTimeOffset.FromUnixTimeMilliseconds(at)) : Nothing;

    /// <summary>The moment itself, in UTC.</summary>
    public static string Moment(long? atMs) =>
        atMs is { } at and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture) : Nothing;

    /// <summary>A queue, as a person writes it.</summary>
    public static string Channel(string topic, string? group) => string.IsNullOrEmpty(group) ? topic : $"{topic} @ {group}";

    /// <summary><c>1 message</c>, <c>2 messages</c>.</summary>
    public static string Plural(long count, string one, string? many = null) => $"{Exact(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>A name of the API as words: <c>retries_exhausted</c> is <c>retries exhausted</c>.</summary>
    public static string Words(string? name) => name is null ? Nothing : name.Replace('_', ' ');

    private static (double Scaled, int Power) Scale(double value, double step, int most)
    {
        int power = 0;
        for (; Math.Abs(value) >= step - (step / 2000) && power < most - 1; power++) value /= step;
        return (value, power);
    }

    private static string Short(double value) => value.ToString(Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.#" : "0.##", CultureInfo.InvariantCulture);

    private static string Joined(string large, int small, string unit) => small == 0 ? large : $"{large} {small} {unit}";
}
