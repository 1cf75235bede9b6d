namespace Fibril.Dashboard.Hosting;

/// <summary>The dashboard as a program of its own.</summary>
public static class StandaloneHost
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length);
}
