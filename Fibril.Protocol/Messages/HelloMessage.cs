using System.Text;

namespace Fibril.Protocol;

/// <summary>The identity of a session, as HELLO_OK gives it and a later HELLO offers it.</summary>
/// <param name="OwnerId">The broker's session store.</param>
/// <param name="ClientId">The session.</param>
/// <param name="ResumeToken">The secret that proves the session; left out of <see cref="object.ToString"/>.</param>
public readonly record struct ResumeIdentity(Guid OwnerId, Guid ClientId, Guid ResumeToken)
{
    internal const int EncodedBytes = 48;

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUuid(OwnerId);
        writer.WriteUuid(ClientId);
        writer.WriteUuid(ResumeToken);
    }

    internal static ResumeIdentity Read(scoped ref WireReader reader) =>
        new(reader.ReadUuid(), reader.ReadUuid(), reader.ReadUuid());

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("OwnerId = ").Append(OwnerId).Append(", ClientId = ").Append(ClientId);
        return true;
    }
}

/// <summary>HELLO: opens the connection and optionally asks to resume a session.</summary>
/// <param name="ClientName">Free text for logs and dashboards.</param>
/// <param name="ClientVersion">Free text; may be empty.</param>
/// <param name="ProtocolVersion">Highest version the client speaks.</param>
/// <param name="Resume">The identity from an earlier HELLO_OK of this broker; null on a first connect.</param>
public sealed record HelloMessage(string ClientName, string ClientVersion, ushort ProtocolVersion, ResumeIdentity? Resume)
    : IWireMessage<HelloMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Hello;

    /// <inheritdoc/>
    public static uint Magic => Magics.Hello;

    /// <inheritdoc/>
    public int MeasureFields() =>
        WireWriter.Measure(ClientName) + WireWriter.Measure(ClientVersion) + 2 + 1 + (Resume is null ? 0 : ResumeIdentity.EncodedBytes);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(ClientName);
        writer.WriteString(ClientVersion);
        writer.WriteU16(ProtocolVersion);
        writer.WriteBool(Resume.HasValue);
        Resume?.Write(ref writer);
    }

    /// <inheritdoc/>
    public static HelloMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadString(),
        reader.ReadString(),
        reader.ReadU16(),
        reader.ReadOption() ? ResumeIdentity.Read(ref reader) : null);
}
