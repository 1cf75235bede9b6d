using System.Text;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Files;
using Fibril.Broker.Security;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Security;

/// <summary>Where the cluster secret comes from: A-16 and configuration.md 3.9.</summary>
public sealed class ClusterSecretTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly string Named = Path.Combine(Root, "named");

    private readonly SimulatedFileSystem _disk = new();

    public ClusterSecretTests() => StorageDirectories.EnsureRoot(_disk, Root);

    [Fact]
    public void The_value_wins_over_the_named_file_and_that_over_the_one_in_the_data_directory()
    {
        Assert.Null(Load());
        ClusterSecret.Save("conventional", _disk, Root);
        Put(Named, "named");
        Assert.True(Load()!.Matches("conventional"));
        Assert.True(Load(path: Named)!.Matches("named"));
        Assert.True(Load("value", Named)!.Matches("value"));
        Assert.False(Load("value", Named)!.Matches("named"));
    }

    [Fact]
    public void White_space_around_it_does_not_count()
    {
        Put(Named, "\n two words \r\n");
        Assert.True(Load(path: Named)!.Matches("two words"));
        Assert.True(Load(" value ")!.Matches("value"));
    }

    [Fact]
    public void An_empty_one_is_refused_wherever_it_is()
    {
        Assert.Throws<InvalidDataException>(() => Load(" "));
        Put(Named, " \n");
        Assert.Contains(Named, Assert.Throws<InvalidDataException>(() => Load(path: Named)).Message, StringComparison.Ordinal);
        Put(Path.Combine(Root, ClusterSecret.FileName), "");
        Assert.Contains(ClusterSecret.FileName, Assert.Throws<InvalidDataException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_file_that_is_missing_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        string missing = directory.PathOf("missing");
        string text = Assert.Throws<InvalidDataException>(() => ClusterSecret.Load(null, missing, new PhysicalFileSystem(), directory.PathOf("data"))).Message;
        Assert.Contains(missing, text, StringComparison.Ordinal);
        Assert.Contains("coordination.secret_path", text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_written_for_this_user_only()
    {
        using var directory = new TemporaryDirectory();
        string data = Directory.CreateDirectory(directory.PathOf("data")).FullName;
        ClusterSecret.Save("first", new PhysicalFileSystem(), data);
        ClusterSecret.Save("second", new PhysicalFileSystem(), data);
        string path = Path.Combine(data, ClusterSecret.FileName);
        Assert.Equal("second\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(data));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    private void Put(string path, string text)
    {
        using IStorageFile file = _disk.Create(path);
        file.Write(Encoding.UTF8.GetBytes(text), 0);
    }

    private ClusterSecret? Load(string? value = null, string? path = null) => ClusterSecret.Load(value, path, _disk, Root);
}
