using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fibril.Broker.Security.Passwords;

/// <summary>An Argon2id hash with everything that is needed to compare a password with it, as its PHC text states it.</summary>
internal sealed record PasswordHash(Argon2Cost Cost, byte[] Salt, byte[] Digest)
{
    public const int SaltBytes = 16;
    public const int DigestBytes = 32;

    // A document that was tampered with must not make the broker take all memory.
    private const int MostMemoryKiB = 1 << 20;
    private const int MostPasses = 64;

    public static bool TryParse(string text, [NotNullWhen(true)] out PasswordHash? hash)
    {
        hash = null;
        string[] parts = text.Split('$');
        if (parts is not ["", "argon2id", "v=19", var cost, var salt, var digest]) return false;
        string[] costs = cost.Split(',');
        if (costs.Length != 3 || costs[2] != "p=1") return false; // libsodium has one lane
        if (!TryParse(costs[0], "m=", MostMemoryKiB, out int memory) || !TryParse(costs[1], "t=", MostPasses, out int passes)) return false;
        if (!TryDecode(salt, SaltBytes, out byte[] saltBytes) || !TryDecode(digest, DigestBytes, out byte[] digestBytes)) return false;
        hash = new PasswordHash(new Argon2Cost(memory, passes), saltBytes, digestBytes);
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={Cost.MemoryKiB},t={Cost.Passes},p=1${Encode(Salt)}${Encode(Digest)}");

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static bool TryDecode(string text, int bytes, out byte[] decoded)
    {
        decoded = new byte[bytes];
        string padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        return Convert.TryFromBase64String(padded, decoded, out int written) && written == bytes;
    }

    private static bool TryParse(string text, string prefix, int most, out int value)
    {
        value = 0;
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= 1 && value <= most;
    }
}
