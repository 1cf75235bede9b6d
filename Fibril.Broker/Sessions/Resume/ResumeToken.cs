using System.Security.Cryptography;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>Resume tokens: random, compared in constant time, and stored as a hash only .</summary>
internal static class ResumeToken
{
    private const int TokenBytes = 16;

    public const int HashBytes = SHA256.HashSizeInBytes;

    public static Guid New()
    {
        // As a random uuid is written: version 4, variant 1.
        Span<byte> bytes = stackalloc byte[TokenBytes];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    public static bool AreEqual(Guid left, Guid right)
    {
        Span<byte> a = stackalloc byte[TokenBytes];
        Span<byte> b = stackalloc byte[TokenBytes];
        left.TryWriteBytes(a);
        right.TryWriteBytes(b);
        return CryptographicOperations.FixedTimeEquals(a, b);
    }

    public static byte[] Hash(Guid token)
    {
        Span<byte> bytes = stackalloc byte[TokenBytes];
        token.TryWriteBytes(bytes, bigEndian: true, out _);
        return SHA256.HashData(bytes);
    }

    public static bool Matches(Guid token, ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(token), hash);
}
