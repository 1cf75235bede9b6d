using System.Globalization;

namespace Fibril.Cli.Parsing;

/// <summary>Offsets as people write them.</summary>
internal static class OffsetText
{
    public const string Forms = "a number, a range such as 5-9, or several with commas, together at most 10000";

    private const int Most = 10_000;

    public static bool TryParse(string text, out IReadOnlyList<long> offsets)
    {
        var found = new List<long>();
        offsets = found;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!IsNumber(dash < 0 ? part : part[..dash], out long first)) return false;
            long last = first;
            if (dash >= 0 && !IsNumber(part[(dash + 1)..], out last)) return false;
            if (last < first || last - first >= Most - found.Count) return false;
            for (long offset = first; offset <= last; offset++) found.Add(offset);
        }

        return true;
    }

    private static bool IsNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
