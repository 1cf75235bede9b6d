namespace Fibril.Dashboard.Api.Models;

/// <summary>The served certificate: <c>GET /admin/api/tls</c>, which is null while TLS is off.</summary>
/// <param name="Fingerprint">SHA-256, as hex pairs with colons.</param>
/// <param name="NotBeforeUnix">Unix seconds.</param>
/// <param name="NotAfterUnix">Unix seconds.</param>
/// <param name="Subject">Whom it names.</param>
/// <param name="IssuerFingerprint">Of the CA that is served with it; null when none is.</param>
public sealed record TlsCertificate(string Fingerprint, long NotBeforeUnix, long NotAfterUnix, string Subject, string? IssuerFingerprint);

/// <summary>The answer of <c>POST /admin/api/tls/reload</c>.</summary>
public sealed record TlsReloaded(bool Reloaded, string LeafSha256, long NotAfterUnix);

/// <summary>A stored user: <c>GET /admin/api/users</c>.</summary>
/// <param name="Username">The name.</param>
/// <param name="CreatedMs">Unix milliseconds.</param>
/// <param name="UpdatedMs">Unix milliseconds of the last change.</param>
/// <param name="Role">At the admin listener.</param>
/// <param name="Permissions">At the broker listener; empty for everything.</param>
public sealed record UserRow(string Username, long CreatedMs, long UpdatedMs, Role Role, IReadOnlyList<TopicRule> Permissions);

/// <summary>What a user may do with the topics that a pattern matches.</summary>
/// <param name="Topic">Each <c>*</c> stands for any number of characters.</param>
/// <param name="Ops">What is allowed there.</param>
public sealed record TopicRule(string Topic, IReadOnlyList<TopicOperation> Ops)
{
    public override string ToString() => $"{Topic}: {string.Join(", ", Ops.Select(static operation => operation.ToString().ToLowerInvariant()))}";
}

/// <summary>What can be done with a topic.</summary>
public enum TopicOperation
{
    Publish,
    Consume,
    Manage,
}
