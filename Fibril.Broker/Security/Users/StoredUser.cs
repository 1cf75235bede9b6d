namespace Fibril.Broker.Security.Users;

/// <summary>One user as stored.</summary>
/// <param name="Name">Unique, compared byte by byte.</param>
/// <param name="PasswordHash">Argon2id in PHC text form; never shown.</param>
/// <param name="CreatedMs">Unix milliseconds.</param>
/// <param name="UpdatedMs">Unix milliseconds of the last change of password, role or rules.</param>
/// <param name="Role">What the user may do on the admin surface.</param>
/// <param name="Rules">What the user may do on the broker; empty for everything.</param>
internal sealed record StoredUser(
    string Name, string PasswordHash, long CreatedMs, long UpdatedMs, UserRole Role, IReadOnlyList<TopicRule> Rules)
{
    /// <summary>Names the user only: hashes never reach a log.</summary>
    public override string ToString() => Name;
}
