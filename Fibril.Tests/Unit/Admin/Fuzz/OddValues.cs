using System.Text.Json.Nodes;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>Values for requests: those that callers mean, and those that nobody can.</summary>
internal sealed class OddValues(Random random)
{
    private static readonly string[] Topics = ["orders", "orders.dead", "audit", "mail", "fuzz-1", "fuzz-2", "fuzz-3", "nothing-here"];

    private static readonly string[] Texts =
    [
        "", " ", "x", "default", "null", "-1", "0", "*", "a.b", ".a", "a..b", "A", "../../etc/passwd", "..", "%2e%2e", "a/b", "a\\b", "a\0b", "a\nb", "\u001b[31m", "ä", "\u202e", "日本語", "😀",
        "\ud83d", "'; drop table", "<script>", "${jndi:x}", "{0}", "%s%n", "true", "1e309", "NaN", "2026-01-01", "00000000-0000-0000-0000-000000000000", "ready,settled", "ready,,nothing", ",",
    ];

    private static readonly string[] Numbers =
    [
        "0", "1", "2", "3", "-1", "7", "100", "101", "1000", "1025", "65536", "65537", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "18446744073709551616", "1e3", "1.5", "1e400", "00", "-0",
    ];

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];

    public int Below(int bound) => random.Next(bound);

    public string Topic() => Pick(Topics);

    /// <summary>A text that may be anything, now and then a very long one.</summary>
    public string Text() => random.Next(20) switch
    {
        0 => new string('a', Pick([127, 128, 129, 1024, 65_536, 70_000])),
        1 => new string('\u00fc', Pick([64, 65, 3000])),
        2 => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(1, 0xd800))),
        _ => Pick(Texts),
    };

    /// <summary>A text that may be anything, without halves of characters, which no URL and no header can carry.</summary>
    public string WholeText() => Text() is var text && text.Contains('\ud83d', StringComparison.Ordinal) && !text.Contains('\ude00', StringComparison.Ordinal) ? "\ufffd" : text;

    /// <summary>The JSON text of a number that may be out of every range.</summary>
    public string Number() => Pick(Numbers);

    /// <summary>A number that a caller may well mean.</summary>
    public long SmallNumber() => random.Next(5);

    /// <summary>The JSON text of a value of any type.</summary>
    public string Anything() => random.Next(10) switch
    {
        0 => "null",
        1 => "true",
        2 => "[]",
        3 => "{}",
        4 => "[[[]]]",
        5 => "{\"topic\":\"orders\"}",
        6 => string.Concat(Enumerable.Repeat('[', 40)) + string.Concat(Enumerable.Repeat(']', 40)),
        7 => Number(),
        _ => Quote(Text()),
    };

    /// <summary>A text as JSON, where the half of a character is an escape.</summary>
    public static string Quote(string text) => text == "\ud83d" ? "\"\\ud83d\"" : JsonValue.Create(text)!.ToJsonString();
}
