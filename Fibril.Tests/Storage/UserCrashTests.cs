using Fibril.Broker.Log;
using Fibril.Broker.Security.Users;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Storage;

/// <summary>Changes users and crashes before every single operation on the disk: the users are then the old ones or the new ones .</summary>
public sealed class UserCrashTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");

    [Fact]
    public void A_crash_leaves_the_old_users_or_the_new_ones()
    {
        var disk = new SimulatedFileSystem();
        StorageDirectories.EnsureRoot(disk, Root);
        UserStore store = UserStore.Open(disk, Root);
        Change(store, "v1");
        int crashes = 0;
        for (int version = 2; version < 5; version++)
        {
            string before = $"v{version - 1}", after = $"v{version}";
            disk.BeforeOperation = _ =>
            {
                for (int seed = 0; seed < 8; seed++)
                {
                    crashes++;
                    Assert.Contains(HashIn(disk.AfterPowerLoss(new Random(seed), 64)), (string[])[before, after]);
                }

                Assert.Contains(HashIn(disk.AfterKill()), (string[])[before, after]);
            };
            Change(store, after);
            disk.BeforeOperation = null;
            Assert.Equal(after, HashIn(disk.AfterPowerLoss()));
        }

        Assert.True(crashes > 100, "The change hardly touched the disk.");
    }

    private static void Change(UserStore store, string hash) => store.TryChange(document =>
        document with { Users = document.Users.SetItem("ann", new StoredUser("ann", hash, 1, 2, UserRole.None, [])) });

    private static string HashIn(SimulatedFileSystem disk) => UserStore.Open(disk, Root).Current.Users["ann"].PasswordHash;
}
