using System.Reflection;
using Fibril.Tests.Architecture.Rules;
using Fibril.Tests.Support;

namespace Fibril.Tests.Architecture;

/// <summary>Which test shows which rule is written in the tests themselves, and docs/rules.md is what follows from it.</summary>
public sealed class RuleTableTests
{
    private static RuleTable Table => new(RuleFiles.Rules, RuleFiles.Sources.SelectMany(static source => source.Citations));

    [Fact]
    public void The_list_is_well_formed() => AssertNone(RuleList.FindMistakes(RuleFiles.Rules));

    [Fact]
    public void List_and_tests_do_not_contradict_each_other() => AssertNone(Table.FindMistakes());

    [Fact]
    public void The_page_is_up_to_date()
    {
        string path = Repository.PathOf(RuleTable.PagePath);
        string page = Table.Render();
        if (Environment.GetEnvironmentVariable(RuleTable.WriteVariable) == "1") File.WriteAllText(path, page);
        bool isCurrent = File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == page;
        Assert.True(isCurrent, $"{RuleTable.PagePath} is not what list and tests say. Run this: {RuleTable.WriteCommand}");
    }

    [Fact]
    public void Every_test_of_the_assembly_is_found_in_the_sources()
    {
        IEnumerable<string> compiled = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(static method => method.GetCustomAttributes<FactAttribute>(inherit: false).Any())
            .Select(static method => $"{method.DeclaringType!.Name}.{method.Name}");
        IEnumerable<string> found = RuleFiles.Sources.SelectMany(static source => source.Tests).Select(static test => $"{test.Class}.{test.Test}");
        Assert.Equal(compiled.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static void AssertNone(IEnumerable<string> mistakes)
    {
        string all = string.Join('\n', mistakes);
        Assert.True(all.Length == 0, all);
    }
}
