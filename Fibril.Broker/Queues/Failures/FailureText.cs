using System.Buffers;
using System.Text;

namespace Fibril.Broker.Queues.Failures;

/// <summary>Takes out of the text of an error what differs from one message to the next, so that the same cause reads the same. Pure.</summary>
/// <remarks>
/// In this order at every place: quoted text becomes <c>&lt;text&gt;</c>, a GUID <c>&lt;id&gt;</c>, a run of hexadecimal digits <c>&lt;hex&gt;</c>, a run of
/// digits <c>&lt;n&gt;</c>, a run of spaces and line ends one space. What is left is cut, after all that, so that a cut falls at the same place for the same cause.
/// </remarks>
internal static class FailureText
{
    /// <summary>Most characters that are looked at.</summary>
    public const int MostLooked = 4096;

    /// <summary>Most characters of the result.</summary>
    public const int MostKept = 512;

    private const int LongestQuote = 512;
    private const int ShortestHex = 8;
    private const int GuidLength = 36;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    public static string Normalise(ReadOnlySpan<char> text)
    {
        if (text.Length > MostLooked) text = text[..MostLooked];
        text = text.Trim();
        var kept = new StringBuilder();
        for (int at = 0; at < text.Length && kept.Length < MostKept;)
        {
            (int length, string? instead) = Volatile(text, at);
            kept.Append(instead is null ? text.Slice(at, length) : instead);
            at += length;
        }

        return kept.Length <= MostKept ? kept.ToString() : kept.ToString(0, MostKept);
    }

    /// <summary>How much of the text belongs together at a place, and what stands for it; null for itself.</summary>
    private static (int Length, string? Instead) Volatile(ReadOnlySpan<char> text, int at)
    {
        char first = text[at];
        if (char.IsWhiteSpace(first)) return (Run(text[at..], static character => char.IsWhiteSpace(character)), " ");
        bool isWithinWord = at > 0 && char.IsLetterOrDigit(text[at - 1]);
        if (first is '"' or '\'' or '`' && !isWithinWord && QuoteLength(text[at..]) is var quoted and > 0) return (quoted, "<text>");
        if (!isWithinWord && HexLength(text[at..]) is var (length, instead) && length > 0) return (length, instead);
        if (char.IsDigit(first)) return (Run(text[at..], static character => char.IsDigit(character)), "<n>");
        return (char.IsLetter(first) ? Run(text[at..], static character => char.IsLetter(character)) : 1, null);
    }

    /// <summary>An apostrophe within a word neither opens nor closes a quotation.</summary>
    private static int QuoteLength(ReadOnlySpan<char> text)
    {
        for (int end = 1; end < text.Length && end < LongestQuote; end++)
        {
            if (text[end] == text[0] && (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1]))) return end + 1;
        }

        return 0;
    }

    private static (int Length, string Instead) HexLength(ReadOnlySpan<char> text)
    {
        if (text.Length >= GuidLength && Guid.TryParseExact(text[..GuidLength], "D", out _) && !Continues(text, GuidLength)) return (GuidLength, "<id>");
        bool isMarked = text.Length > 2 && text[0] == '0' && text[1] is 'x' or 'X';
        ReadOnlySpan<char> digits = isMarked ? text[2..] : text;
        int end = digits.IndexOfAnyExcept(Hex);
        int count = end < 0 ? digits.Length : end;
        int length = count + (isMarked ? 2 : 0);
        if (Continues(text, length)) return default; // a word that begins like a number
        bool isHex = isMarked ? count > 0 : count >= ShortestHex && digits[..count].ContainsAnyInRange('0', '9') && digits[..count].ContainsAnyExceptInRange('0', '9');
        return isHex ? (length, "<hex>") : default;
    }

    private static bool Continues(ReadOnlySpan<char> text, int at) => at < text.Length && char.IsLetterOrDigit(text[at]);

    private static int Run(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        int length = 1;
        while (length < text.Length && belongs(text[length])) length++;
        return length;
    }
}
