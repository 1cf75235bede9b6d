using System.Globalization;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>The units a number may be written in; factors count the unit that plain numbers have.</summary>
internal sealed class NumberUnits(string plural, string placeholder, params (string Name, long Factor)[] units)
{
    public static NumberUnits Milliseconds { get; } =
        new("milliseconds", "MS", ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1));

    public static NumberUnits Microseconds { get; } = new("microseconds", "US", ("s", 1_000_000), ("ms", 1000), ("us", 1));

    // Decimal units are read only: what is written back uses the binary ones, which the defaults are multiples of.
    public static NumberUnits Bytes { get; } =
        new("bytes", "BYTES",
            ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000));

    public string Plural { get; } = plural;

    public string Placeholder { get; } = placeholder;

    /// <summary>Reads a number followed by a unit, such as 250ms or 64 KiB; what exceeds 64 bits reads as very large.</summary>
    public bool TryParse(string text, out Int128 value)
    {
        value = 0;
        if (!TrySplit(text, out Int128 number, out string unit)) return false;
        long factor = Array.Find(units, known => known.Name == unit).Factor;
        if (factor == 0) return false;
        value = number > long.MaxValue ? long.MaxValue : number * factor;
        return true;
    }

    /// <summary>The text with its unit put right (256mib, 256M); null when it cannot be guessed.</summary>
    public string? Guess(string text)
    {
        if (!TrySplit(text, out Int128 number, out string unit)) return null;
        string? meant = Array.Find(units, known => known.Name.Equals(unit, StringComparison.OrdinalIgnoreCase)).Name
            ?? Array.Find(units, known => known.Name.Equals(unit + "iB", StringComparison.OrdinalIgnoreCase)).Name;
        return meant is null ? null : number.ToString(CultureInfo.InvariantCulture) + meant;
    }

    /// <summary>The value in the largest unit that needs no fraction.</summary>
    public string Format(long value)
    {
        (string name, long factor) = Array.Find(units, unit => value == 0 ? unit.Factor == 1 : value % unit.Factor == 0);
        return (value / factor).ToString(CultureInfo.InvariantCulture) + name;
    }

    private static bool TrySplit(string text, out Int128 number, out string unit)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        unit = digits < 0 ? "" : text[digits..].TrimStart(' ');
        return PlainNumber.TryParse(digits < 0 ? text : text[..digits], out number);
    }
}
