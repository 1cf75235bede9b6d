using System.Globalization;

namespace Fibril.Dashboard.Components.Pages.Messages;

/// <summary>Offsets in a short text, as fibrilctl reads them: <c>5-9,12</c>.</summary>
public static class OffsetList
{
    public static string Of(IEnumerable<long> offsets)
    {
        var ranges = new List<string>();
        long? first = null, last = null;
        foreach (long offset in offsets.Order())
        {
            if (offset == last + 1)
            {
                last = offset;
                continue;
            }

            if (first is not null) ranges.Add(Range(first.Value, last!.Value));
            (first, last) = (offset, offset);
        }

        if (first is not null) ranges.Add(Range(first.Value, last!.Value));
        return string.Join(',', ranges);
    }

    private static string Range(long first, long last) => first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");
}
