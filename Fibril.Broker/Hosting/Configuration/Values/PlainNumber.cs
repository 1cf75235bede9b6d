using System.Globalization;

namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Decimal numbers without separators, suffixes or white space.</summary>
internal static class PlainNumber
{
    // More digits than 64 bits need, so that what is too long still reads as a number that is too large.
    private const int MostDigits = 30;

    public static bool TryParse(string text, out Int128 number)
    {
        number = 0;
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(negative ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9')) return false;
        digits = digits.TrimStart('0');
        number = digits.Length > MostDigits ? Int128.MaxValue
            : digits.IsEmpty ? 0
            : Int128.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (negative) number = -number;
        return true;
    }
}
