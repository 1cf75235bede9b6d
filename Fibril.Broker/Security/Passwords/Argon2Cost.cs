namespace Fibril.Broker.Security.Passwords;

/// <summary>What one look at a password costs; a hash states it, so that it can be raised later.</summary>
/// <param name="MemoryKiB">Memory in KiB.</param>
/// <param name="Passes">How often the memory is gone through.</param>
internal sealed record Argon2Cost(int MemoryKiB, int Passes)
{
    /// <summary>19 MiB, two passes, one lane: what OWASP asks for at least; about 20 ms of one processor.</summary>
    public static Argon2Cost Default { get; } = new(19 * 1024, 2);
}
