using System.Text.Json;
using System.Text.Json.Serialization;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Hosting.Setup;

/// <summary>Everything that a setup writes, checked and ready. Holds secrets, and hashes of passwords instead of passwords.</summary>
/// <param name="Overlay">Text of the configuration layer.</param>
/// <param name="CertificatePem">Pasted chain; null when there is none.</param>
/// <param name="KeyPem">Its key.</param>
/// <param name="ClusterSecret">Null leaves it as it is.</param>
/// <param name="Users">Users to make, or to give another password and role.</param>
internal sealed record SetupPlan(string Overlay, string? CertificatePem, string? KeyPem, string? ClusterSecret, IReadOnlyList<PlannedUser> Users)
{
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, SetupJson.Default.SetupPlan);

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static SetupPlan Decode(ReadOnlySpan<byte> text, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(text, SetupJson.Default.SetupPlan) ?? throw new InvalidDataException($"{path} is empty.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path} is not what the setup wrote there. Remove it and go through the setup again.", broken);
        }
    }

    /// <summary>Names no secret.</summary>
    public override string ToString() => nameof(SetupPlan);
}

/// <param name="Name">Checked.</param>
/// <param name="PasswordHash">Argon2id in PHC text form.</param>
/// <param name="Role">On the admin listener.</param>
internal sealed record PlannedUser(string Name, string PasswordHash, UserRole Role)
{
    /// <summary>Names the user only.</summary>
    public override string ToString() => Name;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SetupPlan))]
internal sealed partial class SetupJson : JsonSerializerContext;
