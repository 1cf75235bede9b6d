using Fibril.Broker.Log;
using Fibril.Testing;
using Fibril.Testing.Disk;

namespace Fibril.Tests.Storage;

/// <summary>The disk of test brokers does what every disk must, and forgets what was not synced.</summary>
public sealed class MemoryDiskTests : FileSystemContract
{
    private static readonly string Directory = Path.Combine(Path.DirectorySeparatorChar.ToString(), "d");
    private static readonly string File = Path.Combine(Directory, "f");

    private readonly MemoryDisk _disk = new();

    public MemoryDiskTests()
        : base(new MemoryDisk(), Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data"))
    {
        _disk.CreateDirectory(Directory);
        _disk.SyncDirectory(Path.DirectorySeparatorChar.ToString());
    }

    [Fact] // Z-4
    public void A_power_loss_takes_what_was_not_synced_and_a_kill_takes_nothing()
    {
        using (IStorageFile file = _disk.Create(File))
        {
            file.Write([1, 2, 3, 4], 0);
            file.Sync();
            _disk.SyncDirectory(Directory);
            file.Write([9, 9, 9, 9], 2); // over what was synced, and beyond it
            file.Write([8], 1);
        }

        Assert.Equal([1, 8, 9, 9, 9, 9], Content(_disk.AfterKill(), File));
        Assert.Equal([1, 2, 3, 4], Content(_disk.AfterPowerLoss(), File));
        Assert.Equal([1, 8, 9, 9, 9, 9], Content(_disk, File));
    }

    [Theory] // S-1: what comes after the crash is on no disk, and nobody is told otherwise
    [InlineData(CrashKind.PowerLoss)]
    [InlineData(CrashKind.ProcessKill)]
    public void A_disk_that_a_crash_has_taken_can_be_read_and_not_be_changed(CrashKind kind)
    {
        using IStorageFile file = _disk.Create(File);
        file.Write([1, 2], 0);
        file.Sync();
        _disk.SyncDirectory(Directory);
        MemoryDisk left = _disk.Crash(kind);

        Action[] changes =
        [
            () => file.Write([3], 2), () => file.Write([new byte[] { 3 }], 2), () => file.Reserve(9), () => file.Truncate(1), file.Sync,
            () => _disk.Create(File + "2"), () => _disk.Rename(File, File + "2"), () => _disk.DeleteFile(File), () => _disk.CreateDirectory(File + "3"),
            () => _disk.DeleteDirectory(Directory), () => _disk.SyncDirectory(Directory),
        ];
        Assert.All(changes, static change => Assert.Throws<IOException>(change));
        Assert.Equal([1, 2], Content(_disk, File));
        Assert.Equal([1, 2], Content(left, File));
        left.DeleteFile(File);
    }

    [Fact]
    public void A_name_that_was_not_synced_is_gone_after_a_power_loss_and_an_old_one_is_back()
    {
        using (IStorageFile file = _disk.Create(File))
        {
            file.Write([1], 0);
            file.Sync();
        }

        Assert.Empty(_disk.AfterPowerLoss().ListFiles(Directory));
        _disk.SyncDirectory(Directory);
        _disk.Rename(File, File + "2");
        Assert.Equal(["f"], _disk.AfterPowerLoss().ListFiles(Directory));
        Assert.Equal(["f2"], _disk.AfterKill().ListFiles(Directory));
        _disk.DeleteFile(File + "2");
        Assert.Equal([1], Content(_disk.AfterPowerLoss(), File));
    }

    [Fact]
    public void What_a_cut_has_taken_from_a_synced_file_is_back_after_a_power_loss()
    {
        using (IStorageFile file = _disk.Create(File))
        {
            file.Write([1, 2, 3, 4, 5], 0);
            file.Sync();
            _disk.SyncDirectory(Directory);
            file.Truncate(2);
            file.Write([7, 7], 2);
        }

        Assert.Equal([1, 2, 3, 4, 5], Content(_disk.AfterPowerLoss(), File));
        Assert.Equal([1, 2, 7, 7], Content(_disk, File));
    }

    [Fact]
    public void Random_writes_cuts_and_syncs_leave_what_a_plain_array_says()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < Support.TestScale.Iterations(50); round++)
        {
            var disk = new MemoryDisk();
            disk.CreateDirectory(Directory);
            using IStorageFile file = disk.Create(File);
            disk.SyncDirectory(Directory);
            disk.SyncDirectory(Path.DirectorySeparatorChar.ToString());
            byte[] current = [];
            byte[] durable = [];
            for (int step = 0; step < 40; step++)
            {
                int position = random.Next(40_000);
                switch (random.Next(5))
                {
                    case 0:
                        file.Sync();
                        durable = [.. current];
                        break;
                    case 1:
                        int length = Math.Min(position, current.Length);
                        file.Truncate(length);
                        Array.Resize(ref current, length);
                        break;
                    case 2:
                        file.Reserve(position);
                        if (position > current.Length) Array.Resize(ref current, position);
                        break;
                    default:
                        var data = new byte[random.Next(1, 20_000)];
                        random.NextBytes(data);
                        file.Write(data, position);
                        if (position + data.Length > current.Length) Array.Resize(ref current, position + data.Length);
                        data.CopyTo(current, position);
                        break;
                }
            }

            Assert.Equal(current, Content(disk, File));
            Assert.Equal(durable, Content(disk.AfterPowerLoss(), File));
        }
    }

    private static byte[] Content(MemoryDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path);
        var content = new byte[file.Length];
        Assert.Equal(content.Length, file.Read(content, 0));
        return content;
    }
}
