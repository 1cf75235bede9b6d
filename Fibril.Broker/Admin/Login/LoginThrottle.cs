using System.Net;

namespace Fibril.Broker.Admin.Login;

/// <summary>Slows down who guesses passwords: after a few failures, a source waits longer with every further one. Thread-safe.</summary>
internal sealed class LoginThrottle(TimeProvider time)
{
    private const int FreeFailures = 5;
    private const int MostSources = 10_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Forgets = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Failures> _failures = [];

    /// <summary>How long a source has to wait before its next try is looked at; zero for not at all.</summary>
    public TimeSpan PauseOf(IPAddress? source)
    {
        lock (_gate)
        {
            if (!_failures.TryGetValue(KeyOf(source), out Failures failures)) return TimeSpan.Zero;
            TimeSpan rest = PauseAfter(failures.Count) - time.GetElapsedTime(failures.Last);
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }
    }

    public void Failed(IPAddress? source)
    {
        lock (_gate)
        {
            IPAddress key = KeyOf(source);
            if (!_failures.ContainsKey(key) && _failures.Count >= MostSources) ForgetSome();
            int before = _failures.TryGetValue(key, out Failures known) && time.GetElapsedTime(known.Last) < Forgets ? known.Count : 0;
            _failures[key] = new Failures(before + 1, time.GetTimestamp());
        }
    }

    public void Succeeded(IPAddress? source)
    {
        lock (_gate) _failures.Remove(KeyOf(source));
    }

    private static TimeSpan PauseAfter(int failures)
    {
        if (failures < FreeFailures) return TimeSpan.Zero;
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(failures - FreeFailures, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    /// <summary>One host of IPv6 commands a whole /64.</summary>
    private static IPAddress KeyOf(IPAddress? source)
    {
        if (source is null) return IPAddress.None;
        if (source.IsIPv4MappedToIPv6) return source.MapToIPv4();
        if (source.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6) return source;
        byte[] bytes = source.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void ForgetSome()
    {
        foreach (IPAddress old in _failures.Where(pair => time.GetElapsedTime(pair.Value.Last) >= Forgets).Select(static pair => pair.Key).ToList())
            _failures.Remove(old);
        if (_failures.Count >= MostSources) _failures.Remove(_failures.MinBy(static pair => pair.Value.Last).Key);
    }

    private readonly record struct Failures(int Count, long Last);
}
