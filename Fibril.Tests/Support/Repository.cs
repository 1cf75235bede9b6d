namespace Fibril.Tests.Support;

/// <summary>Finds files of the repository the tests were built from.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    internal static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Fibril.sln"))) return folder;
        }

        throw new InvalidOperationException($"No Fibril.sln above {AppContext.BaseDirectory}.");
    }
}
