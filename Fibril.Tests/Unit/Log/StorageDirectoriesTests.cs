using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>A file that is synced in a directory that is lost is lost with it.</summary>
public sealed class StorageDirectoriesTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "srv", "data", "broker");

    [Fact]
    public void Root_and_its_missing_parents_survive_a_power_loss()
    {
        var disk = new SimulatedFileSystem();
        StorageDirectories.EnsureRoot(disk, Root + Path.DirectorySeparatorChar);
        Assert.True(disk.AfterPowerLoss().DirectoryExists(Root));
    }

    [Fact] // S-7
    public void Directories_below_the_root_survive_a_power_loss()
    {
        var disk = new SimulatedFileSystem();
        StorageDirectories.EnsureRoot(disk, Root);
        string path = StorageDirectories.Ensure(disk, Root, "queues", "orders", "0");
        Assert.Equal(Path.Combine(Root, "queues", "orders", "0"), path);
        Assert.True(disk.AfterPowerLoss().DirectoryExists(path));
    }

    [Fact] // S-7
    public void Directories_that_a_killed_process_made_are_synced_by_the_next_one()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(Path.Combine(Root, "queues", "orders"));
        SimulatedFileSystem killed = disk.AfterKill();
        Assert.False(killed.AfterPowerLoss().DirectoryExists(Root));

        StorageDirectories.EnsureRoot(killed, Root);
        string path = StorageDirectories.Ensure(killed, Root, "queues", "orders");
        // Only the parent of an existing root is synced: what is above it was there before the broker.
        killed.SyncDirectory(Path.Combine(Path.DirectorySeparatorChar.ToString(), "srv"));
        killed.SyncDirectory(Path.DirectorySeparatorChar.ToString());
        Assert.True(killed.AfterPowerLoss().DirectoryExists(path));
    }

    [Fact]
    public void Existing_root_in_a_place_that_cannot_be_opened_is_used_and_a_missing_one_is_an_error()
    {
        var disk = new SimulatedFileSystem();
        var denied = new UnauthorizedAccessException("Access to the path is denied.");
        disk.FailNext(DiskOperationKind.SyncDirectory, with: denied);
        Assert.Same(denied, Assert.Throws<UnauthorizedAccessException>(() => StorageDirectories.EnsureRoot(disk, Root)));

        disk.CreateDirectory(Root);
        disk.FailNext(DiskOperationKind.SyncDirectory, with: denied);
        StorageDirectories.EnsureRoot(disk, Root);
    }
}
