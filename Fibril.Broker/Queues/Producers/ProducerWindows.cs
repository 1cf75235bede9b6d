using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Fibril.Broker.Log.Records;

namespace Fibril.Broker.Queues.Producers;

/// <summary>What one producer has sent, as a snapshot keeps it.</summary>
/// <param name="Id">The producer's id, opaque.</param>
/// <param name="LastMs">Unix milliseconds of the message that came last.</param>
/// <param name="Sent">Its latest messages, by ascending number.</param>
internal sealed record RememberedProducer(byte[] Id, long LastMs, IReadOnlyList<SentMessage> Sent);

/// <summary>
/// The messages that producers with an id have sent to a partition lately: one that is sent again, because its confirm was lost, is found
/// here and not stored a second time (DUP-2). Not thread-safe.
/// </summary>
/// <remarks>
/// Bounded: a retry of what is forgotten is stored again, as without ids. The more producers there are, the fewer messages of each are
/// remembered; one that has sent nothing for an hour, or the least active of too many, is forgotten.
/// </remarks>
internal sealed class ProducerWindows
{
    public const int MostProducers = 1024;
    public const int MostPerProducer = 4096;
    private const int LeastPerProducer = MostMessages / MostProducers;
    private const int MostMessages = 128 << 10;

    private readonly Dictionary<byte[], ProducerWindow> _windows = new(IdComparer.Instance);
    private readonly Dictionary<byte[], ProducerWindow>.AlternateLookup<ReadOnlySpan<byte>> _byId;

    public ProducerWindows() => _byId = _windows.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>How long a producer that sends nothing is remembered.</summary>
    public static TimeSpan LongestIdle { get; } = TimeSpan.FromHours(1);

    public int Count => _windows.Count;

    private int Limit => Math.Clamp(MostMessages / Math.Max(1, _windows.Count), LeastPerProducer, MostPerProducer);

    /// <summary>Offset of a message that was sent before; null for a new one, which is remembered under <paramref name="offset"/>.</summary>
    /// <param name="stamp">Which message of which producer it is.</param>
    /// <param name="offset">The offset it gets when it is new.</param>
    /// <param name="receivedMs">Unix milliseconds.</param>
    public long? Remember(in ProducerStamp stamp, long offset, long receivedMs) =>
        WindowOf(stamp.Producer, receivedMs).Remember(stamp.Sequence, stamp.ComputeCheck(), offset, Limit);

    /// <summary>Remembers a stored message, if its producer is one that numbers them.</summary>
    public void Remember(scoped in Record stored)
    {
        if (ProducerStamp.TryRead(stored, out ProducerStamp stamp)) Remember(stamp, stored.Offset, stored.Timestamp);
    }

    /// <summary>Takes in what a snapshot, or somebody else, remembers.</summary>
    public void Restore(RememberedProducer producer)
    {
        ProducerWindow window = WindowOf(producer.Id, producer.LastMs);
        foreach (SentMessage sent in producer.Sent) window.Remember(sent.Sequence, sent.Check, sent.Offset, Limit);
    }

    /// <summary>Forgets a message that was not stored after all.</summary>
    public void Forget(in ProducerStamp stamp, long offset)
    {
        if (_byId.TryGetValue(stamp.Producer, out ProducerWindow? window)) window.Forget(stamp.Sequence, offset);
    }

    /// <summary>Forgets every message from an offset on: nobody knows whether they are stored.</summary>
    public void ForgetFrom(long offset)
    {
        foreach (ProducerWindow window in _windows.Values) window.ForgetFrom(offset);
    }

    /// <summary>Forgets producers that have sent nothing for long.</summary>
    public void ForgetIdle(long nowMs)
    {
        foreach ((byte[] id, ProducerWindow window) in _windows)
            if (nowMs - window.LastMs > LongestIdle.TotalMilliseconds) _windows.Remove(id);
    }

    /// <summary>What there is to remember of the messages before an offset.</summary>
    public List<RememberedProducer> Below(long offset)
    {
        var remembered = new List<RememberedProducer>(_windows.Count);
        foreach ((byte[] id, ProducerWindow window) in _windows)
        {
            int count = Math.Min(window.Count, Limit);
            var sent = new List<SentMessage>(count);
            foreach (SentMessage message in window.Sent[^count..])
                if (message.Offset < offset) sent.Add(message);
            if (sent.Count > 0) remembered.Add(new RememberedProducer(id, window.LastMs, sent));
        }

        return remembered;
    }

    private ProducerWindow WindowOf(ReadOnlySpan<byte> id, long activeMs)
    {
        if (!_byId.TryGetValue(id, out ProducerWindow? window)) window = Add(id.ToArray());
        window.LastMs = Math.Max(window.LastMs, activeMs);
        return window;
    }

    private ProducerWindow Add(byte[] id)
    {
        if (_windows.Count >= MostProducers) _windows.Remove(_windows.MinBy(static entry => entry.Value.LastMs).Key);
        var window = new ProducerWindow();
        _windows.Add(id, window);
        if (BitOperations.IsPow2(_windows.Count)) TrimAll();
        return window;
    }

    private void TrimAll()
    {
        foreach (ProducerWindow window in _windows.Values) window.Trim(Limit);
    }

    /// <summary>Ids by their bytes, with hashes that no client can foresee.</summary>
    private sealed class IdComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static IdComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
