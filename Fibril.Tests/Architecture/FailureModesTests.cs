using System.Text.RegularExpressions;
using Fibril.Tests.Architecture.Rules;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture;

/// <summary>docs/failure-modes.md against the list of rules and the tests it names.</summary>
public sealed partial class FailureModesTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "failure-modes.md"));

    [Fact]
    public void Every_failure_that_is_handled_has_its_entry_and_no_other()
    {
        IEnumerable<string> handled = RuleFiles.Rules
            .Where(static rule => rule.Number.Series == 'F' && rule.Status is RuleStatus.Applies or RuleStatus.Partly)
            .Select(static rule => $"{rule.Number}");
        Assert.Equal(handled, EntryPattern().Matches(Page).Select(static entry => entry.Groups[1].Value));
    }

    [Fact]
    public void Every_entry_names_tests_that_exist()
    {
        HashSet<string> tests = [.. RuleFiles.Sources.SelectMany(static source => source.Tests.Select(test => $"[{test.Test}](../{source.Path})"))];
        string[] links = [.. LinkPattern().Matches(Page).Select(static link => link.Value)];
        Assert.Empty(links.Except(tests));
        Assert.All(EntryPattern().Split(Page)[1..], static (text, i) => Assert.True(i % 2 == 0 || LinkPattern().IsMatch(text), text));
    }

    [GeneratedRegex(@"^### (F-\d+): ", RegexOptions.Multiline)]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"\[\w+\]\(\.\./[^)]+\)")]
    private static partial Regex LinkPattern();
}
