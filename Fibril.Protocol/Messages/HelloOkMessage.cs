namespace Fibril.Protocol;

/// <summary>HELLO_OK: the connection is open and belongs to this session. Says nothing about credentials.</summary>
/// <param name="ProtocolVersion">Version spoken from here on. A client drops the connection unless it is 1.</param>
/// <param name="Identity">What a later HELLO to the same broker offers in order to resume.</param>
/// <param name="Outcome">What became of the resume HELLO asked for.</param>
/// <param name="ServerName">Free text.</param>
/// <param name="Compliance">
/// <see cref="ProtocolDefaults.ComplianceMarker"/>, unchanged: clients compare it byte for byte and drop the connection when it differs.
/// The codec carries any text; the comparison is the client's.
/// </param>
public sealed record HelloOkMessage(
    ushort ProtocolVersion, ResumeIdentity Identity, ResumeOutcome Outcome, string ServerName, string Compliance)
    : IWireMessage<HelloOkMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.HelloOk;

    /// <inheritdoc/>
    public static uint Magic => Magics.HelloOk;

    /// <inheritdoc/>
    public int MeasureFields() => 2 + ResumeIdentity.EncodedBytes + 1 + WireWriter.Measure(ServerName) + WireWriter.Measure(Compliance);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU16(ProtocolVersion);
        Identity.Write(ref writer);
        writer.WriteU8((byte)Outcome);
        writer.WriteString(ServerName);
        writer.WriteString(Compliance);
    }

    /// <inheritdoc/>
    public static HelloOkMessage ReadFields(scoped ref WireReader reader) => new(
        reader.ReadU16(),
        ResumeIdentity.Read(ref reader),
        (ResumeOutcome)reader.ReadClosed8((byte)ResumeOutcome.ResumedAfterRestart),
        reader.ReadString(),
        reader.ReadString());
}
