using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Fibril.Broker.Admin.Login;

/// <summary>A browser that has logged in.</summary>
/// <param name="login">As whom.</param>
/// <param name="csrfToken">What its own pages send along with changes; other sites cannot know it.</param>
/// <param name="startedAt">Of the login.</param>
internal sealed class AdminSession(AdminLogin login, string csrfToken, DateTimeOffset startedAt)
{
    public AdminLogin Login => login;

    public string CsrfToken => csrfToken;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>When it was used last, by the timer clock.</summary>
    public long LastUsed { get; set; }
}

/// <summary>The sessions of browsers, in memory: they end with idleness, with age, with a logout, and with the process. Thread-safe.</summary>
internal sealed class AdminSessions(AdminAuthOptions options, TimeProvider time)
{
    // A login that works costs a password, so nobody fills this by accident.
    private const int MostSessions = 10_000;
    private const int TokenBytes = 32;

    private readonly ConcurrentDictionary<string, AdminSession> _sessions = new();

    /// <summary>Begins a session.</summary>
    /// <returns>The token for the cookie.</returns>
    public string Begin(AdminLogin login)
    {
        RemoveEnded();
        string token = NewToken();
        _sessions[token] = new AdminSession(login, NewToken(), time.GetUtcNow()) { LastUsed = time.GetTimestamp() };
        return token;
    }

    /// <summary>The session of a cookie, which counts as used by that; null when there is none, or it has ended.</summary>
    public AdminSession? Find(string? token)
    {
        if (token is null || !_sessions.TryGetValue(token, out AdminSession? session)) return null;
        if (HasEnded(session))
        {
            _sessions.TryRemove(token, out _);
            return null;
        }

        session.LastUsed = time.GetTimestamp();
        return session;
    }

    /// <summary>False when a session has ended, in whatever way. Does not count as a use of it.</summary>
    public bool IsAlive(AdminSession session) => !HasEnded(session) && _sessions.Values.Contains(session);

    public void End(string? token)
    {
        if (token is not null) _sessions.TryRemove(token, out _);
    }

    /// <summary>Ends every session of a stored user: the password has changed, or the user is gone.</summary>
    public void EndAllOf(string userName)
    {
        foreach ((string token, AdminSession session) in _sessions)
        {
            if (session.Login == new AdminLogin(userName, IsConfigured: false)) _sessions.TryRemove(token, out _);
        }
    }

    private bool HasEnded(AdminSession session) =>
        time.GetElapsedTime(session.LastUsed) >= options.SessionIdleTimeout || time.GetUtcNow() - session.StartedAt >= options.SessionAbsoluteTimeout;

    private void RemoveEnded()
    {
        foreach ((string token, AdminSession session) in _sessions)
        {
            if (HasEnded(session)) _sessions.TryRemove(token, out _);
        }

        if (_sessions.Count >= MostSessions) _sessions.TryRemove(_sessions.MinBy(static pair => pair.Value.LastUsed).Key, out _);
    }

    /// <summary>256 random bits.</summary>
    public static string NewToken() => Convert.ToHexString(RandomNumberGenerator.GetBytes(TokenBytes));
}
