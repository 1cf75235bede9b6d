using System.Security.Cryptography;
using System.Text;

namespace Fibril.Broker.Security.Passwords;

/// <summary>
/// Remembers credentials that were found good lately, so that clients that all come back at once do not cost 20 ms each. Holds no password:
/// what it knows means nothing without a key that dies with the process. Thread-safe.
/// </summary>
internal sealed class VerifiedCredentials
{
    private const int MostEntries = 1024;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private readonly HashSet<UInt128> _known = [];
    private readonly Queue<UInt128> _inOrder = new();

    /// <param name="hash">The stored hash: credentials that were good for another one are not good for this one.</param>
    /// <param name="password">What the user came with.</param>
    public bool Contains(string hash, string password)
    {
        UInt128 tag = TagOf(hash, password);
        lock (_gate) return _known.Contains(tag);
    }

    public void Add(string hash, string password)
    {
        UInt128 tag = TagOf(hash, password);
        lock (_gate)
        {
            if (!_known.Add(tag)) return;
            _inOrder.Enqueue(tag);
            if (_inOrder.Count > MostEntries) _known.Remove(_inOrder.Dequeue());
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _known.Clear();
            _inOrder.Clear();
        }
    }

    // A stored hash has a salt and no zero in it, so it stands for its user and ends where the password begins.
    private UInt128 TagOf(string hash, string password)
    {
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{hash}\0{password}"), tag);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(tag);
    }
}
