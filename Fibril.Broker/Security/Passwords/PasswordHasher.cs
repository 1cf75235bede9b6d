using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Fibril.Broker.Security.Passwords;

/// <summary>Makes hashes of passwords and compares passwords with them: Argon2id. Blocks one processor for about 20 ms. Thread-safe.</summary>
internal sealed class PasswordHasher(Argon2Cost cost)
{
    // Nobody has this password: comparing with it costs what comparing with a real one does.
    private readonly PasswordHash _nobodys = new(
        cost, RandomNumberGenerator.GetBytes(PasswordHash.SaltBytes), RandomNumberGenerator.GetBytes(PasswordHash.DigestBytes));

    public string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(PasswordHash.SaltBytes);
        return new PasswordHash(cost, salt, Derive(cost, password, salt)).ToString();
    }

    /// <summary>Compares a password with a hash; with that of nobody when there is none, which takes as long.</summary>
    public bool Verify(string password, string? hash)
    {
        bool isKnown = PasswordHash.TryParse(hash ?? "", out PasswordHash? expected);
        expected ??= _nobodys;
        byte[] digest = Derive(expected.Cost, password, expected.Salt);
        return CryptographicOperations.FixedTimeEquals(digest, expected.Digest) & isKnown;
    }

    /// <summary>True for a hash that costs an attacker something else than one that is made now.</summary>
    public bool IsOutdated(string hash) => !PasswordHash.TryParse(hash, out PasswordHash? parsed) || parsed.Cost != cost;

    private static byte[] Derive(Argon2Cost cost, string password, byte[] salt)
    {
        var argon = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKiB, NumberOfPasses = cost.Passes });
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            return argon.DeriveBytes(bytes, salt, PasswordHash.DigestBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
