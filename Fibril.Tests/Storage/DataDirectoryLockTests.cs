using Fibril.Broker.Log.Files;
using Fibril.Tests.Support;

namespace Fibril.Tests.Storage;

/// <summary>One process, one data directory (S-35).</summary>
public sealed class DataDirectoryLockTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    [Fact] // S-35
    public void Second_holder_is_refused_with_the_directory_and_a_remedy_and_touches_nothing()
    {
        string directory = DirectoryOf("data");
        using DataDirectoryLock first = DataDirectoryLock.Acquire(directory);
        string[] before = Directory.GetFileSystemEntries(directory);

        IOException refused = Assert.Throws<IOException>(() => DataDirectoryLock.Acquire(directory));
        Assert.Contains(directory, refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another broker process", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data-dir", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(directory));
        Assert.Throws<IOException>(() => DataDirectoryLock.Acquire(directory)); // the refusal has not loosened it
    }

    [Fact]
    public void Directory_is_free_again_when_its_holder_lets_go()
    {
        string directory = DirectoryOf("data");
        for (int i = 0; i < 3; i++) DataDirectoryLock.Acquire(directory).Dispose();
    }

    [Fact]
    public void Another_directory_is_not_locked()
    {
        using DataDirectoryLock first = DataDirectoryLock.Acquire(DirectoryOf("data"));
        using DataDirectoryLock other = DataDirectoryLock.Acquire(DirectoryOf("other"));
    }

    [Fact] // S-35
    public void Same_directory_by_another_path_is_the_same_directory()
    {
        string directory = DirectoryOf("data");
        using DataDirectoryLock first = DataDirectoryLock.Acquire(directory);
        Assert.Throws<IOException>(() => DataDirectoryLock.Acquire(Path.Combine(directory, "..", "data") + Path.DirectorySeparatorChar));
    }

    public void Dispose() => _temporary.Dispose();

    private string DirectoryOf(string name) => Directory.CreateDirectory(_temporary.PathOf(name)).FullName;
}
