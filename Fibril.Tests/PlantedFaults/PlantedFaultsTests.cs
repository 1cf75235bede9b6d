using Fibril.Tests.Support;

namespace Fibril.Tests.PlantedFaults;

/// <summary>Tests of the tests: every fault in the list is noticed by the tests it names.</summary>
/// <remarks>
/// A round takes an hour, so it runs when it is asked for: <c>FIBRIL_PLANT_FAULTS=1 dotnet test Fibril.Tests --filter PlantedFaultsTests</c>,
/// or with <c>FIBRIL_PLANT_FAULTS=new</c> for the faults that docs/planted-faults.md does not have yet. It writes that page after every fault.
/// Otherwise only the list is looked at.
/// </remarks>
public sealed class PlantedFaultsTests(ITestOutputHelper output)
{
    private const string Switch = "FIBRIL_PLANT_FAULTS";
    private const string Page = "docs/planted-faults.md";

    [Fact]
    public void Every_fault_fits_the_code_as_it_is()
    {
        var unfit = new List<string>();
        foreach (PlantedFault fault in PlantedFaultList.All)
        {
            string source = File.ReadAllText(Repository.PathOf(fault.File));
            int count = source.Split(fault.Right).Length - 1;
            if (count != 1) unfit.Add($"{fault.Name}: what it replaces stands {count} times in {fault.File}");
            Assert.All(fault.Tests, test => Assert.Contains(typeof(PlantedFaultsTests).Assembly.GetTypes(), type => type.Name == test));
        }

        Assert.True(unfit.Count == 0, string.Join('\n', unfit));
    }

    [Fact]
    public void No_two_faults_have_one_name() =>
        Assert.Equal(PlantedFaultList.All.Count, PlantedFaultList.All.Select(static fault => fault.Name).Distinct().Count());

    [Fact]
    public async Task Every_fault_is_noticed()
    {
        string? wanted = Environment.GetEnvironmentVariable(Switch);
        if (wanted is not ("1" or "new")) Assert.Skip($"A round takes an hour; {Switch}=1 asks for it, {Switch}=new for the faults that {Page} does not have yet.");
        using var run = new PlantedFaultRun();
        var page = PlantedFaultsPage.Read(Repository.PathOf(Page));
        var unnoticed = new List<string>();
        foreach (PlantedFault fault in PlantedFaultList.All)
        {
            if (wanted == "new" && page.Has(fault)) continue;
            IReadOnlyList<string> failures = await run.FailuresOfAsync(fault);
            output.WriteLine($"{fault.Name}: {failures.Count} tests fail");
            if (failures.Count == 0) unnoticed.Add(fault.Name);
            page.Note(fault, failures);
            await page.WriteAsync(PlantedFaultList.All);
        }

        Assert.Empty(unnoticed);
    }
}
