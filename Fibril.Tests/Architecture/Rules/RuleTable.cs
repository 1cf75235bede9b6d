using System.Globalization;
using System.Text;

namespace Fibril.Tests.Architecture.Rules;

/// <summary>Rules and the tests that cite them: what does not fit together, and the page that shows it.</summary>
internal sealed class RuleTable
{
    public const string ListPath = "docs/rules.tsv";
    public const string PagePath = "docs/rules.md";
    public const string WriteVariable = "FIBRIL_WRITE_RULES";
    public const string WriteCommand = $"{WriteVariable}=1 dotnet test Fibril.Tests --filter RuleTableTests";

    private static readonly (RuleStatus Status, string Meaning)[] Meanings =
    [
        (RuleStatus.Applies, "holds on one node, and the tests named here show it"),
        (RuleStatus.Partly, "holds on one node, tests show a part of it, and the note says what is missing"),
        (RuleStatus.Client, "kept by the client library, and its tests show it"),
        (RuleStatus.Open, "holds on one node, and no test shows it yet"),
        (RuleStatus.Later, "belongs to something that is not built yet"),
        (RuleStatus.Cluster, "needs several nodes"),
        (RuleStatus.Replaced, "a decision of this project stands in its place"),
    ];

    private readonly IReadOnlyList<Rule> _rules;
    private readonly ILookup<RuleNumber, Citation> _citations;

    public RuleTable(IReadOnlyList<Rule> rules, IEnumerable<Citation> citations)
    {
        _rules = rules;
        _citations = citations
            .SelectMany(citation => NumbersOf(citation).Select(number => (number, citation)))
            .ToLookup(static pair => pair.number, static pair => pair.citation);
    }

    /// <summary>Citations that the list contradicts, and rules that the tests do.</summary>
    public IEnumerable<string> FindMistakes()
    {
        HashSet<char> series = [.. _rules.Select(static rule => rule.Number.Series)];
        HashSet<RuleNumber> known = [.. _rules.Select(static rule => rule.Number)];
        foreach (IGrouping<RuleNumber, Citation> cited in _citations.Where(cited => series.Contains(cited.Key.Series) && !known.Contains(cited.Key)))
            yield return $"{cited.Key} is cited by {string.Join(", ", cited.Select(static citation => citation.Source))} and is not in {ListPath}.";
        foreach (Rule rule in _rules)
        {
            string[] sources = [.. _citations[rule.Number].Where(static citation => citation.At is not null).Select(static citation => citation.Source)];
            switch (rule.Status)
            {
                case RuleStatus.Applies or RuleStatus.Partly or RuleStatus.Client when sources.Length == 0:
                    yield return $"{rule.Number} ({rule.Title}) has no test. Cite it where it is shown, or call it 'open' in {ListPath}.";
                    break;
                case RuleStatus.Open or RuleStatus.Later or RuleStatus.Cluster when sources.Length > 0:
                    yield return $"{rule.Number} is '{RuleList.Word(rule.Status)}' in {ListPath}, and {string.Join(", ", sources)} cites it. "
                        + "Call it 'applies' or 'partly' if that shows it.";
                    break;
            }
        }
    }

    public string Render()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Rules and the tests that show them

            Made from [rules.tsv](rules.tsv) and the comments of the tests. Do not edit it; after a change of either, or a merge, run

            ```console
            {WriteCommand}
            ```

            The tests fail while this page is not what that command writes, when a test cites a number that the list does not have, when a rule that
            applies has no test, and when one that is open, or for later, has some.

            A test cites a rule by its number in a comment: above it, behind its attribute or its signature, or at the line that shows it.
            `M-30 to M-33` cites all that the list has from the one to the other. A number above a class, or in a helper beside it, counts for the whole
            class. A row names the first test of each class; to find the others, search its file for the number. Numbers of other series, such as
            FRM-2, X-2 or OPEN-6, are those of the wire protocol, and are not listed here. V-1 to V-30 are the items of its conformance checklist.


            """);
        RenderCounts(page);
        foreach (IGrouping<string, Rule> section in _rules.GroupBy(static rule => rule.Section))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n| rule | what it is about | status | tests |\n| --- | --- | --- | --- |\n");
            foreach (Rule rule in section)
                page.Append(CultureInfo.InvariantCulture, $"| {rule.Number} | {rule.Title} | {StatusOf(rule)} | {TestsOf(rule.Number)} |\n");
        }

        return page.ToString();
    }

    private void RenderCounts(StringBuilder page)
    {
        page.Append("| status | rules | |\n| --- | ---: | --- |\n");
        foreach ((RuleStatus status, string meaning) in Meanings)
        {
            int count = _rules.Count(rule => rule.Status == status);
            string which = status is RuleStatus.Partly or RuleStatus.Open && count > 0 ? $": {string.Join(", ", RunsOf(status))}" : "";
            page.Append(CultureInfo.InvariantCulture, $"| {RuleList.Word(status)} | {count} | {meaning}{which} |\n");
        }
    }

    /// <summary>The rules of one status, in the form that a test cites them in.</summary>
    private IEnumerable<string> RunsOf(RuleStatus status)
    {
        for (int i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].Status != status) continue;
            int first = i;
            while (i + 1 < _rules.Count && _rules[i + 1].Status == status && _rules[i + 1].Number.Series == _rules[first].Number.Series) i++;
            string separator = i == first + 1 ? ", " : " to ";
            yield return i == first ? $"{_rules[i].Number}" : $"{_rules[first].Number}{separator}{_rules[i].Number}";
        }
    }

    private static string StatusOf(Rule rule) => rule.Note.Length == 0 ? RuleList.Word(rule.Status) : $"{RuleList.Word(rule.Status)}: {rule.Note}";

    private string TestsOf(RuleNumber number)
    {
        IEnumerable<string> classes = _citations[number]
            .Where(static citation => citation.At is not null)
            .Select(static citation => citation.At!.Value)
            .GroupBy(static place => (place.Path, place.Class))
            .OrderBy(static places => places.Key.Path, StringComparer.Ordinal)
            .Select(static places => Link(places.Key.Path, places.Key.Class, [.. places.Select(static place => place.Test).OfType<string>().Distinct()]));
        return string.Join("<br>", classes);
    }

    private static string Link(string path, string type, string[] tests)
    {
        string link = $"[{type}](../{path})";
        if (tests.Length > 0) link += $": {tests[0].Replace('_', ' ')}";
        return tests.Length > 1 ? $"{link} (+{tests.Length - 1})" : link;
    }

    /// <summary>A range cites what the list has between its ends, and the ends themselves, so that a wrong one is noticed.</summary>
    private IEnumerable<RuleNumber> NumbersOf(Citation citation) => _rules
        .Select(static rule => rule.Number)
        .Where(number => number.Series == citation.First.Series && number.Value > citation.First.Value && number.Value < citation.Last.Value)
        .Prepend(citation.First)
        .Append(citation.Last)
        .Distinct();
}
