using Fibril.Broker.Log;
using Fibril.Broker.Security.Passwords;

namespace Fibril.Broker.Security.Users;

// Looking at a password takes a processor for a long time. It happens on pool threads, and on few of them at once: the others serve messages.

/// <summary>The users of the broker: who there is, what each may do, and whether a password is right. Changes are in effect at once. Thread-safe.</summary>
internal sealed class UserDirectory
{
    private readonly UserStore _store;
    private readonly PasswordHasher _hasher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly VerifiedCredentials _verified = new();
    private readonly HashingRoom _ofOperators = new(places: 1, mostWaiting: 32);

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

    /// <summary>Where the passwords of the broker's clients are looked at.</summary>
    public HashingRoom RoomOfClients { get; } = new(places: Math.Max(1, Environment.ProcessorCount / 2), mostWaiting: 256);

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
        _store.TryChange(document => document.With(users));
    }

    /// <summary>Everybody, by name.</summary>
    public IReadOnlyList<StoredUser> List() => [.. _store.Current.Users.Values];

    /// <param name="name">Trimmed.</param>
    public StoredUser? Find(string name) => _store.Current.Users.GetValueOrDefault(name);

    /// <summary>Adds a user or changes one, in one durable step: all that is given is in effect afterwards, or nothing. Null leaves alone what there is.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="mustExist">True when nobody is to be added.</param>
    /// <param name="password">The new one; nobody is added without.</param>
    /// <param name="role">The new one; none for a user that is added without.</param>
    /// <param name="rules">All that is allowed from now on; empty for everything.</param>
    /// <param name="cancellationToken">Gives up, before anything has changed.</param>
    /// <returns>Null when there is no such user, and none was added.</returns>
    /// <exception cref="ArgumentException">The name, the password or a rule cannot be used; the message is fit for people, and the parameter's name says which.</exception>
    /// <exception cref="IOException">It could not be made durable; nothing has changed, at least until a restart when the message says so.</exception>
    /// <exception cref="TooManyLoginsException">So many passwords are being looked at that this one has to come later.</exception>
    public async Task<UserChange?> ApplyAsync(
        string name, bool mustExist, string? password = null, UserRole? role = null, IReadOnlyList<TopicRule>? rules = null,
        CancellationToken cancellationToken = default)
    {
        name = mustExist ? name.Trim() : Checked(name);
        if (password is not null) CheckedPassword(password);
        if (rules?.Select(TopicRule.Explain).FirstOrDefault(static fault => fault is not null) is { } fault) throw new ArgumentException(fault, nameof(rules));
        if (Find(name) is null && (mustExist || password is null)) return null;
        string? hash = password is null
            ? null
            : await _ofOperators.WorkAsync(() => _hasher.Hash(password), cancellationToken).ConfigureAwait(false);
        UserChange? applied = null;
        await ChangeAsync(name, before =>
        {
            if (before is null && (mustExist || hash is null)) return null;
            StoredUser present = before ?? new StoredUser(name, hash!, NowMs, NowMs, UserRole.None, []);
            StoredUser after = present with
            {
                PasswordHash = hash ?? present.PasswordHash,
                Role = role ?? present.Role,
                Rules = rules is null || rules.SequenceEqual(present.Rules) ? present.Rules : [.. rules],
            };
            bool isSame = before == after;
            if (!isSame) after = after with { UpdatedMs = NowMs };
            applied = new UserChange(before, after);
            return isSame ? null : after;
        }).ConfigureAwait(false);
        return applied;
    }

    /// <returns>False when there is no such user.</returns>
    /// <exception cref="IOException">It could not be made durable; nothing has changed.</exception>
    public Task<bool> RemoveAsync(string name) => ChangeAsync(document => document.Without(name.Trim()));

    /// <summary>Finds the user whose credentials these are, when that was found out a while ago already. Costs next to nothing.</summary>
    /// <returns>Null says nothing about the credentials.</returns>
    public StoredUser? FindVerified(string name, string password) =>
        Find(name) is { } user && _verified.Contains(user.PasswordHash, password) ? user : null;

    /// <summary>Finds the user whose credentials these are. An unknown name takes as long as a wrong password .</summary>
    /// <param name="name">Trimmed.</param>
    /// <param name="password">As the user typed it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is no such user, or the password is another one.</returns>
    /// <exception cref="TooManyLoginsException">So many passwords are being looked at that this one has to come later.</exception>
    public ValueTask<StoredUser?> VerifyAsync(string name, string password, CancellationToken cancellationToken = default) =>
        VerifyAsync(name, password, _ofOperators, cancellationToken);

    /// <summary>The same for clients of the broker: however many of them come at once, those that administer it are not held up.</summary>
    /// <inheritdoc cref="VerifyAsync(string, string, CancellationToken)"/>
    public ValueTask<StoredUser?> VerifyClientAsync(string name, string password, CancellationToken cancellationToken = default) =>
        VerifyAsync(name, password, RoomOfClients, cancellationToken);

    private async ValueTask<StoredUser?> VerifyAsync(string name, string password, HashingRoom room, CancellationToken cancellationToken)
    {
        if (FindVerified(name, password) is { } known) return known;
        string? hash = Find(name)?.PasswordHash;

        // Clients of one user that all come back at once wait for the first of them and then pay nothing.
        bool isRight = await room.WorkAsync(
            () => (hash is not null && _verified.Contains(hash, password)) || _hasher.Verify(password, hash), cancellationToken).ConfigureAwait(false);
        if (!isRight || Find(name) is not { } user || user.PasswordHash != hash) return null; // changed meanwhile
        _verified.Add(user.PasswordHash, password);
        return _hasher.IsOutdated(user.PasswordHash) ? await UpgradeAsync(user, password, room, cancellationToken).ConfigureAwait(false) : user;
    }

    /// <summary>The password is known for a moment: it gets a hash that is as costly as they are today.</summary>
    private async Task<StoredUser> UpgradeAsync(StoredUser user, string password, HashingRoom room, CancellationToken cancellationToken)
    {
        try
        {
            string hash = await room.WorkAsync(() => _hasher.Hash(password), cancellationToken).ConfigureAwait(false);
            await ChangeAsync(user.Name, present => present?.PasswordHash == user.PasswordHash ? present with { PasswordHash = hash } : null)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or TooManyLoginsException)
        {
            _logger.HashNotUpgraded(user.Name, failure); // the login is none the worse for it
        }

        return Find(user.Name) ?? user;
    }

    private Task<bool> ChangeAsync(string name, Func<StoredUser?, StoredUser?> change) =>
        ChangeAsync(document => change(document.Users.GetValueOrDefault(name)) is { } changed ? document.With(changed) : null);

    private Task<bool> ChangeAsync(Func<UserDocument, UserDocument?> change) => Task.Run(() =>
    {
        bool isChanged = _store.TryChange(change);
        if (isChanged) _verified.Clear();
        return isChanged;
    });

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Checked(string name)
    {
        string trimmed = name.Trim();
        return UserNames.Explain(trimmed) is { } fault ? throw new ArgumentException(fault, nameof(name)) : trimmed;
    }

    private static string CheckedPassword(string password) =>
        string.IsNullOrWhiteSpace(password) ? throw new ArgumentException("The password is blank.", nameof(password)) : password;
}
