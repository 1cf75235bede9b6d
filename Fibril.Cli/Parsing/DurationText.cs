using System.Buffers;
using System.Globalization;

namespace Fibril.Cli.Parsing;

/// <summary>Durations as people write them: a number and a unit, without a space.</summary>
internal static class DurationText
{
    public const string Forms = "a number with a unit: 250ms, 30s, 5m, 2h or 1d";

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        int end = text.AsSpan().IndexOfAnyExcept(Digits);
        if (end < 1 || !decimal.TryParse(text[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)) return false;
        TimeSpan unit = Units.FirstOrDefault(known => known.Unit == text[end..]).Length;
        if (unit == default || number > Longest.Ticks / unit.Ticks) return false;
        duration = TimeSpan.FromTicks((long)(number * unit.Ticks));
        return true;
    }
}
