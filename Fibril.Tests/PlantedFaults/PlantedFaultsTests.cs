using System.Text;
using Fibril.Tests.Support;

namespace Fibril.Tests.PlantedFaults;

/// <summary>Tests of the tests: every fault in the list is noticed by the tests it names.</summary>
/// <remarks>
/// A round takes minutes, so it runs when it is asked for: <c>FIBRIL_PLANT_FAULTS=1 dotnet test Fibril.Tests --filter PlantedFaultsTests</c>.
/// It writes docs/planted-faults.md. Otherwise only the list is looked at.
/// </remarks>
public sealed class PlantedFaultsTests(ITestOutputHelper output)
{
    private const string Switch = "FIBRIL_PLANT_FAULTS";
    private const string Page = "docs/planted-faults.md";

    [Fact]
    public void Every_fault_fits_the_code_as_it_is()
    {
        foreach (PlantedFault fault in PlantedFaultList.All)
        {
            string source = File.ReadAllText(Repository.PathOf(fault.File));
            int count = source.Split(fault.Right).Length - 1;
            Assert.True(count == 1, $"{fault.Name}: what it replaces stands {count} times in {fault.File}");
            Assert.All(fault.Tests, test => Assert.Contains(typeof(PlantedFaultsTests).Assembly.GetTypes(), type => type.Name == test));
        }
    }

    [Fact]
    public void No_two_faults_have_one_name() =>
        Assert.Equal(PlantedFaultList.All.Count, PlantedFaultList.All.Select(static fault => fault.Name).Distinct().Count());

    [Fact]
    public async Task Every_fault_is_noticed()
    {
        if (Environment.GetEnvironmentVariable(Switch) != "1") Assert.Skip($"A round takes minutes; {Switch}=1 asks for it.");
        using var run = new PlantedFaultRun();
        var unnoticed = new List<string>();
        var page = new StringBuilder("# Planted faults\n\n")
            .Append("Mistakes that were made on purpose, one at a time, and the tests that failed for each. Made by\n\n```console\n")
            .Append(Switch).Append("=1 dotnet test Fibril.Tests --filter PlantedFaultsTests\n```\n\n| fault | in | noticed by |\n| --- | --- | --- |\n");
        foreach (PlantedFault fault in PlantedFaultList.All)
        {
            IReadOnlyList<string> failures = await run.FailuresOfAsync(fault);
            output.WriteLine($"{fault.Name}: {failures.Count} tests fail");
            if (failures.Count == 0) unnoticed.Add(fault.Name);
            page.Append("| ").Append(fault.Name).Append(" | ").Append(Path.GetFileName(fault.File)).Append(" | ")
                .Append(failures.Count == 0 ? "**nobody**" : $"{ShortName(failures[0])}{(failures.Count > 1 ? $" and {failures.Count - 1} more" : "")}").Append(" |\n");
        }

        await File.WriteAllTextAsync(Repository.PathOf(Page), page.ToString(), TestContext.Current.CancellationToken);
        Assert.Empty(unnoticed);
    }

    /// <summary>Class and test as words.</summary>
    private static string ShortName(string test)
    {
        string[] parts = test.Split('(')[0].Split('.');
        return $"{parts[^2]}: {parts[^1].Replace('_', ' ')}";
    }
}
