using System.Net;

namespace Fibril.Broker.Security.Logins;

/// <summary>
/// Slows down who guesses passwords: an address that has failed several times gets its next logins looked at one after the other, with pauses
/// that grow. Others do not notice. Thread-safe.
/// </summary>
/// <remarks>Addresses of one <see cref="SourceNetwork"/> count as one.</remarks>
internal sealed class LoginDamper(TimeProvider time)
{
    private const int FreeFailures = 5;
    private const int MostAddresses = 4096;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, LinkedListNode<Failures>> _byAddress = [];
    private readonly LinkedList<Failures> _oldestFirst = new();

    public int AddressCount
    {
        get
        {
            lock (_gate) return _byAddress.Count;
        }
    }

    /// <summary>Waits until a login from this address may be looked at.</summary>
    public async ValueTask<LoginTurn> WaitAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        TimeSpan wait = Reserve(address);
        if (wait > LongestWait) return LoginTurn.Refused;
        if (wait == TimeSpan.Zero) return LoginTurn.AtOnce;
        await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        return LoginTurn.AfterPause;
    }

    /// <summary>A login from this address had the wrong credentials.</summary>
    public void NoteFailure(IPAddress? address)
    {
        if (address is null) return;
        IPAddress network = SourceNetwork.Of(address);
        lock (_gate)
        {
            Forget();
            if (_byAddress.Remove(network, out LinkedListNode<Failures>? node)) _oldestFirst.Remove(node);
            else node = new LinkedListNode<Failures>(new Failures(network));
            DateTimeOffset now = time.GetUtcNow();
            node.Value.Count++;
            node.Value.Last = now;
            node.Value.NextAt = Later(node.Value.NextAt, now + PauseAfter(node.Value.Count));
            _byAddress.Add(network, node);
            _oldestFirst.AddLast(node);
            if (_byAddress.Count > MostAddresses) Drop(_oldestFirst.First!);
        }
    }

    /// <summary>How long a login has to wait; those behind it wait longer.</summary>
    private TimeSpan Reserve(IPAddress? address)
    {
        if (address is null) return TimeSpan.Zero;
        lock (_gate)
        {
            Forget();
            if (!_byAddress.TryGetValue(SourceNetwork.Of(address), out LinkedListNode<Failures>? node)) return TimeSpan.Zero;
            TimeSpan pause = PauseAfter(node.Value.Count);
            if (pause == TimeSpan.Zero) return TimeSpan.Zero;
            DateTimeOffset now = time.GetUtcNow();
            DateTimeOffset start = Later(node.Value.NextAt, now);
            TimeSpan wait = start - now;
            if (wait <= LongestWait) node.Value.NextAt = start + pause;
            return wait;
        }
    }

    private static TimeSpan PauseAfter(int failures)
    {
        if (failures < FreeFailures) return TimeSpan.Zero;
        int doublings = Math.Min(failures - FreeFailures, 10);
        TimeSpan pause = FirstPause * (1 << doublings);
        return pause < LongestPause ? pause : LongestPause;
    }

    private void Forget()
    {
        DateTimeOffset before = time.GetUtcNow() - Memory;
        while (_oldestFirst.First is { } oldest && oldest.Value.Last < before) Drop(oldest);
    }

    private void Drop(LinkedListNode<Failures> node)
    {
        _oldestFirst.Remove(node);
        _byAddress.Remove(node.Value.Network);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed class Failures(IPAddress network)
    {
        public IPAddress Network { get; } = network;

        public int Count { get; set; }

        public DateTimeOffset Last { get; set; }

        public DateTimeOffset NextAt { get; set; }
    }
}
