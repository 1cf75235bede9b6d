using System.Globalization;
using System.Text;

namespace Fibril.Dashboard.Payloads;

/// <summary>A page of bytes: where they are, what they are, and what they would be as ASCII.</summary>
/// <param name="Text">Lines of sixteen.</param>
/// <param name="Number">From 0.</param>
/// <param name="Count">Pages of all bytes; at least one.</param>
public sealed record HexPage(string Text, int Number, int Count)
{
    /// <summary>Bytes of a page.</summary>
    public const int Bytes = 2048;

    private const int LineBytes = 16;

    /// <param name="payload">All bytes.</param>
    /// <param name="number">The page, from 0; one that is not there is the nearest.</param>
    public static HexPage Of(ReadOnlySpan<byte> payload, int number)
    {
        int count = Math.Max(1, (payload.Length + Bytes - 1) / Bytes);
        number = Math.Clamp(number, 0, count - 1);
        var text = new StringBuilder();
        int end = Math.Min(payload.Length, (number + 1) * Bytes);
        for (int at = number * Bytes; at < end; at += LineBytes) AddLine(text, at, payload[at..Math.Min(end, at + LineBytes)]);
        return new HexPage(text.ToString(), number, count);
    }

    private static void AddLine(StringBuilder text, int at, ReadOnlySpan<byte> line)
    {
        text.Append(CultureInfo.InvariantCulture, $"{at:x8} ");
        for (int i = 0; i < LineBytes; i++)
        {
            if (i == LineBytes / 2) text.Append(' ');
            text.Append(i < line.Length ? string.Create(CultureInfo.InvariantCulture, $" {line[i]:x2}") : "   ");
        }

        text.Append("  ");
        foreach (byte one in line) text.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
        text.Append('\n');
    }
}
