namespace Fibril.Tests.Support;

/// <summary>A directory of its own for one test; gone when disposed.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fibril-test-").FullName;

    /// <summary>A path below that does not exist yet.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
