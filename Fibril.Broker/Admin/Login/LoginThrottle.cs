using System.Net;
using Fibril.Broker.Security.Logins;

namespace Fibril.Broker.Admin.Login;

/// <summary>Slows down who guesses passwords: after a few failures, a source waits longer with every further one. Thread-safe.</summary>
/// <remarks>
/// Counted twice: by source and name, so that guessing at one user locks nobody else out, and by source alone, so that nobody gets around it with
/// many names. A try counts before it is looked at, so that many at once gain nothing, and is given back when it was right.
/// </remarks>
internal sealed class LoginThrottle(TimeProvider time)
{
    private const int FreeOfOneName = 5;
    private const int FreeOfOneSource = 50;
    private const int MostKept = 10_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Forgets = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, Tries> _tries = [];

    /// <summary>Counts a try, unless the source has to wait.</summary>
    /// <returns>How long it has to wait before its next try is looked at; zero when this one may be.</returns>
    public TimeSpan Begin(IPAddress? source, string userName)
    {
        (Key ofName, Key ofSource) = KeysOf(source, userName);
        lock (_gate)
        {
            TimeSpan pause = Longer(PauseOf(ofName, FreeOfOneName), PauseOf(ofSource, FreeOfOneSource));
            if (pause > TimeSpan.Zero) return pause;
            Count(ofName);
            Count(ofSource);
            return TimeSpan.Zero;
        }
    }

    /// <summary>The try was right: it does not count, and neither do earlier ones of this name.</summary>
    public void Succeeded(IPAddress? source, string userName)
    {
        (Key ofName, Key ofSource) = KeysOf(source, userName);
        lock (_gate)
        {
            _tries.Remove(ofName);
            if (!_tries.TryGetValue(ofSource, out Tries tries)) return;
            if (tries.Count <= 1) _tries.Remove(ofSource);
            else _tries[ofSource] = tries with { Count = tries.Count - 1 };
        }
    }

    private TimeSpan PauseOf(Key key, int free)
    {
        if (!_tries.TryGetValue(key, out Tries tries) || tries.Count < free) return TimeSpan.Zero;
        TimeSpan rest = Shorter(FirstPause * Math.Pow(2, Math.Min(tries.Count - free, 10)), LongestPause) - time.GetElapsedTime(tries.Last);
        return Longer(rest, TimeSpan.Zero);
    }

    private void Count(Key key)
    {
        if (!_tries.ContainsKey(key) && _tries.Count >= MostKept) ForgetSome();
        int before = _tries.TryGetValue(key, out Tries known) && time.GetElapsedTime(known.Last) < Forgets ? known.Count : 0;
        _tries[key] = new Tries(before + 1, time.GetTimestamp());
    }

    private void ForgetSome()
    {
        foreach (Key old in _tries.Where(pair => time.GetElapsedTime(pair.Value.Last) >= Forgets).Select(static pair => pair.Key).ToList()) _tries.Remove(old);
        if (_tries.Count >= MostKept) _tries.Remove(_tries.MinBy(static pair => pair.Value.Last).Key);
    }

    private static (Key OfName, Key OfSource) KeysOf(IPAddress? source, string userName)
    {
        IPAddress network = source is null ? IPAddress.None : SourceNetwork.Of(source);
        return (new Key(network, userName.Length > 128 ? userName[..128] : userName), new Key(network, null));
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private readonly record struct Key(IPAddress Network, string? UserName);

    private readonly record struct Tries(int Count, long Last);
}
