using System.Globalization;
using System.Text.RegularExpressions;

namespace Fibril.Tests.Architecture.Rules;

/// <summary>The list of rules, a line each: number, status, title, note. A line with <c>##</c> begins a section, one with <c>#</c> is a comment.</summary>
internal static partial class RuleList
{
    public static IReadOnlyList<Rule> Parse(IEnumerable<string> lines)
    {
        var rules = new List<Rule>();
        string section = "";
        foreach (string line in lines.Where(static line => line.Length > 0))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) section = line[3..];
            else if (line[0] != '#') rules.Add(ParseRule(line, section));
        }

        return rules;
    }

    /// <summary>What is wrong with the list itself.</summary>
    public static IEnumerable<string> FindMistakes(IReadOnlyList<Rule> rules)
    {
        foreach (IGrouping<RuleNumber, Rule> twice in rules.GroupBy(static rule => rule.Number).Where(static group => group.Count() > 1))
            yield return $"{twice.Key} stands {twice.Count()} times in the list.";
        foreach (Rule rule in rules)
        {
            if (rule.Title.Split(' ').Length is < 3 or > 9) yield return $"{rule.Number}: a title has 3 to 9 words, and this one is '{rule.Title}'.";
            if (rule.Note.Length == 0 && rule.Status is not (RuleStatus.Applies or RuleStatus.Client))
                yield return $"{rule.Number} is '{Word(rule.Status)}' without a note that says why.";
        }
    }

    /// <summary>A status as the list spells it.</summary>
    public static string Word(RuleStatus status) => status.ToString().ToLowerInvariant();

    private static Rule ParseRule(string line, string section)
    {
        string[] fields = line.Split('\t');
        if (fields.Length is < 3 or > 4 || NumberPattern().Match(fields[0]) is not { Success: true } number)
            throw new FormatException($"A rule is number, status, title and an optional note, with tabs between them, unlike '{line}'.");
        RuleStatus? status = Enum.GetValues<RuleStatus>().Cast<RuleStatus?>().FirstOrDefault(status => Word(status!.Value) == fields[1]);
        if (status is null) throw new FormatException($"'{fields[1]}' in '{line}' is none of: {string.Join(", ", Enum.GetValues<RuleStatus>().Select(Word))}.");
        return new Rule(
            new RuleNumber(fields[0][0], int.Parse(number.Groups[1].ValueSpan, CultureInfo.InvariantCulture)),
            status.Value, fields[2], fields.Length == 4 ? fields[3] : "", section);
    }

    [GeneratedRegex(@"^[A-Z]-([1-9]\d*)$")]
    private static partial Regex NumberPattern();
}
