using System.Text;
using Fibril.Broker.Log;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Log;

/// <summary>State in one file that exists whole or not at all.</summary>
public sealed class SnapshotFileTests
{
    private const int HeaderBytes = 20;

    private readonly SimulatedFileSystem _disk = new();

    public SnapshotFileTests() => StorageDirectories.EnsureRoot(_disk, LogHarness.Folder);

    [Theory]
    [InlineData("")]
    [InlineData("some state")]
    public void Snapshot_comes_back_with_its_number(string text)
    {
        Save(7, text);
        Assert.Equal((7L, text), Load(_disk));
    }

    [Fact]
    public void Without_a_snapshot_there_is_none() => Assert.Null(SnapshotFile.LoadNewest(_disk, LogHarness.Folder));

    [Fact] // S-27
    public void Newer_snapshot_replaces_all_before_it()
    {
        Save(1, "one");
        Save(2, "two");
        Save(10, "ten");
        Assert.Equal((10L, "ten"), Load(_disk));
        Assert.Single(_disk.ListFiles(LogHarness.Folder));
    }

    [Fact] // S-25: a crash between the rename and the removals leaves both
    public void Newest_of_several_is_loaded_by_its_number()
    {
        Save(9, "nine");
        SimulatedFileSystem? both = null;
        _disk.BeforeOperation = operation =>
        {
            if (operation.Kind == DiskOperationKind.Delete && operation.Path.EndsWith("9.snapshot", StringComparison.Ordinal))
                both = _disk.AfterKill();
        };
        Save(10, "ten");
        Assert.Equal(2, both!.ListFiles(LogHarness.Folder).Count);
        Assert.Equal((10L, "ten"), Load(both));
    }

    [Fact] // S-27, S-28: segments are given up on the strength of it
    public void Snapshot_that_was_loaded_outlives_a_power_loss_whoever_wrote_it()
    {
        SimulatedFileSystem? killed = null;
        _disk.BeforeOperation = operation =>
        {
            if (operation.Kind == DiskOperationKind.SyncDirectory) killed = _disk.AfterKill();
        };
        Save(1, "one");
        Assert.Equal((1L, "one"), Load(killed!));
        Assert.Equal((1L, "one"), Load(killed!.AfterPowerLoss()));
    }

    [Fact] // S-27, F-40, F-47
    public void Crash_before_any_step_leaves_the_old_or_the_new_one_and_after_the_last_the_new()
    {
        Save(1, "the old state");
        var images = new List<SimulatedFileSystem>();
        _disk.BeforeOperation = operation =>
        {
            images.Add(_disk.AfterKill());
            images.Add(_disk.AfterPowerLoss());
            SimulatedFileSystem torn = _disk.AfterKill();
            torn.ApplyPartOf(operation, (operation.Data?.Length ?? 0) / 2);
            images.Add(torn);
            for (int seed = 1; seed <= 10; seed++) images.Add(_disk.AfterPowerLoss(new Random(seed), pieceBytes: 8));
        };
        Save(2, "the new state");
        _disk.BeforeOperation = null;

        var found = new HashSet<string>();
        foreach (SimulatedFileSystem image in images)
        {
            (long number, string text) = Load(image);
            Assert.Equal(number == 1 ? "the old state" : "the new state", text);
            found.Add(text);
            Assert.DoesNotContain(image.ListFiles(LogHarness.Folder), static name => name.EndsWith(".tmp", StringComparison.Ordinal));
        }

        Assert.Equal(2, found.Count);
        Assert.Equal((2L, "the new state"), Load(_disk.AfterPowerLoss()));
    }

    [Theory] // S-27, S-65
    [InlineData((int)DiskOperationKind.Create)]
    [InlineData((int)DiskOperationKind.Write)]
    [InlineData((int)DiskOperationKind.Sync)]
    [InlineData((int)DiskOperationKind.Rename)]
    public void Snapshot_that_cannot_be_written_leaves_the_old_one_and_the_next_attempt_a_free_way(int kind)
    {
        Save(1, "old");
        _disk.FailNext((DiskOperationKind)kind);
        Assert.Throws<IOException>(() => Save(2, "new"));
        Assert.Equal((1L, "old"), Load(_disk.AfterKill()));

        Save(2, "new");
        Assert.Equal((2L, "new"), Load(_disk.AfterPowerLoss()));
    }

