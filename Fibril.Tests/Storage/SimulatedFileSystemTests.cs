using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Storage;

/// <summary>The contract on the simulated disk, and what that disk makes of crashes and failures.</summary>
public sealed class SimulatedFileSystemTests : FileSystemContract
{
    private static readonly string Folder = Path.Combine(Path.DirectorySeparatorChar.ToString(), "contract");
    private static readonly string Name = Path.Combine(Folder, "crashing");

    private readonly SimulatedFileSystem _disk;

    public SimulatedFileSystemTests()
        : this(new SimulatedFileSystem())
    {
    }

    private SimulatedFileSystemTests(SimulatedFileSystem disk)
        : base(disk, Folder)
    {
        _disk = disk;
        disk.SyncDirectory(Path.DirectorySeparatorChar.ToString());
    }

    [Fact]
    public void Power_loss_takes_what_was_not_synced_and_a_kill_takes_nothing()
    {
        using IStorageFile file = _disk.Create(Name);
        file.Write([1], 0);
        file.Sync();
        _disk.SyncDirectory(Folder);
        file.Write([2, 2], 0);
        Assert.Equal([1], ContentOf(_disk.AfterPowerLoss()));
        Assert.Equal([2, 2], ContentOf(_disk.AfterKill()));
        Assert.Equal([1], ContentOf(_disk.AfterKill().AfterPowerLoss()));
    }

    [Fact]
    public void Synced_file_whose_directory_was_not_synced_is_lost_with_the_power()
    {
        using IStorageFile file = _disk.Create(Name);
        file.Write([1], 0);
        file.Sync();
        Assert.Empty(_disk.AfterPowerLoss().ListFiles(Folder));
    }

    [Fact]
    public void Rename_and_delete_come_undone_until_the_directory_is_synced()
    {
        _disk.Create(Name).Dispose();
        _disk.SyncDirectory(Folder);
        _disk.Rename(Name, Name + "2");
        Assert.Equal(["crashing"], _disk.AfterPowerLoss().ListFiles(Folder));
        _disk.SyncDirectory(Folder);
        Assert.Equal(["crashing2"], _disk.AfterPowerLoss().ListFiles(Folder));
        _disk.DeleteFile(Name + "2");
        Assert.Equal(["crashing2"], _disk.AfterPowerLoss().ListFiles(Folder));
        _disk.SyncDirectory(Folder);
        Assert.Empty(_disk.AfterPowerLoss().ListFiles(Folder));
    }

    [Fact] // S-65: the reason why a sync is never tried again
    public void Pages_of_a_failed_sync_are_skipped_by_the_next_one_unless_they_are_written_again()
    {
        using IStorageFile file = _disk.Create(Name);
        _disk.SyncDirectory(Folder);
        file.Write(new byte[SimulatedFileSystem.SectorBytes * 2], 0);
        file.Sync();
        file.Write([1], 0);
        file.Write([2], SimulatedFileSystem.SectorBytes);
        _disk.FailNext(DiskOperationKind.Sync);
        Assert.Throws<IOException>(file.Sync);

        file.Write([1], 0);
        file.Sync();
        byte[] content = ContentOf(_disk.AfterPowerLoss());
        Assert.Equal((1, 0), (content[0], content[SimulatedFileSystem.SectorBytes]));
        Assert.Equal(2, ContentOf(_disk)[SimulatedFileSystem.SectorBytes]);
    }

    [Fact]
    public void Full_disk_refuses_growth_and_takes_what_is_written_over_the_old()
    {
        using IStorageFile file = _disk.Create(Name);
        file.Write([1, 2, 3], 0);
        _disk.CapacityBytes = 4;
        Assert.Throws<IOException>(() => file.Write([1, 2, 3], 2));
        Assert.Throws<IOException>(() => file.Reserve(5));
        file.Write([4, 5], 2);
        Assert.Equal([1, 2, 4, 5], ContentOf(_disk));
    }

    [Fact]
    public void Operation_that_is_made_to_fail_changes_nothing()
    {
        using IStorageFile file = _disk.Create(Name);
        file.Write([1], 0);
        _disk.BeforeOperation = static _ => throw DiskFaults.InputOutputError();
        Assert.Throws<IOException>(() => file.Write([2], 0));
        Assert.Throws<IOException>(() => file.Truncate(0));
        Assert.Throws<IOException>(() => file.Reserve(10));
        Assert.Throws<IOException>(() => _disk.Create(Name + "2"));
        Assert.Throws<IOException>(() => _disk.DeleteFile(Name));
        Assert.Throws<IOException>(() => _disk.Rename(Name, Name + "2"));
        _disk.BeforeOperation = null;
        Assert.Equal([1], ContentOf(_disk));
        Assert.Equal(["crashing"], _disk.ListFiles(Folder));
    }

    private static byte[] ContentOf(SimulatedFileSystem disk)
    {
        using IStorageFile file = disk.Open(Name);
        var content = new byte[file.Length];
        Assert.Equal(content.Length, file.Read(content, 0));
        return content;
    }
}
