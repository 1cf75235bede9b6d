using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Fibril.Protocol;

namespace Fibril.Tests.Protocol.Reference;

/// <summary>A body and the places where it can be broken.</summary>
internal sealed record EncodedBody(byte[] Bytes, IReadOnlyList<Mark> Marks, int? TrailingStart);

/// <summary>The layout of one message: a second, independent statement of what goes over the wire.</summary>
internal sealed class Layout(OpCode opCode, string magic, StructType fields)
{
    internal OpCode OpCode => opCode;

    internal Gen<JsonObject> Messages => fields.Objects;

    internal JsonObject Smallest => (JsonObject)fields.Smallest!;

    internal EncodedBody Encode(JsonObject message)
    {
        var writer = new ReferenceWriter();
        writer.Raw(Encoding.ASCII.GetBytes(magic));
        fields.Write(writer, message);
        return new EncodedBody(writer.Written, writer.Marks, writer.TrailingStart);
    }

    /// <summary>The fields, or null when the body is malformed.</summary>
    internal JsonObject? Decode(byte[] body)
    {
        var reader = new ReferenceReader(body);
        try
        {
            if (Encoding.ASCII.GetString(reader.Take((uint)magic.Length)) != magic) return null;
            var message = (JsonObject)fields.Read(reader)!;
            return reader.AtEnd ? message : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
