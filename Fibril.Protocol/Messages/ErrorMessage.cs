namespace Fibril.Protocol;

/// <summary>ERROR, and the body of HELLO_ERR, AUTH_ERR and SUBSCRIBE_ERR (use <see cref="Frame.WriteError"/> for those).</summary>
/// <param name="Code">Clients branch on the code only.</param>
/// <param name="Message">For people; never parsed.</param>
public sealed record ErrorMessage(ErrorCode Code, string Message) : IWireMessage<ErrorMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Error;

    /// <inheritdoc/>
    public static uint Magic => Magics.Error;

    /// <inheritdoc/>
    public int MeasureFields() => 2 + WireWriter.Measure(Message);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteU16((ushort)Code);
        writer.WriteString(Message);
    }

    /// <inheritdoc/>
    public static ErrorMessage ReadFields(scoped ref WireReader reader) => new((ErrorCode)reader.ReadU16(), reader.ReadString());
}
