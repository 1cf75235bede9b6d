namespace Fibril.Protocol;

/// <summary>The grammar of topics and groups (NAM-1), and what counts as "no group" (NAM-3).</summary>
public static class Names
{
    /// <summary>Longest name, in bytes.</summary>
    public const int MaxBytes = 128;

    /// <summary>True when <paramref name="name"/> is a legal topic or group.</summary>
    public static bool IsValid(ReadOnlySpan<byte> name) => Explain(name) is null;

    /// <summary>Names the rule that <paramref name="name"/> breaks, as the end of a sentence; null when it is legal.</summary>
    public static string? Explain(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return "it is empty; use 1 to 128 characters";
        if (name.Length > MaxBytes) return $"it has {name.Length} bytes; use at most {MaxBytes}";
        int bad = name.IndexOfAnyExcept(Allowed);
        if (bad >= 0)
        {
            return name[bad] is >= (byte)'A' and <= (byte)'Z'
                ? "it has an upper-case letter; use a-z, 0-9, '.', '_' and '-'"
                : $"it has a character that is not allowed at byte {bad}; use a-z, 0-9, '.', '_' and '-'";
        }

        if (name[0] == '.') return "it starts with a dot";
        if (name[^1] == '.') return "it ends with a dot";
        return name.IndexOf(".."u8) >= 0 ? "it has two dots in a row" : null;
    }

    /// <summary>True for the spellings of "no group": absent, empty and <c>default</c>, compared exactly .</summary>
    public static bool IsDefaultGroup(OptionalUtf8 group) =>
        !group.IsPresent || group.Value.IsEmpty || group.Value.SequenceEqual("default"u8);

    /// <summary>Null for the spellings of "no group", else <paramref name="group"/>.</summary>
    public static string? NormaliseGroup(string? group) => string.IsNullOrEmpty(group) || group == "default" ? null : group;

    private static readonly System.Buffers.SearchValues<byte> Allowed =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    /// <summary>True when a topic fits a pattern, in which each <c>*</c> stands for any number of characters, also none .</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> topic)
    {
        // Every * takes as little as it can; when the rest does not fit, the last one takes one more.
        (int at, int next, int star, int starAt) = (0, 0, -1, 0);
        while (next < topic.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                starAt = next;
            }
            else if (at < pattern.Length && pattern[at] == topic[next])
            {
                at++;
                next++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                next = ++starAt;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }
}
