using System.Text;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Hosting.Setup;
using Fibril.Broker.Log;
using Fibril.Broker.Security.Users;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>A setup is interrupted before every single operation on the disk: after the next start it is still asked for, or it is done .</summary>
public sealed class SetupCrashTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");

    private static readonly SetupPlan Plan = new(
        "[tls]\nenabled = true\n", "certificate", "key", "secret", [new PlannedUser("app", "hash-1", UserRole.None), new PlannedUser("boss", "hash-2", UserRole.Admin)]);

    [Fact]
    public void A_crash_leaves_a_setup_that_is_asked_for_or_one_that_is_done()
    {
        SimulatedFileSystem disk = NewDisk();
        var seen = new HashSet<bool>();
        int crashes = 0;
        disk.BeforeOperation = _ =>
        {
            for (int seed = 0; seed < 4; seed++) seen.Add(IsDoneAfterRestart(disk.AfterPowerLoss(new Random(seed), 64)));
            seen.Add(IsDoneAfterRestart(disk.AfterKill()));
            crashes++;
        };
        SetupOf(disk).Write(Plan);
        disk.BeforeOperation = null;
        Assert.True(IsDoneAfterRestart(disk.AfterPowerLoss()));
        Assert.Equal([false, true], seen.Order());
        Assert.True(crashes > 20, "The setup hardly touched the disk.");
    }

    [Fact] // so that choosing again begins from nothing that is in effect
    public void A_disk_that_fails_leaves_no_setup_behind_that_a_start_would_finish()
    {
        for (int failing = 0; ; failing++)
        {
            SimulatedFileSystem disk = NewDisk();
            int operations = 0;
            disk.BeforeOperation = _ =>
            {
                if (operations++ == failing) throw new IOException("the disk fails");
            };
            Exception? failure = Record.Exception(() => SetupOf(disk).Write(Plan));
            disk.BeforeOperation = null;
            if (failure is null) break;
            bool isMarked = disk.ListFiles(Root).Contains(SetupOverlay.MarkerName);
            Assert.Equal(isMarked, IsDoneAfterRestart(disk));
        }
    }

    [Fact] // users change afterwards, and what was planned once must not undo that
    public void A_plan_that_outlives_its_setup_is_thrown_away()
    {
        SimulatedFileSystem disk = NewDisk();
        SetupOf(disk).Write(Plan);
        UserStore.Open(disk, Root).TryChange(static document => document with { Users = document.Users.Remove("app") });
        using (IStorageFile left = disk.Create(Path.Combine(Root, SetupFiles.PlanName))) left.Write(Plan.Encode(), 0);
        Assert.False(SetupOf(disk).Recover());
        Assert.DoesNotContain(SetupFiles.PlanName, disk.ListFiles(Root));
        Assert.Equal(["boss"], UserStore.Open(disk, Root).Current.Users.Keys);
    }

    private static SimulatedFileSystem NewDisk()
    {
        var disk = new SimulatedFileSystem();
        StorageDirectories.EnsureRoot(disk, Root);
        return disk;
    }

    private static SetupFiles SetupOf(SimulatedFileSystem disk) => new(disk, Root, new FakeTimeProvider());

    /// <summary>Starts on what a crash has left, and looks that nothing is half.</summary>
    private static bool IsDoneAfterRestart(SimulatedFileSystem disk)
    {
        if (disk.DirectoryExists(Root)) SetupOf(disk).Recover();
        IReadOnlyList<string> present = disk.ListFiles(Root);
        Assert.DoesNotContain(SetupFiles.PlanName, present);
        if (!present.Contains(SetupOverlay.MarkerName)) return false;
        Assert.Equal(Plan.Overlay, Read(disk, SetupOverlay.FileName));
        Assert.Equal("secret\n", Read(disk, "cluster.secret"));
        Assert.Equal(("certificate", "key"), (Read(disk, "tls-provided/server.pem"), Read(disk, "tls-provided/server.key")));
        Assert.Equal(
            [("app", "hash-1", UserRole.None), ("boss", "hash-2", UserRole.Admin)],
            UserStore.Open(disk, Root).Current.Users.Values.Select(static user => (user.Name, user.PasswordHash, user.Role)));
        return true;
    }

    private static string Read(IStorageFileSystem disk, string name) => Encoding.UTF8.GetString(disk.ReadAll(Path.Combine(Root, name)));
}
