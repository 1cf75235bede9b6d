using Fibril.Tests.Architecture.Rules;

namespace Fibril.Tests.Architecture;

/// <summary>Where a rule may be cited, shown with rules that do not exist.</summary>
public sealed class RuleCitationTests
{
    [Theory]
    [InlineData("[Fact] // T-1", "public void A_test() => Act();")]
    [InlineData("[Fact]", "public void A_test() // T-1: as it should be")]
    [InlineData("/// <summary>Why (T-1).</summary>", "[Theory, MemberData(nameof(All))]", "public async Task A_test()")]
    [InlineData("// T-1", "[Theory]", "[InlineData(\"[x\", new[] { 1 })]", "internal void A_test<T>(T value)", "{", "    Act();", "}")]
    [InlineData("[Fact] public void A_test() => Act(); // T-1")]
    [InlineData("[Fact]", "public void A_test()", "{", "    Act(); // T-1", "}")]
    [InlineData("[Fact]", "public void A_test()", "{", "    // T-1", "", "    Act();", "}")]
    public void A_number_at_a_test_counts_for_it(params string[] members)
    {
        TestSource source = Read(["public sealed class SomeTests", "{", .. members.Select(Indent), "}"]);
        Assert.Equal([("SomeTests", "A_test")], source.Tests);
        Assert.Equal([("T-1", "T-1", "SomeTests", "A_test")], Cited(source));
    }

    [Theory]
    [InlineData("/// <summary>What it is about: T-1.</summary>", "public class SomeTests", "{", "    [Fact]", "    public void A_test() => Act();", "}")]
    [InlineData("public class SomeTests", "{", "    [Fact]", "    public void A_test()", "    {", "    }", "", "    private int Help() => 1; // T-1", "}")]
    [InlineData("public class SomeTests", "{", "    [Fact]", "    public void A_test() => Act();", "}", "", "class Helper", "{", "    int X; // T-1", "}")]
    public void A_number_elsewhere_beside_tests_counts_for_their_class(params string[] lines) =>
        Assert.Equal([("T-1", "T-1", "SomeTests", null)], Cited(Read(lines)));

    [Theory]
    [InlineData("T-1, T-2", "T-1", "T-2")]
    [InlineData("(T-1 to T-3)", "T-1 to T-3")]
    [InlineData("T-1 to T-3 and T-20: so", "T-1 to T-3", "T-20")]
    [InlineData("UTF-8, ABC-1, x-T-1, T-0, T-01, T-1x, t-1")]
    [InlineData("T-1 to Y-3", "T-1", "Y-3")]
    public void Numbers_and_ranges_are_found_and_nothing_else(string comment, params string[] numbers)
    {
        TestSource source = Read(["class SomeTests", "{", $"    [Fact] // {comment}", "    public void A_test() => Act();", "}"]);
        Assert.Equal(numbers, source.Citations.Select(static citation =>
            citation.First == citation.Last ? $"{citation.First}" : $"{citation.First} to {citation.Last}"));
    }

    [Fact]
    public void Numbers_where_no_tests_are_or_outside_of_comments_count_for_nothing()
    {
        Assert.Equal([("T-1", "T-1", null, null)], Cited(Read(["/// <summary>T-1</summary>", "class Helper", "{", "}"])));
        Assert.Empty(Read(["class SomeTests", "{", "    [Fact]", "    public void A_test() => Act(\"http://T-1\");", "}"]).Citations);
    }

    [Theory]
    [InlineData("applies", "T-1", null)]
    [InlineData("applies", "T-2", "T-1 (a rule like that) has no test")]
    [InlineData("client", "T-2", "T-1 (a rule like that) has no test")]
    [InlineData("open", "T-2", null)]
    [InlineData("open", "T-1", "T-1 is 'open' in docs/rules.tsv, and t.cs:3 cites it")]
    [InlineData("later", "T-1", "T-1 is 'later' in docs/rules.tsv, and t.cs:3 cites it")]
    [InlineData("cluster", "T-1", "T-1 is 'cluster' in docs/rules.tsv, and t.cs:3 cites it")]
    [InlineData("replaced", "T-1", null)]
    [InlineData("replaced", "T-2", null)]
    [InlineData("applies", "T-1 to T-3", "T-3 is cited by t.cs:3 and is not in docs/rules.tsv")]
    [InlineData("applies", "T-1, X-5", null)]
    public void A_contradiction_is_told(string status, string cited, string? mistake)
    {
        TestSource source = Read(["class SomeTests", "{", $"    [Fact] // {cited}", "    public void A_test() => Act();", "}"]);
        IReadOnlyList<Rule> rules = RuleList.Parse(["# a comment", "## A section", $"T-1\t{status}\ta rule like that\tnote", "T-2\treplaced\tit is replaced\tby that"]);
        string[] found = [.. new RuleTable(rules, source.Citations).FindMistakes()];
        if (mistake is null) Assert.Empty(found);
        else Assert.StartsWith(mistake, Assert.Single(found), StringComparison.Ordinal);
    }

    private static TestSource Read(string[] lines) => CitationReader.Read("t.cs", lines);

    private static string Indent(string line) => line.Length == 0 ? line : $"    {line}";

    private static IEnumerable<(string First, string Last, string? Class, string? Test)> Cited(TestSource source) =>
        source.Citations.Select(static citation => ($"{citation.First}", $"{citation.Last}", citation.At?.Class, citation.At?.Test));
}
