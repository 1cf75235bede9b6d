using Fibril.Broker.Log;
using Fibril.Broker.Security.Passwords;

namespace Fibril.Broker.Security.Users;

// Looking at a password takes a processor for a long time. It happens on pool threads, and on few of them at once: the others serve messages.

/// <summary>The users of the broker: who there is, what each may do, and whether a password is right. Changes are in effect at once. Thread-safe.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Nobody asks for the semaphore's wait handle, so it holds nothing.")]
internal sealed class UserDirectory
{
    private readonly UserStore _store;
    private readonly PasswordHasher _hasher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly VerifiedCredentials _verified = new();
    private readonly SemaphoreSlim _room = new(Math.Max(1, Environment.ProcessorCount / 2));

    private UserDirectory(UserStore store, PasswordHasher hasher, TimeProvider time, ILogger logger)
    {
        _store = store;
        _hasher = hasher;
        _time = time;
        _logger = logger;
    }

    /// <summary>Grows with every change: what was looked up before has to be looked up again.</summary>
    public long Version => _store.Current.Version;

    public bool IsEmpty => _store.Current.Users.IsEmpty;

    /// <summary>Opens the users of a data directory. Blocks on the disk.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    public static UserDirectory Open(IStorageFileSystem files, string dataDirectory, TimeProvider time, ILogger logger, Argon2Cost? cost = null) =>
        new(UserStore.Open(files, dataDirectory), new PasswordHasher(cost ?? Argon2Cost.Default), time, logger);

    /// <summary>Puts users in while there are none; afterwards the directory is on its own. Blocks on the processor and the disk.</summary>
    /// <exception cref="ArgumentException">A name or password cannot be used.</exception>
    /// <exception cref="IOException">They could not be made durable.</exception>
    public void SeedIfEmpty(IEnumerable<(string Name, string Password)> seeds)
    {
        if (!IsEmpty) return;
        long now = NowMs;
        StoredUser[] users = [.. seeds.Select(seed => new StoredUser(
            Checked(seed.Name), _hasher.Hash(CheckedPassword(seed.Password)), now, now, UserRole.None, []))];
        if (users.Length == 0) return;
        _store.TryChange(document => document with { Users = document.Users.SetItems(users.Select(static user => KeyValuePair.Create(user.Name, user))) });
    }

    /// <summary>Everybody, by name.</summary>
    public IReadOnlyList<StoredUser> List() => [.. _store.Current.Users.Values];

    /// <param name="name">Trimmed.</param>
    public StoredUser? Find(string name) => _store.Current.Users.GetValueOrDefault(name);

    /// <summary>Adds a user without role and rules, or gives one another password and leaves role and rules alone.</summary>
    /// <exception cref="ArgumentException">The name or the password cannot be used; the message is fit for people.</exception>
    /// <exception cref="IOException">It could not be made durable; nothing has changed.</exception>
    public async Task SetPasswordAsync(string name, string password, CancellationToken cancellationToken = default)
    {
        name = Checked(name);
        CheckedPassword(password);
        string hash = await WorkAsync(() => _hasher.Hash(password), cancellationToken).ConfigureAwait(false);
        await ChangeAsync(name, user => user is null
            ? new StoredUser(name, hash, NowMs, NowMs, UserRole.None, [])
            : user with { PasswordHash = hash, UpdatedMs = NowMs }).ConfigureAwait(false);
    }

    /// <returns>False when there is no such user.</returns>
    /// <exception cref="IOException">It could not be made durable; nothing has changed.</exception>
    public Task<bool> RemoveAsync(string name) => Task.Run(() =>
    {
        bool isChanged = _store.TryChange(document => document.Users.ContainsKey(name.Trim())
            ? document with { Users = document.Users.Remove(name.Trim()) }
            : null);
        if (isChanged) _verified.Clear();
        return isChanged;
    });

    /// <inheritdoc cref="RemoveAsync"/>
    public Task<bool> SetRoleAsync(string name, UserRole role) =>
        ChangeAsync(name.Trim(), user => user is null ? null : user with { Role = role, UpdatedMs = NowMs });

    /// <param name="name">Whose.</param>
    /// <param name="rules">All that is allowed from now on; empty for everything.</param>
    /// <inheritdoc cref="RemoveAsync" path="/returns | /exception"/>
    /// <exception cref="ArgumentException">A rule makes no sense; the message is fit for people.</exception>
    public Task<bool> SetRulesAsync(string name, IReadOnlyList<TopicRule> rules)
    {
        foreach (TopicRule rule in rules)
        {
            if (TopicRule.Explain(rule) is { } fault) throw new ArgumentException(fault, nameof(rules));
        }

        return ChangeAsync(name.Trim(), user => user is null ? null : user with { Rules = [.. rules], UpdatedMs = NowMs });
    }

    /// <summary>Finds the user whose credentials these are, when that was found out a while ago already. Costs next to nothing.</summary>
    /// <returns>Null says nothing about the credentials.</returns>
    public StoredUser? FindVerified(string name, string password) =>
        Find(name) is { } user && _verified.Contains(user.PasswordHash, password) ? user : null;

    /// <summary>Finds the user whose credentials these are. An unknown name takes as long as a wrong password .</summary>
    /// <param name="name">Trimmed.</param>
    /// <param name="password">As the user typed it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is no such user, or the password is another one.</returns>
    public async ValueTask<StoredUser?> VerifyAsync(string name, string password, CancellationToken cancellationToken = default)
    {
        if (FindVerified(name, password) is { } known) return known;
        string? hash = Find(name)?.PasswordHash;
        bool isRight = await WorkAsync(() => _hasher.Verify(password, hash), cancellationToken).ConfigureAwait(false);
        if (!isRight || Find(name) is not { } user || user.PasswordHash != hash) return null; // changed meanwhile
        _verified.Add(user.PasswordHash, password);
        return _hasher.IsOutdated(user.PasswordHash) ? await UpgradeAsync(user, password, cancellationToken).ConfigureAwait(false) : user;
    }

    /// <summary>The password is known for a moment: it gets a hash that is as costly as they are today.</summary>
    private async Task<StoredUser> UpgradeAsync(StoredUser user, string password, CancellationToken cancellationToken)
    {
        try
        {
            string hash = await WorkAsync(() => _hasher.Hash(password), cancellationToken).ConfigureAwait(false);
            await ChangeAsync(user.Name, present => present?.PasswordHash == user.PasswordHash ? present with { PasswordHash = hash } : null)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.HashNotUpgraded(user.Name, failure); // the login is none the worse for it
        }

        return Find(user.Name) ?? user;
    }

    private Task<bool> ChangeAsync(string name, Func<StoredUser?, StoredUser?> change) => Task.Run(() =>
    {
        bool isChanged = _store.TryChange(document => change(document.Users.GetValueOrDefault(name)) is { } changed
            ? document with { Users = document.Users.SetItem(name, changed) }
            : null);
        if (isChanged) _verified.Clear();
        return isChanged;
    });

    private async Task<T> WorkAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Checked(string name)
    {
        string trimmed = name.Trim();
        return UserNames.Explain(trimmed) is { } fault ? throw new ArgumentException(fault, nameof(name)) : trimmed;
    }

    private static string CheckedPassword(string password) =>
        string.IsNullOrWhiteSpace(password) ? throw new ArgumentException("The password is blank.", nameof(password)) : password;
}
