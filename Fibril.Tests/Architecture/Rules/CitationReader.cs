using System.Globalization;
using System.Text.RegularExpressions;

namespace Fibril.Tests.Architecture.Rules;

/// <param name="Path">The file, from the root of the repository, with slashes.</param>
/// <param name="Class">The test class.</param>
/// <param name="Test">The test; null when the rules are cited for the class as a whole.</param>
internal readonly record struct TestPlace(string Path, string Class, string? Test);

/// <summary>Rules from the first to the last number, cited at one place. <paramref name="At"/> is null where no test is.</summary>
internal readonly record struct Citation(RuleNumber First, RuleNumber Last, TestPlace? At, string Source);

/// <summary>What one source file has about tests and rules.</summary>
/// <param name="Path">The file, from the root of the repository, with slashes.</param>
/// <param name="Tests">Every test, as class and method.</param>
/// <param name="Citations">Every rule number in its comments.</param>
internal sealed record TestSource(string Path, IReadOnlyList<(string Class, string Test)> Tests, IReadOnlyList<Citation> Citations);

/// <summary>
/// Finds rule numbers in comments and the tests they stand at. It does not parse C#: it relies on the layout that the formatter keeps, types
/// at the margin and members four columns in, and a test compares what it found with the tests of the assembly.
/// </summary>
internal static partial class CitationReader
{
    private const int MemberIndent = 4;

    public static TestSource Read(string path, IEnumerable<string> lines)
    {
        var reading = new Reading(path);
        int number = 0;
        foreach (string line in lines) reading.Take(line, ++number);
        return reading.Finish();
    }

    [GeneratedRegex(@"(?<![\w-])([A-Z])-([1-9]\d*)(?:\s+to\s+\1-([1-9]\d*))?(?!\w)")]
    private static partial Regex RulePattern();

    [GeneratedRegex(@"(?:^|\s)//.*$")]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(\w+)")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"\[(?:Fact|Theory)\b")]
    private static partial Regex TestAttributePattern();

    [GeneratedRegex(@"(\w+)(?:<[^()]*>)?\(")]
    private static partial Regex MethodPattern();

    private sealed class Reading(string path)
    {
        private readonly List<(string Class, string Test)> _tests = [];
        private readonly List<(RuleNumber First, RuleNumber Last, string? Class, string? Test, string Source)> _found = [];
        private readonly List<(RuleNumber First, RuleNumber Last, string Source)> _head = [];
        private string? _class;
        private string? _test;
        private bool _isTestHead;

        public void Take(string line, int number)
        {
            string text = line.TrimStart();
            if (text.Length == 0) return;
            Match comment = CommentPattern().Match(text);
            string code = comment.Success ? text[..comment.Index].TrimEnd() : text;
            List<(RuleNumber, RuleNumber, string)> cited = [.. RulesIn(comment.Value).Select(rules => (rules.First, rules.Last, $"{path}:{number}"))];
            switch (line.Length - text.Length)
            {
                case 0:
                    TakeAtMargin(code, cited);
                    break;
                case MemberIndent:
                    TakeAtMember(code, cited);
                    break;
                default:
                    Add(cited);
                    break;
            }
        }

        public TestSource Finish()
        {
            // Helper types beside a test class work for it.
            string? main = _tests.Count == 0 ? null : _tests[0].Class;
            return new TestSource(
                path, _tests, [.. _found.Select(found => new Citation(found.First, found.Last, PlaceOf(found.Class, found.Test), found.Source))]);

            TestPlace? PlaceOf(string? type, string? test) =>
                main is null ? null : new TestPlace(path, _tests.Any(known => known.Class == type) ? type! : main, test);
        }

        private void TakeAtMargin(string code, List<(RuleNumber, RuleNumber, string)> cited)
        {
            _test = null;
            _head.AddRange(cited);
            if (TypePattern().Match(code) is not { Success: true } type) return;
            _class = type.Groups[1].Value;
            EndHead();
        }

        /// <summary>Comments and attributes wait for the member they stand above.</summary>
        private void TakeAtMember(string code, List<(RuleNumber, RuleNumber, string)> cited)
        {
            if (code.Length > 0 && code[0] is '{' or '}')
            {
                Add(cited);
                return;
            }

            _head.AddRange(cited);
            _isTestHead |= TestAttributePattern().IsMatch(code);
            string signature = WithoutAttributes(code);
            if (signature.Length == 0) return;
            _test = _isTestHead && MethodPattern().Match(signature) is { Success: true } method ? method.Groups[1].Value : null;
            if (_test is not null) _tests.Add((_class!, _test));
            EndHead();
        }

        private void EndHead()
        {
            Add(_head);
            _head.Clear();
            _isTestHead = false;
        }

        private void Add(List<(RuleNumber First, RuleNumber Last, string Source)> cited) =>
            _found.AddRange(cited.Select(rules => (rules.First, rules.Last, _class, _test, rules.Source)));

        /// <summary>What follows the attributes of a line; nothing when one of them does not end in it.</summary>
        private static string WithoutAttributes(string code)
        {
            int depth = 0;
            bool isText = false;
            for (int i = 0; i < code.Length; i++)
            {
                if (code[i] == '"' && code[Math.Max(i - 1, 0)] != '\\') isText = !isText;
                if (isText) continue;
                if (code[i] == '[') depth++;
                else if (depth == 0 && code[i] != ' ') return code[i..];
                else if (code[i] == ']') depth--;
            }

            return "";
        }

        private static IEnumerable<(RuleNumber First, RuleNumber Last)> RulesIn(string comment)
        {
            foreach (Match match in RulePattern().Matches(comment))
            {
                var first = new RuleNumber(match.Groups[1].Value[0], int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
                Group last = match.Groups[3];
                yield return (first, last.Success ? first with { Value = int.Parse(last.ValueSpan, CultureInfo.InvariantCulture) } : first);
            }
        }
    }
}
