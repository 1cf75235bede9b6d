using Fibril.Broker.Log;

namespace Fibril.Tests.Storage;

/// <summary>What every way to the disk must do, the real one and the one tests stand on; otherwise their tests prove nothing.</summary>
public abstract class FileSystemContract
{
    private readonly string _directory;
    private readonly string _path;

    private protected FileSystemContract(IStorageFileSystem files, string directory)
    {
        Files = files;
        _directory = directory;
        _path = Path.Combine(directory, "file");
        files.CreateDirectory(directory);
    }

    private protected IStorageFileSystem Files { get; }

    [Fact]
    public void Created_file_is_empty_and_a_second_creation_is_refused_and_harms_nothing()
    {
        using (IStorageFile file = Files.Create(_path))
        {
            Assert.Equal(0, file.Length);
            file.Write([1, 2, 3], 0);
        }

        Assert.ThrowsAny<IOException>(() => Files.Create(_path));
        Assert.Equal([1, 2, 3], Content());
    }

    [Fact]
    public void File_or_directory_that_is_missing_cannot_be_opened_created_in_or_synced()
    {
        string nowhere = Path.Combine(_directory, "nowhere");
        Assert.ThrowsAny<IOException>(() => Files.Open(_path));
        Assert.ThrowsAny<IOException>(() => Files.Open(Path.Combine(nowhere, "file")));
        Assert.ThrowsAny<IOException>(() => Files.Create(Path.Combine(nowhere, "file")));
        Assert.ThrowsAny<IOException>(() => Files.SyncDirectory(nowhere));
        Assert.Empty(Files.ListFiles(_directory));
    }

