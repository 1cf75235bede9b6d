using System.Text;

namespace Fibril.Tests.PlantedFaults;

/// <summary>docs/planted-faults.md: who has noticed which fault. Rows of faults that are not planted this time stay as they are.</summary>
internal sealed class PlantedFaultsPage
{
    private const string Head = """
        # Planted faults

        Mistakes that were made on purpose, one at a time, and the tests that failed for each. Made by

        ```console
        FIBRIL_PLANT_FAULTS=1 dotnet test Fibril.Tests --filter PlantedFaultsTests
        ```

        | fault | in | noticed by |
        | --- | --- | --- |

        """;

    private readonly string _path;
    private readonly Dictionary<string, string> _rows; // by the name of the fault

    private PlantedFaultsPage(string path, Dictionary<string, string> rows) => (_path, _rows) = (path, rows);

    public static PlantedFaultsPage Read(string path) => new(
        path, File.ReadLines(path).Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).ToDictionary(static line => line.Split(" | ")[0][2..]));

    /// <summary>True when somebody has noticed the fault before.</summary>
    public bool Has(PlantedFault fault) => _rows.TryGetValue(fault.Name, out string? row) && !row.Contains("**nobody**", StringComparison.Ordinal);

    /// <param name="fault">Which was planted.</param>
    /// <param name="failures">The tests that failed, by their full names.</param>
    public void Note(PlantedFault fault, IReadOnlyList<string> failures)
    {
        string others = failures.Count > 1 ? $" and {failures.Count - 1} more" : "";
        string noticedBy = failures.Count == 0 ? "**nobody**" : ShortName(failures[0]) + others;
        _rows[fault.Name] = $"| {fault.Name} | {Path.GetFileName(fault.File)} | {noticedBy} |";
    }

    /// <summary>Writes the rows of these faults, in their order.</summary>
    public Task WriteAsync(IEnumerable<PlantedFault> faults)
    {
        var text = new StringBuilder(Head);
        foreach (PlantedFault fault in faults)
        {
            if (_rows.TryGetValue(fault.Name, out string? row)) text.Append(row).Append('\n');
        }

        return File.WriteAllTextAsync(_path, text.ToString());
    }

    /// <summary>Class and test as words.</summary>
    private static string ShortName(string test)
    {
        string[] parts = test.Split('(')[0].Split('.');
        return $"{parts[^2]}: {parts[^1].Replace('_', ' ')}";
    }
}
