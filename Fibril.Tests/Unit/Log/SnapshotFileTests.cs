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
    public void Without_a_snapshot_there_is_none()
    {
        KeptSnapshots kept = SnapshotFile.Load(_disk, LogHarness.Folder);
        Assert.Equal((null, null, 0), (kept.Newest, kept.Older, kept.Damages.Count));
    }

    [Fact] // F-39
    public void Newest_snapshot_and_the_one_that_is_named_are_kept_and_all_others_go()
    {
        Save(1, "one");
        Save(2, "two", previous: 1);
        Assert.Equal(["one", "two"], All(_disk));
        Save(10, "ten", previous: 2);
        Assert.Equal(["two", "ten"], All(_disk));
        KeptSnapshots kept = SnapshotFile.Load(_disk, LogHarness.Folder);
        Assert.Equal((10L, 2L, 0), (kept.Newest!.Number, kept.Older!.Number, kept.Damages.Count));

        // The one before turned out damaged, and the last whole one is older.
        Save(11, "eleven", previous: 2);
        Assert.Equal(["two", "eleven"], All(_disk));
        Save(12, "twelve");
        Assert.Equal(["twelve"], All(_disk));
    }

    [Fact] // S-25: a crash between the rename and the removals leaves both
    public void Newest_of_several_is_loaded_by_its_number_and_the_one_before_it_stays_at_hand()
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
        Assert.Equal(9, SnapshotFile.Load(both, LogHarness.Folder).Older!.Number);
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
        IOException unknown = Assert.Throws<IOException>(() => Save(2, "new"));
        Assert.Contains("may be in effect after a restart", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(DiskFaults.InputOutputError().HResult, unknown.HResult);
        Assert.Equal((1L, "old"), Load(_disk.AfterPowerLoss()));
        Assert.Equal((2L, "new"), Load(_disk.AfterKill()));
    }

    [Fact]
    public void Old_snapshot_that_cannot_be_removed_goes_with_the_next()
    {
        Save(1, "old");
        _disk.FailNext(DiskOperationKind.Delete, "1.snapshot");
        Save(2, "new");
        Assert.Equal((2L, "new"), Load(_disk.AfterPowerLoss()));
        Save(3, "newer");
        Assert.Equal(["newer"], All(_disk));
    }

    [Fact] // S-4, S-45
    public void Any_flipped_bit_of_the_only_snapshot_is_refused()
    {
        Save(3, "some state");
        string path = PathOf(3);
        ForEachBit("some state".Length, (image, at) =>
        {
            image.Disk.Corrupt(path, at, image.Bit);
            Exception refused = Assert.ThrowsAny<Exception>(() => Load(image.Disk));
            if (MeansNewerFormat(at, image.Bit)) Assert.IsType<NotSupportedException>(refused);
            else Assert.Equal(path, Assert.IsType<LogDamagedException>(refused).Path);
        });
    }

    [Fact] // F-39
    public void Any_flipped_bit_of_the_newest_snapshot_is_found_and_the_one_before_takes_its_place()
    {
        Save(3, "older state");
        Save(4, "some state", previous: 3);
        string path = PathOf(4);
        ForEachBit("some state".Length, (image, at) =>
        {
            image.Disk.Corrupt(path, at, image.Bit);
            if (MeansNewerFormat(at, image.Bit))
            {
                Assert.Throws<NotSupportedException>(() => Load(image.Disk)); // S-54: it may be newer, and is not guessed at
                return;
            }

            KeptSnapshots kept = SnapshotFile.Load(image.Disk, LogHarness.Folder);
            Assert.Equal((3L, null), (kept.Newest!.Number, kept.Older));
            Assert.Equal(path, Assert.Single(kept.Damages).Path);
            Assert.Equal(2, image.Disk.ListFiles(LogHarness.Folder).Count); // evidence
        });
    }

    [Fact] // F-39
    public void Damage_to_the_older_snapshot_is_told_and_harms_nothing()
    {
        Save(3, "older state");
        Save(4, "some state", previous: 3);
        string path = PathOf(3);
        ForEachBit("older state".Length, (image, at) =>
        {
            image.Disk.Corrupt(path, at, image.Bit);
            KeptSnapshots kept = SnapshotFile.Load(image.Disk, LogHarness.Folder);
            Assert.Equal((4L, null), (kept.Newest!.Number, kept.Older));
            LogDamage damage = Assert.Single(kept.Damages);
            Assert.Equal((path, 0L), (damage.Path, damage.Position));
            Assert.Contains(path, damage.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact] // S-44
    public void When_all_are_damaged_the_newest_is_named()
    {
        Save(3, "older state");
        Save(4, "some state", previous: 3);
        _disk.Corrupt(PathOf(3), 25, 1);
        _disk.Corrupt(PathOf(4), 25, 1);
        Assert.Equal(PathOf(4), Assert.Throws<LogDamagedException>(() => Load(_disk)).Path);
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
        Assert.Null(SnapshotFile.Load(_disk, LogHarness.Folder).Newest);
        Save(1, "state");
        Assert.Equal((1L, "state"), Load(_disk));
        Assert.Equal(6, _disk.ListFiles(LogHarness.Folder).Count);
    }

    private static string PathOf(long number) => Path.Combine(LogHarness.Folder, $"state-{number:D20}.snapshot");

    private void Save(long number, string text, long? previous = null) =>
        SnapshotFile.Save(_disk, LogHarness.Folder, number, Encoding.UTF8.GetBytes(text), previous);

    private static (long Number, string Text) Load(SimulatedFileSystem disk)
    {
        Snapshot? newest = SnapshotFile.Load(disk, LogHarness.Folder).Newest;
        Assert.NotNull(newest);
        return (newest.Number, Encoding.UTF8.GetString(newest.Payload));
    }

    /// <summary>Contents of all snapshots, the oldest first.</summary>
    private static IEnumerable<string> All(SimulatedFileSystem disk) =>
        disk.Content().Values.Select(static content => Encoding.UTF8.GetString(content.AsSpan(HeaderBytes)));

    /// <summary>The format is 1: a bit that is set makes it a later one, and the one that is there already makes it none.</summary>
    private static bool MeansNewerFormat(int at, byte bit) => at is 8 or 9 && (at, bit) != (8, 1);

    /// <summary>Calls back for each bit of a snapshot with this payload, with a copy of the disk to flip it on.</summary>
    private void ForEachBit(int payloadBytes, Action<(SimulatedFileSystem Disk, byte Bit), int> flip)
    {
        for (int at = 0; at < HeaderBytes + payloadBytes; at++)
        {
            for (int bit = 0; bit < 8; bit++) flip((_disk.AfterPowerLoss(), (byte)(1 << bit)), at);
        }
    }
}
