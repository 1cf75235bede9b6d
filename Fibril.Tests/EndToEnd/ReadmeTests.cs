using System.Diagnostics;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

public sealed class ReadmeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_example_of_the_readme_is_the_one_that_can_be_run()
    {
        string example = await File.ReadAllTextAsync(Repository.PathOf("examples", "hello.cs"), TestContext.Current.CancellationToken);
        string code = string.Join('\n', example.Split('\n').Where(static line => !line.StartsWith("#:", StringComparison.Ordinal)));
        string readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"```csharp\n{code.Trim()}\n```", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_runs_against_a_broker()
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(_directory.PathOf("data"));
        string example = await File.ReadAllTextAsync(Repository.PathOf("examples", "hello.cs"), TestContext.Current.CancellationToken);
        string copy = _directory.PathOf("hello.cs");
        await File.WriteAllTextAsync(
            copy, example.Replace("../", Repository.PathOf() + "/", StringComparison.Ordinal).Replace("localhost:9876", broker.Address, StringComparison.Ordinal));

        // The configuration of this test is built already, and nothing else builds while tests run.
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", ["run", "-c", configuration, copy]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process run = Process.Start(start)!;
        Task<string> errors = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(output.Contains("Received Order { Number = 3, Item = tea }.", StringComparison.Ordinal), $"{output}\n{await errors}");
        Assert.Contains("Order 3 is on the disk, at offset 2.", output, StringComparison.Ordinal);
    }
}
