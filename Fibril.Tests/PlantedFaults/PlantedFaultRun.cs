using System.Diagnostics;
using System.Text;
using Fibril.Tests.Support;

namespace Fibril.Tests.PlantedFaults;

/// <summary>A copy of the repository in which one fault after the other is planted, built and tested. Not thread-safe.</summary>
internal sealed class PlantedFaultRun : IDisposable
{
    private static readonly string[] LeftOut = [".git", "bin", "obj", "TestResults"];

    private readonly TemporaryDirectory _copy = new();

    public PlantedFaultRun() => Copy(Repository.PathOf("."), _copy.PathOf("."));

    /// <summary>Plants a fault and takes it out again.</summary>
    /// <returns>The tests that failed; empty when none noticed it.</returns>
    public async Task<IReadOnlyList<string>> FailuresOfAsync(PlantedFault fault)
    {
        string path = _copy.PathOf(fault.File);
        string right = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, right.Replace(fault.Right, fault.Wrong, StringComparison.Ordinal));
        try
        {
            (int built, string log) = await RunAsync(
                "build", "Fibril.Tests/Fibril.Tests.csproj", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-nologo", "-v:q");
            Assert.True(built == 0, $"{fault.Name}: the wrong code does not compile\n{log}");
            string[] classes = [.. fault.Tests.SelectMany(static test => (string[])["-class", $"*.{test}"])];
            (_, string output) = await RunAsync(["Fibril.Tests/bin/Debug/net10.0/Fibril.Tests.dll", "-noColor", .. classes]);
            Assert.Contains("TEST EXECUTION SUMMARY", output, StringComparison.Ordinal);
            return [.. output.Split('\n').Where(static line => line.Contains("[FAIL]", StringComparison.Ordinal)).Select(static line => line.Replace("[FAIL]", "", StringComparison.Ordinal).Trim())];
        }
        finally
        {
            await File.WriteAllTextAsync(path, right);
        }
    }

    public void Dispose() => _copy.Dispose();

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _copy.PathOf("."), RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        var output = new StringBuilder();
        Task errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line) output.Append(line).Append('\n');
        await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToString());
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string directory in Directory.EnumerateDirectories(from).Where(static path => !LeftOut.Contains(Path.GetFileName(path))))
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
    }
}
