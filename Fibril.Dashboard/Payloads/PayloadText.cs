using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fibril.Dashboard.Payloads;

/// <summary>Bytes as text. What is no text is shown as what it is, so that nothing is hidden and nothing is made up.</summary>
public static class PayloadText
{
    private const char FirstControlPicture = '\u2400';

    /// <summary>Reads UTF-8; an invalid byte is shown as <c>\xNN</c>, and a control character by its picture.</summary>
    public static ReadablePayload Read(ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder(payload.Length);
        int invalid = 0;
        while (!payload.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(payload, out Rune rune, out int length);
            if (status == OperationStatus.Done) Add(text, rune);
            else
            {
                foreach (byte one in payload[..length]) text.Append(CultureInfo.InvariantCulture, $"\\x{one:X2}");
                invalid += length;
            }

            payload = payload[length..];
        }

        return new ReadablePayload(text.ToString(), invalid == 0 ? null : $"{Formats.Show.Plural(invalid, "byte is", "bytes are")} no UTF-8, and shown as \\xNN.");
    }

    /// <summary>True when the bytes are UTF-8 without control characters. The last letter may be cut.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(payload, out Rune rune, out int length);
            if (status == OperationStatus.NeedMoreData) return true;
            if (status != OperationStatus.Done || IsHidden(rune)) return false;
            payload = payload[length..];
        }

        return true;
    }

    private static void Add(StringBuilder text, Rune rune)
    {
        if (!IsHidden(rune)) text.Append(rune.ToString());
        else if (rune.Value < ' ') text.Append((char)(FirstControlPicture + rune.Value));
        else text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
    }

    /// <summary>True for what cannot be seen, or turns what is around it.</summary>
    private static bool IsHidden(Rune rune) =>
        rune.Value is not ('\n' or '\r' or '\t') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format && rune.Value != 0x200D;
}
