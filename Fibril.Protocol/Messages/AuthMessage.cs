using System.Text;

namespace Fibril.Protocol;

/// <summary>AUTH: credentials for this connection.</summary>
/// <param name="Username">Names that start with <c>@</c> belong to nodes of the cluster.</param>
/// <param name="Password">Clear text on the wire; left out of <see cref="object.ToString"/>.</param>
public sealed record AuthMessage(string Username, string Password) : IWireMessage<AuthMessage>
{
    /// <inheritdoc/>
    public static OpCode OpCode => OpCode.Auth;

    /// <inheritdoc/>
    public static uint Magic => Magics.Auth;

    /// <inheritdoc/>
    public int MeasureFields() => WireWriter.Measure(Username) + WireWriter.Measure(Password);

    /// <inheritdoc/>
    public void WriteFields(ref WireWriter writer)
    {
        writer.WriteString(Username);
        writer.WriteString(Password);
    }

    /// <inheritdoc/>
    public static AuthMessage ReadFields(scoped ref WireReader reader) => new(reader.ReadString(), reader.ReadString());

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Username = ").Append(Username);
        return true;
    }
}
