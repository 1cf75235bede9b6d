using Fibril.Broker.Log;
using Fibril.Broker.Security.Passwords;
using Fibril.Broker.Security.Users;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Security;

/// <summary>The users of a broker: .</summary>
public sealed class UserDirectoryTests
{
    private static readonly string Root = Path.Combine(Path.DirectorySeparatorChar.ToString(), "var", "data");
    private static readonly Argon2Cost Cheap = new(64, 1);

    private readonly SimulatedFileSystem _disk = new();
    private readonly FakeTimeProvider _time = new(SessionHarness.Start);
    private readonly RecordingLogger _log = new();

    public UserDirectoryTests() => StorageDirectories.EnsureRoot(_disk, Root);

    [Fact]
    public async Task Users_outlive_a_power_loss_with_all_that_is_known_of_them()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync(" ann ", "one");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await users.SetRoleAsync("ann", UserRole.Operator));
        Assert.True(await users.SetRulesAsync("ann", [new("orders.*", TopicOperations.Publish | TopicOperations.Manage)]));
        await users.SetPasswordAsync("Bob", "two");

        UserDirectory after = Open(_disk.AfterPowerLoss());
        Assert.Equal(["Bob", "ann"], after.List().Select(static user => user.Name));
        StoredUser ann = after.Find("ann")!;
        Assert.Equal((UserRole.Operator, NowMs - 5000, NowMs), (ann.Role, ann.CreatedMs, ann.UpdatedMs));
        Assert.Equal(new TopicRule("orders.*", TopicOperations.Publish | TopicOperations.Manage), Assert.Single(ann.Rules));
        Assert.NotNull(await after.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
        Assert.Null(await after.VerifyAsync("ann", "two", TestContext.Current.CancellationToken));
        Assert.DoesNotContain(_disk.Content().Values, static file => file.AsSpan().IndexOf("one"u8) >= 0);
    }

    [Fact]
    public async Task A_changed_password_works_at_once_and_the_old_one_no_more_though_it_was_verified_before()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync("ann", "old");
        await users.SetRulesAsync("ann", [new("orders", TopicOperations.Consume)]);
        Assert.NotNull(await users.VerifyAsync("ann", "old", TestContext.Current.CancellationToken));
        Assert.NotNull(users.FindVerified("ann", "old"));

        await users.SetPasswordAsync("ann", "new");
        Assert.Null(users.FindVerified("ann", "old"));
        Assert.Null(await users.VerifyAsync("ann", "old", TestContext.Current.CancellationToken));
        Assert.Single((await users.VerifyAsync("ann", "new", TestContext.Current.CancellationToken))!.Rules);
    }

    [Fact]
    public async Task A_password_that_was_verified_for_one_user_says_nothing_of_another()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync("ann", "one");
        await users.SetPasswordAsync("bob", "two");
        Assert.NotNull(await users.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
        Assert.NotNull(users.FindVerified("ann", "one"));
        Assert.Null(users.FindVerified("bob", "one"));
        Assert.Null(await users.VerifyAsync("bob", "one", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_removed_user_is_unknown_at_once()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync("ann", "one");
        await users.VerifyAsync("ann", "one", TestContext.Current.CancellationToken);
        Assert.True(await users.RemoveAsync("ann"));
        Assert.Null(users.FindVerified("ann", "one"));
        Assert.Null(await users.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
        Assert.False(await users.RemoveAsync("ann"));
        Assert.False(await users.SetRoleAsync("ann", UserRole.Admin));
        Assert.False(await users.SetRulesAsync("ann", []));
    }

    [Fact]
    public async Task The_configuration_puts_users_in_only_while_there_are_none()
    {
        UserDirectory users = Open();
        users.SeedIfEmpty([("ann", "one"), ("bob", "two")]);
        users.SeedIfEmpty([("eve", "three")]);
        Assert.Equal(["ann", "bob"], users.List().Select(static user => user.Name));
        await users.RemoveAsync("ann");
        Open().SeedIfEmpty([("ann", "one")]);
        Assert.Equal(["bob"], Open().List().Select(static user => user.Name));
    }

    [Theory] // A-6, AUT-3
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("@node")]
    [InlineData("an n")]
    [InlineData("an\tn")]
    [InlineData("ann\u0001")]
    [InlineData("ann\u00a0b")]
    public async Task A_name_that_no_user_can_have_is_refused(string name)
    {
        UserDirectory users = Open();
        await Assert.ThrowsAsync<ArgumentException>(() => users.SetPasswordAsync(name, "one"));
        Assert.Throws<ArgumentException>(() => users.SeedIfEmpty([(name, "one")]));
        Assert.True(users.IsEmpty);
    }

    [Fact] // AUT-3
    public async Task A_name_has_128_bytes_at_most_however_few_characters_that_are()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync(new string('ä', 64), "one");
        await Assert.ThrowsAsync<ArgumentException>(() => users.SetPasswordAsync(new string('ä', 64) + "x", "one"));
        await Assert.ThrowsAsync<ArgumentException>(() => users.SetPasswordAsync("ann", " "));
    }

    [Fact]
    public async Task A_change_that_cannot_be_written_is_none()
    {
        UserDirectory users = Open();
        await users.SetPasswordAsync("ann", "one");
        _disk.FailNext(DiskOperationKind.Sync);
        await Assert.ThrowsAsync<IOException>(() => users.RemoveAsync("ann"));
        Assert.NotNull(await users.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
    }

    [Fact] // a user without rules may do everything
    public async Task A_user_is_added_with_its_rules_or_not_at_all()
    {
        UserDirectory users = Open();
        _disk.BeforeOperation = operation => Assert.All(Open(_disk.AfterKill()).List(), static user => Assert.Single(user.Rules));
        UserChange added = (await users.ApplyAsync("ann", mustExist: false, "one", UserRole.Viewer, [new("orders", TopicOperations.Consume)]))!;
        _disk.BeforeOperation = null;
        Assert.Equal((1L, null, UserRole.Viewer), (users.Version, added.Before, added.After.Role));
        Assert.Same(added.After, users.Find("ann"));

        _disk.FailNext(DiskOperationKind.Sync);
        await Assert.ThrowsAsync<IOException>(() => users.ApplyAsync("ann", mustExist: true, "two", UserRole.Admin, []));
        Assert.Same(added.After, users.Find("ann"));
    }

    [Fact]
    public async Task A_user_that_is_removed_while_its_password_changes_stays_removed()
    {
        UserDirectory users = Open(cost: new Argon2Cost(16 << 10, 2));
        await users.SetPasswordAsync("ann", "one");
        Task<UserChange?> changing = users.ApplyAsync("ann", mustExist: true, "two");
        await users.RemoveAsync("ann");
        await changing;
        Assert.True(users.IsEmpty);
    }

    [Fact]
    public async Task What_a_user_is_already_changes_nothing_and_is_told_apart()
    {
        UserDirectory users = Open();
        TopicRule[] rules = [new("orders", TopicOperations.Consume)];
        await users.ApplyAsync("ann", mustExist: false, "one", UserRole.Viewer, rules);
        Assert.True((await users.ApplyAsync("ann", mustExist: true, role: UserRole.Viewer, rules: [.. rules]))!.IsNone);
        Assert.Equal(1, users.Version);
        UserChange change = (await users.ApplyAsync("ann", mustExist: true, role: UserRole.Viewer, rules: []))!;
        Assert.Equal((false, false, true), (change.IsPasswordChanged, change.IsRoleChanged, change.AreRulesChanged));
        Assert.Null(await users.ApplyAsync("bob", mustExist: false, role: UserRole.Admin));
    }

    [Fact]
    public async Task Who_administers_the_broker_does_not_wait_for_clients_that_guess()
    {
        UserDirectory users = Open(cost: new Argon2Cost(1 << 10, 2));
        await users.SetPasswordAsync("ann", "one");
        Task guesses = Task.WhenAll(Enumerable.Range(0, 200).Select(i => users.VerifyClientAsync("ann", $"guess {i}").AsTask()));
        Assert.NotNull(await users.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
        Assert.False(guesses.IsCompleted);
        await guesses;
    }

    [Fact] // users that were removed must not come back
    public async Task Damaged_users_are_refused_and_not_replaced_by_older_ones()
    {
        await Open().SetPasswordAsync("ann", "one");
        string file = _disk.Content().Keys.Single(static path => path.EndsWith(".snapshot", StringComparison.Ordinal));
        _disk.Corrupt(file, position: 30, xor: 1);
        Assert.Throws<LogDamagedException>(() => Open());
    }

    [Fact]
    public async Task A_login_gives_a_user_with_an_older_hash_a_new_one()
    {
        await Open().SetPasswordAsync("ann", "one");
        UserDirectory costlier = Open(cost: Cheap with { Passes = 3 });
        StoredUser before = costlier.Find("ann")!;
        Assert.Null(await costlier.VerifyAsync("ann", "wrong", TestContext.Current.CancellationToken));
        Assert.Equal(before, costlier.Find("ann"));

        StoredUser verified = (await costlier.VerifyAsync("ann", "one", TestContext.Current.CancellationToken))!;
        Assert.Contains("t=3", verified.PasswordHash, StringComparison.Ordinal);
        Assert.Equal(verified, costlier.Find("ann"));
        Assert.NotNull(await costlier.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_login_works_though_the_new_hash_cannot_be_stored()
    {
        await Open().SetPasswordAsync("ann", "one");
        UserDirectory costlier = Open(cost: Cheap with { Passes = 3 });
        _disk.FailNext(DiskOperationKind.Sync);
        Assert.NotNull(await costlier.VerifyAsync("ann", "one", TestContext.Current.CancellationToken));
        Assert.Contains("ann", _log.ToString(), StringComparison.Ordinal);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private UserDirectory Open(SimulatedFileSystem? disk = null, Argon2Cost? cost = null) =>
        UserDirectory.Open(disk ?? _disk, Root, _time, _log, cost ?? Cheap);
}