    [Fact]
    public void Writes_are_read_where_they_were_written()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1, 2, 3, 4, 5, 6], 0);
        file.Write([9, 9], 2);
        Assert.Equal([1, 2, 9, 9, 5, 6], Read(file, 0, 6));
        Assert.Equal([9, 5], Read(file, 3, 2));
        file.Write([7], 5);
        file.Write([8], 6);
        Assert.Equal(7, file.Length);
        Assert.Equal([5, 7, 8], Read(file, 4, 3));
    }

    [Fact]
    public void Write_beyond_the_end_leaves_zeros_between()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1], 0);
        file.Write([2], 4);
        Assert.Equal([1, 0, 0, 0, 2], Read(file, 0, 10));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 3000)]
    [InlineData(3, 0)]
    [InlineData(3000, 7)] // more than the system takes in one call
    public void Gathered_write_puts_its_parts_one_behind_the_other(int count, int partBytes)
    {
        var parts = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < count; i++) parts[i] = Enumerable.Repeat((byte)(i + 1), i == 1 ? 0 : partBytes).ToArray();
        byte[] expected = [.. parts.SelectMany(static part => part.ToArray())];
        using IStorageFile file = Files.Create(_path);
        file.Write([0xaa, 0xbb, 0xcc], 0);
        file.Write(parts, 2);
        Assert.Equal([0xaa, 0xbb], Read(file, 0, 2));
        Assert.Equal(Math.Max(3, 2 + expected.Length), file.Length);
        Assert.Equal(expected.Length == 0 ? [0xcc] : expected, Read(file, 2, expected.Length + 100));
    }

    [Fact]
    public void Read_returns_fewer_bytes_only_at_the_end_and_none_beyond_it()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1, 2, 3, 4], 0);
        Assert.Equal([3, 4], Read(file, 2, 100));
        Assert.Empty(Read(file, 4, 100));
        Assert.Empty(Read(file, 1000, 100));
        Assert.Empty(Read(file, 0, 0));
        var untouched = new byte[] { 7, 7, 7 };
        Assert.Equal(1, file.Read(untouched, 3));
        Assert.Equal([4, 7, 7], untouched);
    }

    [Fact]
    public void A_directory_is_removed_when_it_is_empty_and_not_before()
    {
        string inner = Path.Combine(Path.GetDirectoryName(_path)!, "inner");
        Files.CreateDirectory(inner);
        string file = Path.Combine(inner, "file");
        Files.Create(file).Dispose();
        Assert.Throws<IOException>(() => Files.DeleteDirectory(inner));
        Files.DeleteFile(file);
        Files.DeleteDirectory(inner);
        Assert.False(Files.DirectoryExists(inner));
    }

    [Fact]
    public void Truncated_bytes_are_gone_and_do_not_come_back_when_the_file_grows()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1, 2, 3, 4, 5, 6, 7, 8], 0);
        file.Truncate(3);
        Assert.Equal(3, file.Length);
        Assert.Equal([1, 2, 3], Read(file, 0, 100));
        file.Reserve(6);
        file.Write([9], 7);
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 9], Read(file, 0, 100));
    }

    [Fact]
    public void Reserve_makes_the_file_longer_with_zeros_and_never_shorter_or_different()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1, 2, 3], 0);
        file.Reserve(2);
        Assert.Equal(3, file.Length);
        file.Reserve(10_000);
        Assert.Equal(10_000, file.Length);
        byte[] content = Read(file, 0, 20_000);
        Assert.Equal([1, 2, 3], content[..3]);
        Assert.Equal(-1, content.AsSpan(3).IndexOfAnyExcept((byte)0));
        file.Write([4], 3);
        Assert.Equal(10_000, file.Length);
        file.Reserve(10_000);
        Assert.Equal([1, 2, 3, 4, 0], Read(file, 0, 5));
    }

    [Fact]
    public void Sync_changes_nothing_that_is_read()
    {
        using IStorageFile file = Files.Create(_path);
        file.Sync();
        file.Write([1, 2], 0);
        file.Reserve(4);
        file.Sync();
        Files.SyncDirectory(_directory);
        Assert.Equal([1, 2, 0, 0], Read(file, 0, 100));
    }

    [Fact]
    public void Opened_file_is_read_and_written_and_keeps_its_content()
    {
        using (IStorageFile file = Files.Create(_path)) file.Write([1, 2, 3], 0);
        using (IStorageFile file = Files.Open(_path))
        {
            Assert.Equal([1, 2, 3], Read(file, 0, 100));
            file.Write([4], 3);
        }

        Assert.Equal([1, 2, 3, 4], Content());
    }

    [Fact] // a log is written and read through files of their own
    public void Two_open_files_see_each_others_writes()
    {
        using IStorageFile writer = Files.Create(_path);
        using IStorageFile reader = Files.Open(_path);
        writer.Write([1, 2], 0);
        Assert.Equal([1, 2], Read(reader, 0, 100));
        Assert.Equal(2, reader.Length);
        writer.Truncate(1);
        Assert.Equal(1, reader.Length);
    }

    [Fact]
    public void Renamed_file_has_only_its_new_name()
    {
        using (IStorageFile file = Files.Create(_path)) file.Write([1], 0);
        Files.Rename(_path, _path + "2");
        Assert.Equal(["file2"], Files.ListFiles(_directory));
        Assert.Equal([1], Content("2"));
    }

    [Fact] // S-27
    public void Rename_replaces_the_file_that_has_the_name()
    {
        using (IStorageFile file = Files.Create(_path)) file.Write([1, 1, 1], 0);
        using (IStorageFile file = Files.Create(_path + ".tmp")) file.Write([2], 0);
        Files.Rename(_path + ".tmp", _path);
        Assert.Equal(["file"], Files.ListFiles(_directory));
        Assert.Equal([2], Content());
    }

    [Fact]
    public void Missing_file_cannot_be_renamed_and_replaces_nothing()
    {
        using (IStorageFile file = Files.Create(_path)) file.Write([1], 0);
        Assert.ThrowsAny<IOException>(() => Files.Rename(_path + ".tmp", _path));
        Assert.Equal([1], Content());
    }

    [Fact]
    public void Deleted_file_is_gone_and_deleting_it_again_is_no_error()
    {
        Files.Create(_path).Dispose();
        Files.DeleteFile(_path);
        Assert.Empty(Files.ListFiles(_directory));
        Files.DeleteFile(_path);
        Files.DeleteFile(Path.Combine(_directory, "nowhere", "file"));
        Files.Create(_path).Dispose();
        Assert.Empty(Content());
    }

    [Fact] // a segment may be given up while it is read
    public void Open_file_is_read_to_its_end_after_it_was_deleted()
    {
        using IStorageFile file = Files.Create(_path);
        file.Write([1, 2, 3], 0);
        Files.DeleteFile(_path);
        Assert.Equal([1, 2, 3], Read(file, 0, 100));
    }

    [Fact]
    public void Lists_name_what_is_in_the_directory_itself_and_only_of_their_sort()
    {
        string below = Path.Combine(_directory, "below", "deep");
        Files.CreateDirectory(below);
        Files.CreateDirectory(below);
        Files.Create(_path).Dispose();
        Files.Create(Path.Combine(below, "other")).Dispose();

        Assert.Equal(["file"], Files.ListFiles(_directory));
        Assert.Equal(["below"], Files.ListDirectories(_directory));
        Assert.Equal(["other"], Files.ListFiles(below));
        Assert.True(Files.DirectoryExists(below));
        Assert.False(Files.DirectoryExists(_path));
    }

    [Fact]
    public void Lists_of_a_missing_directory_are_empty()
    {
        string nowhere = Path.Combine(_directory, "nowhere");
        Assert.Empty(Files.ListFiles(nowhere));
        Assert.Empty(Files.ListDirectories(nowhere));
        Assert.False(Files.DirectoryExists(nowhere));
    }

    private static byte[] Read(IStorageFile file, long position, int bytes)
    {
        var buffer = new byte[bytes];
        return buffer[..file.Read(buffer, position)];
    }

    private byte[] Content(string suffix = "")
    {
        using IStorageFile file = Files.Open(_path + suffix);
        return Read(file, 0, 1000);
    }
}
