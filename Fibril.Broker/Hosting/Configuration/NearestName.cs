namespace Fibril.Broker.Hosting.Configuration;

/// <summary>Finds the known name a mistyped one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest edits from <paramref name="typed"/>; null when none is near.</summary>
    public static string? Of(string typed, IEnumerable<string> known)
    {
        int most = Math.Max(2, typed.Length / 3);
        return known
            .Select(name => (Name: name, Edits: CountEdits(typed.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.Edits <= most)
            .OrderBy(candidate => candidate.Edits)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>As <see cref="Of"/> for dotted keys; a key that is right except for its section counts as near.</summary>
    public static string? OfKey(string typed, IReadOnlyCollection<string> known)
    {
        string last = typed[(typed.LastIndexOf('.') + 1)..];
        return Of(typed, known)
            ?? known.Where(key => key.EndsWith("." + last, StringComparison.OrdinalIgnoreCase)).MinBy(key => CountEdits(typed, key));
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one name into the other.</summary>
    public static int CountEdits(string from, string to)
    {
        var edits = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++) edits[i, 0] = i;
        for (int j = 0; j <= to.Length; j++) edits[0, j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = edits[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                int best = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                edits[i, j] = swapped ? Math.Min(best, edits[i - 2, j - 2] + 1) : best;
            }
        }

        return edits[from.Length, to.Length];
    }
}
