using Fibril.Broker.Streams.Delivery;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Streams;

/// <summary>Which records a subscription wants, by their headers (P-25 to P-29, STR-5).</summary>
public sealed class HeaderFilterTests
{
    [Theory] // the table of the protocol, and its corners
    [InlineData("eu-*", "eu-west", true)]
    [InlineData("eu-*", "eu-", true)]
    [InlineData("eu-*", "us-eu-1", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("order", "orders", false)]
    [InlineData("order", "order", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("a*b*c", "axbyc", true)]
    [InlineData("a*b*c", "acb", false)]
    [InlineData("*b*b*", "b", false)]
    [InlineData("*b*b*", "bb", true)]
    [InlineData("*ab*abc", "ababc", true)]
    [InlineData("*ab*abc", "abc", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("a?c", "abc", false)]
    [InlineData("[a]*", "[a]b", true)]
    [InlineData("größe*", "größer", true)]
    public void A_star_stands_for_any_run_of_characters_and_everything_else_for_itself(string pattern, string value, bool matches) => // V-16
        Assert.Equal(matches, new HeaderPattern(pattern).Matches(System.Text.Encoding.UTF8.GetBytes(value)));

    [Fact] // STR-5: random patterns against a definition that tries everything
    public void A_pattern_matches_what_its_definition_says()
    {
        var random = new Random(20260401);
        for (int i = 0; i < TestScale.Iterations(20_000); i++)
        {
            string pattern = Text(random, "ab*", 6);
            string value = Text(random, "ab", 7);
            bool expected = Defined(pattern, value);
            Assert.True(
                expected == new HeaderPattern(pattern).Matches(System.Text.Encoding.UTF8.GetBytes(value)), $"'{pattern}' and '{value}': {expected}");
        }
    }

    [Fact] // P-25: all of them
    public void Every_clause_must_match()
    {
        TestReader reader = ReadWith([new("region", "eu-*"), new("kind", "order")], [
            StreamHarness.WithHeaders("both", ("region", "eu-1"), ("kind", "order")),
            StreamHarness.WithHeaders("one", ("region", "eu-1"), ("kind", "bill")),
            StreamHarness.WithHeaders("other", ("region", "us"), ("kind", "order")),
            StreamHarness.WithHeaders("neither", ("region", "us"), ("kind", "bill")),
        ]);
        Assert.Equal(["both"], reader.Texts);
    }

    [Fact] // P-26: the key is compared exactly
    public void A_record_without_the_header_does_not_match_whatever_the_pattern()
    {
        TestReader reader = ReadWith([new("region", "*")], [
            TestMessage.Of("none"), StreamHarness.WithHeaders("other case", ("Region", "eu")), StreamHarness.WithHeaders("it", ("region", "")),
        ]);
        Assert.Equal(["it"], reader.Texts);
    }

    [Fact] // P-26
    public void A_filter_without_clauses_matches_everything()
    {
        Assert.Null(HeaderFilter.Of([]));
        Assert.Equal(2, ReadWith([], [TestMessage.Of("a"), StreamHarness.WithHeaders("b", ("k", "v"))]).Deliveries.Count);
    }

    [Fact] // section 2: a repeated key: the last one wins
    public void Of_a_repeated_key_the_last_value_counts()
    {
        TestReader reader = ReadWith([new("k", "yes")], [
            StreamHarness.WithHeaders("in", ("k", "no"), ("k", "yes")), StreamHarness.WithHeaders("out", ("k", "yes"), ("k", "no")),
        ]);
        Assert.Equal(["in"], reader.Texts);
    }

    [Fact] // a custom content type stands in front of the headers
    public void Headers_are_found_behind_any_content_type()
    {
        TestReader reader = ReadWith([new("k", "yes")], [
            StreamHarness.WithHeaders("custom", ("k", "yes")) with { ContentType = "image/png" },
            StreamHarness.WithHeaders("json", ("k", "yes")) with { ContentType = "application/json" },
        ]);
        Assert.Equal(["custom", "json"], reader.Texts);
    }

    [Theory, InlineData(true), InlineData(false)] // P-28, FRM-16: each subscription has its own, live and from the log
    public void Each_subscription_has_its_own_filter_and_keeps_the_order(bool isLive)
    {
        using var stream = new StreamScenario();
        TestMessage[] records = [.. Enumerable.Range(0, 100).Select(static i => StreamHarness.WithHeaders($"{i}", ("mod", $"{i % 3}")))];
        if (!isLive) stream.Harness.Publish(records);
        TestReader[] readers = [.. Enumerable.Range(0, 3).Select(mod => stream.Harness.Read(StreamStart.Earliest, filter: new FilterClause("mod", $"{mod}")))];
        TestReader all = stream.Harness.Read(StreamStart.Earliest);
        if (isLive) stream.Harness.Publish(records);
        for (int mod = 0; mod < 3; mod++)
            Assert.Equal(Enumerable.Range(0, 100).Where(i => i % 3 == mod).Select(static i => (long)i), readers[mod].Offsets);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (long)i), all.Offsets);
    }

    private static TestReader ReadWith(FilterClause[] filter, TestMessage[] records)
    {
        using var stream = new StreamScenario();
        TestReader reader = stream.Harness.Read(StreamStart.Latest, filter: filter);
        stream.Harness.Publish(records);
        return reader;
    }

    private static string Text(Random random, string alphabet, int most) =>
        string.Create(random.Next(most), (random, alphabet), static (text, from) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = from.alphabet[from.random.Next(from.alphabet.Length)];
        });

    private static bool Defined(ReadOnlySpan<char> pattern, ReadOnlySpan<char> value)
    {
        if (pattern.IsEmpty) return value.IsEmpty;
        if (pattern[0] != '*') return !value.IsEmpty && value[0] == pattern[0] && Defined(pattern[1..], value[1..]);
        for (int i = 0; i <= value.Length; i++)
            if (Defined(pattern[1..], value[i..])) return true;
        return false;
    }
}