    [Fact] // S-27: the old one goes only when the name of the new one is durable
    public void Directory_that_cannot_be_synced_keeps_the_old_snapshot()
    {
        Save(1, "old");
        _disk.FailNext(DiskOperationKind.SyncDirectory);
        Assert.Throws<IOException>(() => Save(2, "new"));
        Assert.Equal((1L, "old"), Load(_disk.AfterPowerLoss()));
    }

    [Fact] // S-4, S-45
    public void Any_damaged_byte_is_refused()
    {
        Save(3, "some state");
        string path = Path.Combine(LogHarness.Folder, Assert.Single(_disk.ListFiles(LogHarness.Folder)));
        for (int i = 0; i < HeaderBytes + "some state".Length; i++)
        {
            if (i is 10 or 11) continue; // always zero, for later use
            SimulatedFileSystem image = _disk.AfterPowerLoss();
            image.Corrupt(path, i, 0x10);
            Exception refused = Assert.ThrowsAny<Exception>(() => Load(image));
            if (i is 8 or 9) Assert.IsType<NotSupportedException>(refused);
            else Assert.Equal(path, Assert.IsType<LogDamagedException>(refused).Path);
        }
    }

    [Fact] // S-27
    public void Snapshot_of_another_length_than_its_own_is_refused()
    {
        Save(3, "some state");
        string path = Path.Combine(LogHarness.Folder, Assert.Single(_disk.ListFiles(LogHarness.Folder)));
        int length = HeaderBytes + "some state".Length;
        for (int left = 0; left < length; left++)
        {
            SimulatedFileSystem image = _disk.AfterPowerLoss();
            using (IStorageFile file = image.Open(path)) file.Truncate(left);
            Assert.Equal(path, Assert.Throws<LogDamagedException>(() => Load(image)).Path);
        }

        LogHarness.Overwrite(_disk, path, length, [0]);
        Assert.Throws<LogDamagedException>(() => Load(_disk));
    }

    [Fact] // S-54
    public void Snapshot_of_a_newer_version_is_refused_with_both_numbers_and_a_remedy()
    {
        Save(3, "some state");
        LogHarness.Overwrite(_disk, Path.Combine(LogHarness.Folder, _disk.ListFiles(LogHarness.Folder)[0]), 8, [2]);
        string message = Assert.Throws<NotSupportedException>(() => Load(_disk)).Message;
        Assert.Contains("format 2", message, StringComparison.Ordinal);
        Assert.Contains("format 1", message, StringComparison.Ordinal);
        Assert.Contains("newer broker", message, StringComparison.Ordinal);
    }

    [Fact] // S-32
    public void Other_files_are_no_snapshots()
    {
        string[] foreign = ["state-.snapshot", "state-99x.snapshot", "state--1.snapshot", "notes.snapshot", "state-99"];
        foreach (string name in foreign)
            _disk.Create(Path.Combine(LogHarness.Folder, name)).Dispose();
        Assert.Null(SnapshotFile.LoadNewest(_disk, LogHarness.Folder));
        Save(1, "state");
        Assert.Equal((1L, "state"), Load(_disk));
        Assert.Equal(6, _disk.ListFiles(LogHarness.Folder).Count);
    }

    private void Save(long number, string text) =>
        SnapshotFile.Save(_disk, LogHarness.Folder, number, Encoding.UTF8.GetBytes(text));

    private static (long Number, string Text) Load(SimulatedFileSystem disk)
    {
        (long Number, byte[] Payload)? loaded = SnapshotFile.LoadNewest(disk, LogHarness.Folder);
        Assert.NotNull(loaded);
        return (loaded.Value.Number, Encoding.UTF8.GetString(loaded.Value.Payload));
    }
}
