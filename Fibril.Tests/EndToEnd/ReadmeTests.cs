using System.Diagnostics;
using Fibril.Tests.Support;

namespace Fibril.Tests.EndToEnd;

public sealed class ReadmeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("hello.cs")]
    [InlineData("streams.cs")]
    public async Task The_examples_of_the_readme_are_those_that_can_be_run(string name)
    {
        string example = await File.ReadAllTextAsync(Repository.PathOf("examples", name), TestContext.Current.CancellationToken);
        string code = string.Join('\n', example.Split('\n').Where(static line => !line.StartsWith("#:", StringComparison.Ordinal)));
        string readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"```csharp\n{code.Trim()}\n```", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory] // what they print stands in the readme
    [InlineData("hello.cs", "Order 1 is on the disk, at offset 0.")]
    [InlineData("streams.cs", "billing read Entry { Number = 1, What = signed in }.")]
    public async Task The_examples_run_against_a_broker_and_print_what_the_readme_says(string name, string firstLine)
    {
        await using BrokerProcess broker = await BrokerProcess.StartAsync(_directory.PathOf("data"));
        string example = await File.ReadAllTextAsync(Repository.PathOf("examples", name), TestContext.Current.CancellationToken);
        string copy = _directory.PathOf(name);
        await File.WriteAllTextAsync(
            copy, example.Replace("../", Repository.PathOf() + "/", StringComparison.Ordinal).Replace("localhost:9876", broker.Address, StringComparison.Ordinal));

        // The configuration of this test is built already, and nothing else builds while tests run.
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", ["run", "-c", configuration, copy]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process run = Process.Start(start)!;
        Task<string> errors = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = (await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim().ReplaceLineEndings("\n");
        Assert.True(output.StartsWith(firstLine, StringComparison.Ordinal), $"{output}\n{await errors}");
        string readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"```console\n{output}\n```", readme.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }
}
